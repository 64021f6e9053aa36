import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.arrivals import Arrival, play
from tests.oracle.generate import histories, seeded_history
from tests.oracle.oracle import Oracle
from tests.oracle.rules import Record
from tests.unit.folding import Folding, fold

_CONTRACT = ("MISKEYED", "MISROUTED", "BAD_IDENTIFIER", "BAD_ORIGIN", "FUTURE_TIME", "BAD_TIME")
_IS_PLAIN = os.environ.get("NUMBA_DISABLE_JIT") == "1"
_ROOT = Path(__file__).resolve().parents[2]


def _never(_: int) -> bool:
    return False


def _always(_: int) -> bool:
    return True


def _folded(arrivals: Sequence[Arrival], oracle: Oracle, is_cut: Callable[[int], bool]) -> Folding:
    return fold(
        arrivals,
        is_cut,
        reaches_fold=lambda ordinal: oracle.decisions[ordinal]["reason"] not in _CONTRACT,
    )


def _same(told: Sequence[Record], expected: Sequence[Record]) -> None:
    """Asserts that records are equal in all that the fold tells."""
    assert told == [{name: one[name] for name in mine} for mine, one in zip(told, expected, strict=False)]
    assert len(told) == len(expected)


def _assert_alike(folding: Folding, oracle: Oracle) -> None:
    kept = {at: one for at, one in oracle.decisions.items() if one["reason"] not in _CONTRACT}
    assert list(folding.decisions) == list(kept)
    _same(list(folding.decisions.values()), list(kept.values()))
    _same(folding.revisions, oracle.revisions)
    _same(folding.alerts, oracle.alerts)
    units = folding.units()
    assert sorted(units) == sorted(oracle.units)
    _same(list(units.values()), [oracle.units[key] for key in units])
    for ordinal, (result, reason) in folding.acts.items():
        assert (oracle.acts[ordinal]["result"], oracle.acts[ordinal]["reason"]) == (result, reason)


@pytest.mark.parametrize("seed", range(4 if _IS_PLAIN else 60))
def test_the_fold_tells_what_the_oracle_tells_however_the_batches_are_cut(seed: int) -> None:
    _assert_alike_however_cut(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10_000, 12_000))
def test_the_fold_tells_what_the_oracle_tells_of_thousands_of_histories(seed: int) -> None:
    _assert_alike_however_cut(seed)


def _assert_alike_however_cut(seed: int) -> None:
    arrivals = seeded_history(seed, 300)
    oracle = play(arrivals)
    somewhere = random.Random(seed)  # noqa: S311  no secret
    for is_cut in (_never, _always, lambda _: somewhere.random() < 0.1):
        _assert_alike(_folded(arrivals, oracle, is_cut), oracle)


@settings(max_examples=10 if _IS_PLAIN else 60, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(60), st.sets(st.integers(2, 60)))
def test_the_fold_tells_what_the_oracle_tells_of_any_history(arrivals: list[Arrival], cuts: set[int]) -> None:
    oracle = play(arrivals)
    _assert_alike(_folded(arrivals, oracle, cuts.__contains__), oracle)


@pytest.mark.parametrize("seed", range(2 if _IS_PLAIN else 10))
def test_a_hot_unit_in_one_batch_is_folded_like_any_other(seed: int) -> None:
    arrivals = seeded_history(1000 + seed, 600, ("sku:ACME/PUMP/1",))
    oracle = play(arrivals)
    _assert_alike(_folded(arrivals, oracle, _never), oracle)


@pytest.mark.skipif(_IS_PLAIN, reason="this is the run in plain Python")
def test_the_fold_is_the_same_in_plain_python() -> None:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", __file__]
    run = subprocess.run(command, env=environment, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert run.returncode == 0, run.stdout[-4000:]
