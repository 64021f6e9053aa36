"""Backtests of histories with new labels: what a label makes of scans read before it was known is tried as well."""

import os
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.domain.lifecycle import parse
from pipeline.domain.modes import Mode, modes_to_json, parse_modes
from pipeline.ledger.where import Where
from pipeline.proof.beginnings import Beginnings
from pipeline.proof.comparison import Comparison, words
from pipeline.proof.trial import Candidates, Trial
from tests.oracle.arrivals import SKEW_MS, Arrival, an_internal
from tests.oracle.choose import Chooser, Seeded
from tests.oracle.group_histories import LABELS, group_history
from tests.oracle.lifecycle_loads import lifecycle_texts
from tests.told_history import ToldHistory, arrivals_of
from tests.unit.ledgering import Ledgering
from tests.unit.several import Several
from tests.unit.test_backtest import WHERE, Decisions, newest, told, tried, with_a_load, would_be
from tests.unit.test_containers import rested
from tests.unit.test_labels import NEW, OLD, a_relabelled, labelled, lived, scan

_IS_PLAIN = os.environ.get("NUMBA_DISABLE_JIT") == "1"
_BLOCKED = parse_modes('[{"rule": "UNKNOWN_SITE", "mode": "block"}, {"rule": "IMPOSSIBLE_TRAVEL", "mode": "block"}]')
_OBSERVED = parse_modes(
    '[{"rule": "IMPOSSIBLE_TRAVEL", "mode": "observe"}, {"rule": "CUSTODY_CONFLICT", "mode": "observe"}]'
)
_BEGINNINGS = [(label.encode(), "COMMISSION") for label in LABELS.values()]


def compared(several: Several, partition: int, since: int = 1, begin: int = 1) -> tuple[Comparison, ToldHistory]:
    """Returns a partition's history under the rules as they were; scans before `begin` are lost."""
    arrivals, count = arrivals_of(several, partition), len(several.ledgers)
    history, comparison = ToldHistory(arrivals, several.ledgers[partition], begin), Comparison(since, len(arrivals))
    where = Where(partition, count, SKEW_MS, "scans", "internal")
    trial = Trial(where, Candidates(), comparison, Beginnings() if begin > 1 else None)
    trial.run(history, len(arrivals), lambda _: None)
    comparison.revise(history.revisions())
    return comparison, history


def openings(several: Several, partition: int, since: int = 1) -> Counter[str]:
    alerts = several.ledgers[partition].written["alerts"]
    return Counter(one["kind"] for one in alerts if one["event"] == "OPENED" and one["ordinal"] >= since)


def read_too_early(choose: Chooser, records: int) -> list[Arrival]:
    """Returns a history whose new labels never began by themselves: their scans hang on a label that may come late."""
    arrivals = group_history(choose, records, (*LABELS, *dict.fromkeys(LABELS.values())), labels=LABELS)
    return [one for one in arrivals if (one.key, one.record["step"]) not in _BEGINNINGS]


def assert_as_lived(several: Several, since: int = 1) -> None:
    for partition in range(len(several.ledgers)):
        comparison, history = compared(several, partition, since)
        assert np.array_equal(comparison.live, comparison.would)
        assert np.array_equal(comparison.revisions, history.revisions())
        assert comparison.counted.first_changed == 0
        assert +comparison.counted.openings == openings(several, partition, since)


def decided(comparison: Comparison, codes: str = "would") -> list[tuple[str, str]]:
    return [words(code) for code in getattr(comparison, codes).tolist() if code >= 0]


def test_a_scan_read_before_its_label_is_known_is_revised_in_the_trial_as_it_was_live() -> None:
    several = lived([scan(NEW, "STORE", 5)], a_relabelled(), partitions=1)
    comparison, history = compared(several, 0)
    assert decided(comparison)[0] == decided(comparison, "live")[0] == ("ACCEPTED", "NONE")
    assert len(history.revisions()) == 1
    assert_as_lived(several)


def test_an_alert_that_a_label_opens_would_open() -> None:
    several = lived([scan(NEW, "OBSERVE", 5, "munich")], a_relabelled(), partitions=1)
    comparison, _ = compared(several, 0)
    assert decided(comparison)[0] == ("FLAGGED", "IMPOSSIBLE_TRAVEL")
    assert +comparison.counted.openings == {"IMPOSSIBLE_TRAVEL": 1}
    assert_as_lived(several)


def test_an_alert_that_a_label_opened_before_since_is_not_among_those_that_would_open() -> None:
    several = lived([scan(NEW, "OBSERVE", 5, "munich")], a_relabelled(), [scan(NEW, "STORE", 500)], partitions=1)
    last = len(several.taken[0])
    comparison, _ = compared(several, 0, last)
    assert +comparison.counted.openings == {}
    assert_as_lived(several, last)


def test_what_a_label_revised_and_its_void_revised_back_is_both_in_the_trial() -> None:
    relabelled = a_relabelled()
    void = scan(OLD, "VOID", 6, corrects=relabelled[-1].record["scan_id"])
    several = lived([scan(NEW, "STORE", 5)], relabelled, [void], partitions=1)
    comparison, history = compared(several, 0)
    assert decided(comparison)[0] == ("REJECTED", "UNKNOWN_UNIT")
    assert [row[0] for row in history.revisions().tolist()].count(2) == 2
    assert_as_lived(several)


def test_what_modes_let_pass_a_label_revises_so() -> None:
    several = lived([scan(NEW, "OBSERVE", 5, "munich")], a_relabelled(), partitions=1)
    comparison, _ = tried(arrivals_of(several, 0), modes=_OBSERVED)
    assert decided(comparison, "live")[0] == ("FLAGGED", "IMPOSSIBLE_TRAVEL")
    assert decided(comparison)[0] == ("ACCEPTED", "IMPOSSIBLE_TRAVEL")
    assert +comparison.counted.openings == {}


@pytest.mark.parametrize("seed", range(8 if _IS_PLAIN else 40))
def test_the_rules_as_they_were_make_every_verdict_revision_and_alert_of_new_labels_again(seed: int) -> None:
    choose = Seeded(seed)
    arrivals = read_too_early(choose, choose.pick((25, 40, 60)))
    several = rested(arrivals, choose, choose.pick((1, 2, 3)))
    assert_as_lived(several, choose.pick((1, 1, 20)))


def test_those_histories_have_revisions_and_alerts_that_labels_brought_about() -> None:
    revisions, alerts = 0, 0
    for seed in range(8):
        several = rested(read_too_early(Seeded(seed), 60), Seeded(seed), 1)
        acts = {one["ordinal"] for one in several.ledgers[0].written["acts"] if one["kind"] == "ALIAS"}
        revisions += sum(one["caused_by"] in acts for one in several.ledgers[0].written["revisions"])
        alerts += sum(one["ordinal"] in acts for one in several.ledgers[0].written["alerts"])
    assert min(revisions, alerts) > 5


@settings(max_examples=5 if _IS_PLAIN else 40, suppress_health_check=list(HealthCheck))
@given(labelled())
def test_the_rules_as_they_were_make_any_history_of_new_labels_again(
    group: tuple[list[Arrival], Chooser, int],
) -> None:
    arrivals, choose, partitions = group
    assert_as_lived(rested(arrivals, choose, partitions))


def later_than(since: int, ledgering: Ledgering) -> tuple[Decisions, Counter[str]]:
    """Returns newest decisions and alerts opened after a load at that ordinal, numbered as without it."""
    decisions = {ordinal - 1: decision for ordinal, decision in newest(ledgering).items() if ordinal > since}
    alerts = [one for one in ledgering.written["alerts"] if one["event"] == "OPENED" and one["ordinal"] > since]
    return decisions, Counter(one["kind"] for one in alerts)


@pytest.mark.parametrize("modes", [_BLOCKED, _OBSERVED, ()], ids=["blocked", "observed", "none"])
@pytest.mark.parametrize("seed", range(3 if _IS_PLAIN else 15))
def test_a_trial_of_new_labels_decides_what_the_ledger_decides_once_the_modes_are_loaded(
    seed: int, modes: tuple[Mode, ...]
) -> None:
    choose = Seeded(seed)
    several = rested(read_too_early(choose, 60), choose, 1)
    arrivals, since = arrivals_of(several, 0), 2 + seed % 5 * 6
    comparison, _ = tried(arrivals, since=since, modes=modes)
    load = an_internal("MODES", "modes", modes_to_json(modes), 1)
    loaded = told([*arrivals[: since - 1], load, *arrivals[since - 1 :]])
    assert loaded.written["acts"][-1]["reference_version"] == 2
    assert (would_be(comparison), +comparison.counted.openings) == later_than(since, loaded)


@pytest.mark.parametrize("seed", range(3 if _IS_PLAIN else 15))
def test_a_trial_of_new_labels_decides_what_the_ledger_decides_once_the_lifecycle_is_loaded(seed: int) -> None:
    choose = Seeded(seed)
    several = rested(read_too_early(choose, 60), choose, 1)
    arrivals, since = arrivals_of(several, 0), 2 + seed % 5 * 6
    candidate = parse(lifecycle_texts()[seed % 3][1])
    comparison, _ = tried(arrivals, [candidate], since)
    loaded = told(with_a_load(arrivals, candidate, since))
    assert (would_be(comparison), +comparison.counted.openings) == later_than(since, loaded)


@pytest.mark.parametrize("history", [read_too_early, group_history], ids=["labels", "containers"])
@pytest.mark.parametrize("seed", range(8 if _IS_PLAIN else 40))
def test_units_that_others_told_of_before_their_first_scan_that_is_left_are_left_out_too(
    seed: int, history: Callable[[Chooser, int], list[Arrival]]
) -> None:
    choose = Seeded(seed)
    several, begin = rested(history(choose, 60), choose, 1), choose.pick((5, 15, 30))
    comparison, told_history = compared(several, 0, begin=begin)
    assert np.array_equal(comparison.live, comparison.would)
    would, live = comparison.compared(comparison.revisions), comparison.compared(told_history.revisions())
    assert np.array_equal(would, live)
    assert comparison.counted.first_changed == 0
    assert comparison.counted.left_out > 0


@pytest.mark.parametrize("seed", range(3 if _IS_PLAIN else 15))
def test_of_a_whole_history_no_unit_is_left_out_whatever_is_tried(seed: int) -> None:
    choose = Seeded(seed)
    arrivals = arrivals_of(rested(choose.pick((read_too_early, group_history))(choose, 60), choose, 1), 0)
    candidates = Candidates((parse(lifecycle_texts()[seed % 3][1]),), choose.pick((_BLOCKED, _OBSERVED)))
    comparison = Comparison(1, len(arrivals))
    trial = Trial(WHERE, candidates, comparison, Beginnings())
    trial.run(ToldHistory(arrivals, told(arrivals)), len(arrivals), lambda _: None)
    assert comparison.counted.left_out == 0
    assert len(would_be(comparison)) == sum(one.is_scan for one in arrivals)
