import os
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.arrivals import MINUTE, Arrival, a_scan, arrived, play
from tests.oracle.generate import corrected_history, histories, seeded_history
from tests.oracle.oracle import Oracle
from tests.oracle.rules import Record
from tests.oracle.scenario import Scenario
from tests.oracle.scenarios import SCENARIOS
from tests.unit.ledgering import Ledgering, ledger_of

_IS_PLAIN = os.environ.get("NUMBA_DISABLE_JIT") == "1"
_ROOT = Path(__file__).resolve().parents[2]
_WARRANTY_MS = 730 * 86_400_000  # of the lifecycle retail
_TRADE = ("COMMISSION", "SELL", "SELL", "RETURN", "RETURN", "STORE", "STORE")


def _without(records: Iterable[Record], *names: str) -> list[Record]:
    return [{name: value for name, value in record.items() if name not in names} for record in records]


def _assert_alike(ledgering: Ledgering, oracle: Oracle, arrivals: Sequence[Arrival]) -> None:
    written = ledgering.written
    assert [one["scan"] for one in written["verdicts"]] == [one.record for one in arrivals if one.is_scan]
    decisions = [one["decision"] for one in written["verdicts"]]
    assert _without(decisions, "rules_version", "topic") == list(oracle.decisions.values())
    assert _without(written["revisions"], "rules_version") == oracle.revisions
    assert _without(written["alerts"], "rules_version") == oracle.alerts
    assert _without(written["acts"], "rules_version", "topic", "offset") == list(oracle.acts.values())
    assert written["dead_letters"] == []
    assert ledgering.units() == oracle.units


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_ledger_writes_what_each_scenario_says(scenario: Scenario) -> None:
    places = (scenario.partitions, scenario.partition)
    ledgering = ledger_of(scenario.arrivals, _never, _never, *places)
    _assert_alike(ledgering, play(scenario.arrivals, *places), scenario.arrivals)


def _never(_: int) -> bool:
    return False


def _assert_alike_however_cut(seed: int) -> None:
    arrivals = seeded_history(seed, 300)
    dice = random.Random(seed)  # noqa: S311  no secret
    partitions = dice.choice((1, 1, 2))
    oracle = play(arrivals, partitions)
    whole = ledger_of(arrivals, _never, _never, partitions)
    _assert_alike(whole, oracle, arrivals)
    cuts, owners = (lambda _: dice.random() < 0.2), (lambda _: dice.random() < 0.2)
    pieces = ledger_of(arrivals, cuts, owners, partitions)
    _assert_alike(pieces, oracle, arrivals)
    assert pieces.sent == whole.sent
    assert pieces.kept == whole.kept


@pytest.mark.parametrize("seed", range(4 if _IS_PLAIN else 40))
def test_the_ledger_writes_what_the_oracle_tells_however_cut_and_handed_over(seed: int) -> None:
    _assert_alike_however_cut(seed)


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(100, 120))
def test_the_ledger_writes_what_the_oracle_tells_of_thousands_of_histories(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        _assert_alike_however_cut(seed)


@pytest.mark.parametrize("seed", range(1 if _IS_PLAIN else 8))
def test_a_hot_unit_in_one_batch_is_folded_like_any_other(seed: int) -> None:
    arrivals = seeded_history(1000 + seed, 800, ("sku:ACME/PUMP/1",))
    _assert_alike(ledger_of(arrivals, _never, _never), play(arrivals), arrivals)


@pytest.mark.parametrize("seed", range(1 if _IS_PLAIN else 12))
def test_a_long_life_full_of_corrections_is_decided_alike_however_cut(seed: int) -> None:
    arrivals = corrected_history(seed, 260, "sku:ACME/PUMP/1" if seed % 2 else "sscc:106141412345678908")
    oracle = play(arrivals)
    _assert_alike(ledger_of(arrivals, _never, _never), oracle, arrivals)
    dice = random.Random(seed)  # noqa: S311  no secret
    pieces = ledger_of(arrivals, lambda _: dice.random() < 0.2, lambda _: dice.random() < 0.2)
    _assert_alike(pieces, oracle, arrivals)


@pytest.mark.parametrize("seed", range(1 if _IS_PLAIN else 6))
def test_sales_and_returns_a_warranty_apart_in_any_order_are_decided_alike(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  no secret
    made = -4 * _WARRANTY_MS / MINUTE
    arrivals = [arrived(a_scan(f"sku:ACME/PUMP/{unit}", minute=made, scan_id=f"made {unit}")) for unit in range(4)]
    for number in range(4, 120):
        scan = a_scan(f"sku:ACME/PUMP/{dice.randrange(4)}", dice.choice(_TRADE), scan_id=f"{number}")
        scan["event_time"] -= dice.randrange(4) * _WARRANTY_MS + dice.randrange(-1, 2)
        if number > 9 and dice.random() < 0.1:
            corrected = arrivals[dice.randrange(number)].record
            named = {"item": corrected["item"], "serial": corrected["serial"], "corrects": corrected["scan_id"]}
            scan |= named | {"step": "VOID", "origin": "CORRECTION"}
        arrivals.append(arrived(scan))
    oracle = play(arrivals)
    reasons = [one["reason"] for one in (*oracle.decisions.values(), *oracle.revisions)]
    assert "RETURN_MISMATCH" in reasons
    _assert_alike(ledger_of(arrivals, _never, _never), oracle, arrivals)


@settings(max_examples=5 if _IS_PLAIN else 40, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(60), st.sets(st.integers(2, 60)), st.sets(st.integers(2, 60)))
def test_the_ledger_writes_what_the_oracle_tells_of_any_history(
    arrivals: list[Arrival], cuts: set[int], owners: set[int]
) -> None:
    oracle = play(arrivals)
    _assert_alike(ledger_of(arrivals, cuts.__contains__, owners.__contains__), oracle, arrivals)


@pytest.mark.skipif(_IS_PLAIN, reason="this is the run in plain Python")
def test_the_ledger_is_the_same_in_plain_python() -> None:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", __file__]
    run = subprocess.run(command, env=environment, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert run.returncode == 0, run.stdout[-4000:]
