import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from pipeline.domain.lifecycle import Lifecycle, parse
from pipeline.domain.modes import Mode, modes_to_json, parse_modes
from pipeline.errors import RulesWrong
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.where import Where
from pipeline.proof.beginnings import Beginnings
from pipeline.proof.comparison import NO_SCAN, Comparison, words
from pipeline.proof.trial import Candidates, Trial
from tests.oracle.arrivals import SKEW_MS, Arrival, a_scan, an_internal, arrived
from tests.oracle.choose import Seeded
from tests.oracle.generate import seeded_history
from tests.oracle.lifecycle_loads import lifecycle_texts
from tests.oracle.mode_loads import mode_rows
from tests.told_history import ToldHistory
from tests.unit.ledgering import Ledgering, ledger_of

RETAIL = built_in_lifecycles()[0]
WHERE = Where(0, 1, SKEW_MS, "scans", "internal")
Decisions = dict[int, tuple[str, str]]


def told(arrivals: Sequence[Arrival]) -> Ledgering:
    return ledger_of(arrivals, lambda _: False, lambda _: False)


def tried(
    arrivals: Sequence[Arrival],
    lifecycles: Sequence[Lifecycle] = (),
    since: int = 1,
    begin: int = 1,
    modes: tuple[Mode, ...] | None = None,
) -> tuple[Comparison, ToldHistory]:
    history = ToldHistory(arrivals, told(arrivals), begin)
    comparison = Comparison(since, len(arrivals))
    trial = Trial(WHERE, Candidates(tuple(lifecycles), modes), comparison, Beginnings() if begin > 1 else None)
    trial.run(history, len(arrivals), lambda _: None)
    comparison.revise(history.revisions())
    return comparison, history


def would_be(comparison: Comparison) -> Decisions:
    codes = comparison.would.tolist()
    return {comparison.since + at: words(code) for at, code in enumerate(codes) if code != NO_SCAN}


def newest(ledgering: Ledgering) -> Decisions:
    decided = [one["decision"] for one in ledgering.written["verdicts"]] + ledgering.written["revisions"]
    return {one["ordinal"]: (one["outcome"], one["reason"]) for one in sorted(decided, key=lambda one: one["sequence"])}


def with_a_load(arrivals: Sequence[Arrival], candidate: Lifecycle, at: int) -> list[Arrival]:
    """Returns the history with the candidate loaded at that ordinal; what is loaded of its name later is forgotten."""
    base = told(arrivals[: at - 1])._ledger.reference.version if at > 1 else 0
    later = [one for one in arrivals[at - 1 :] if one.is_scan or one.record["subject"] != candidate.name]
    load = an_internal("LIFECYCLE", candidate.name, candidate.to_json(), base)
    return [*arrivals[: at - 1], load, *later]


def without_loads(arrivals: Sequence[Arrival]) -> list[Arrival]:
    return [one for one in arrivals if one.is_scan or one.record["kind"].startswith("ALERT_")]


@pytest.mark.parametrize("seed", range(12))
def test_the_rules_as_they_were_make_every_verdict_revision_and_alert_again(seed: int) -> None:
    arrivals = seeded_history(seed, 300)
    comparison, history = tried(arrivals, [])
    assert np.array_equal(comparison.live, comparison.would)
    assert np.array_equal(comparison.revisions, history.revisions())
    assert comparison.counted.first_changed == 0
    opened = Counter(one["kind"] for one in told(arrivals).written["alerts"] if one["event"] == "OPENED")
    assert +comparison.counted.openings == opened


@pytest.mark.parametrize("seed", range(12))
def test_a_trial_decides_what_the_ledger_decides_once_the_lifecycle_is_loaded(seed: int) -> None:
    arrivals, since = without_loads(seeded_history(seed, 300)), 1 + seed * 20
    (_, text, _) = lifecycle_texts()[seed % 3]
    candidate = parse(text)
    comparison, _ = tried(arrivals, [candidate], since)
    loaded = newest(told(with_a_load(arrivals, candidate, since)))
    later = {ordinal - 1: decision for ordinal, decision in loaded.items() if ordinal > since}
    assert would_be(comparison) == later


def sound_modes(seed: int) -> tuple[Mode, ...]:
    choose = Seeded(seed)
    return parse_modes(next(text for text, is_good in iter(lambda: mode_rows(choose), None) if is_good))


@pytest.mark.parametrize("seed", range(12))
def test_a_trial_decides_what_the_ledger_decides_once_the_modes_are_loaded_with_a_lifecycle_or_alone(seed: int) -> None:
    arrivals, since, modes = without_loads(seeded_history(seed, 300)), 1 + seed * 20, sound_modes(seed)
    lifecycles = [parse(lifecycle_texts()[seed % 3][1])] if seed % 2 else []
    comparison, _ = tried(arrivals, lifecycles, since, modes=modes)
    loads = [an_internal("LIFECYCLE", one.name, one.to_json(), 0) for one in lifecycles]
    loads.append(an_internal("MODES", "modes", modes_to_json(modes), len(loads)))
    loaded = newest(told([*arrivals[: since - 1], *loads, *arrivals[since - 1 :]]))
    added = len(loads)
    later = {ordinal - added: decision for ordinal, decision in loaded.items() if ordinal >= since + added}
    assert would_be(comparison) == later


@pytest.mark.parametrize("seed", range(6))
def test_the_modes_in_force_make_every_verdict_and_revision_again(seed: int) -> None:
    modes, arrivals = sound_modes(seed), without_loads(seeded_history(seed, 300))
    live = [an_internal("MODES", "modes", modes_to_json(modes), 0), *arrivals]
    comparison, history = tried(live, modes=modes)
    assert np.array_equal(comparison.live, comparison.would)
    assert np.array_equal(comparison.revisions, history.revisions())
    by_default, _ = tried(live, modes=())
    assert would_be(by_default) == {at + 1: decision for at, decision in newest(told(arrivals)).items()}


def test_modes_that_the_log_loads_later_stay_out_of_force_and_count_as_a_version() -> None:
    strict = parse_modes('[{"rule": "UNKNOWN_SITE", "mode": "block"}]')
    loose = an_internal("MODES", "modes", [{"rule": "UNKNOWN_SITE", "mode": "observe"}], 0)
    arrivals = [arrived(a_scan()), loose, an_internal("SITES", "s", [{"name": "berlin"}], 1)]
    arrivals += [arrived(a_scan(step="SHIP", minute=9, scan_id="2", site="munich"))]
    comparison, _ = tried(arrivals, modes=strict)
    assert would_be(comparison) == {1: ("REJECTED", "UNKNOWN_SITE"), 4: ("REJECTED", "UNKNOWN_UNIT")}
    as_was, _ = tried(arrivals)
    assert would_be(as_was) == {1: ("FLAGGED", "UNKNOWN_SITE"), 4: ("ACCEPTED", "UNKNOWN_SITE")}


def test_what_the_log_loads_of_the_candidates_name_stays_out_of_force_and_counts_as_a_version() -> None:
    strict = replace(RETAIL, double_scan_ms=0)
    loads = [
        an_internal("LIFECYCLE", "retail", RETAIL.to_json(), 0),
        an_internal("SITES", "s", [{"name": "berlin"}], 1),
    ]
    twice = [arrived(a_scan(step="STORE", minute=minute, scan_id=str(minute), reader="r")) for minute in (2, 2.01)]
    arrivals = [arrived(a_scan()), *loads, *twice]
    comparison, _ = tried(arrivals, [strict])
    assert would_be(comparison) == {1: ("FLAGGED", "UNKNOWN_SITE"), 4: ("ACCEPTED", "NONE"), 5: ("ACCEPTED", "NONE")}
    assert [words(code) for code in comparison.live[3:].tolist()] == [("ACCEPTED", "NONE"), ("REPEATED", "DOUBLE_SCAN")]


def test_before_since_units_are_as_they_were() -> None:
    no_sale = {state: {k: v for k, v in row.items() if k != "SELL"} for state, row in RETAIL.transitions.items()}
    candidate = replace(RETAIL, transitions=no_sale)
    steps = ["COMMISSION", "SELL", "RETURN", "STORE", "SELL"]
    arrivals = [arrived(a_scan(step=step, minute=60 * at, scan_id=str(at))) for at, step in enumerate(steps)]
    later, _ = tried(arrivals, [candidate], since=3)
    assert [decision[0] for decision in would_be(later).values()] == ["FLAGGED", "FLAGGED", "REJECTED"]
    whole, _ = tried(arrivals, [candidate])
    assert would_be(whole)[2] == ("REJECTED", "ILLEGAL_TRANSITION")
    assert would_be(whole)[3] == ("REJECTED", "RETURN_NOT_SOLD")


def test_a_candidate_that_drops_a_state_is_refused_with_the_states_there_are() -> None:
    candidate = parse(json.dumps(json.loads(lifecycle_texts()[4][1])))
    with pytest.raises(RulesWrong, match="its states begin with COMMISSIONED, PACKED"):
        tried([arrived(a_scan())], [candidate])


def test_units_whose_beginning_is_lost_are_left_out_and_counted() -> None:
    old, new = "sku:ACME/PUMP/old", "sku:ACME/PUMP/new"
    arrivals = [
        arrived(a_scan(old, "COMMISSION", 0)),
        arrived(a_scan(new, "COMMISSION", 1)),
        arrived(a_scan(old, "SELL", 2)),
        arrived(a_scan(new, "SELL", 2)),
        arrived(a_scan(old, "RETURN", 300)),
    ]
    comparison, _ = tried(arrivals, [], begin=2)
    assert sorted(would_be(comparison)) == [2, 4]
    assert np.array_equal(comparison.live, comparison.would)
    assert comparison.counted.left_out == 2
