"""The truth written beside a simulation is what the rules, applied by the oracle, make of it."""

from collections import Counter
from dataclasses import replace

import pytest

from pipeline.simulate.plan import Plan
from pipeline.simulate.plants import PLANTS
from pipeline.simulate.score import Score, score_alerts, score_duplicates, score_reasons
from pipeline.simulate.simulation import simulate
from pipeline.simulate.truth import Truth
from tests.simulated_ledger import Told, tell

_PLANS = {
    "retail": Plan.of_scans(6_000, seed=11, anomalies=0.06, late=0.05),
    "retail in waves": Plan(units=300, seed=12, sites=5, late=0.2, anomalies=0.1, wave_units=120),
    "retail that ends now": replace(Plan.of_scans(4_000, seed=14), until=1_780_000_000_000),
    "bench": Plan.bench(scans=4_000, units=400),
}


@pytest.fixture(scope="module", params=list(_PLANS))
def told(request: pytest.FixtureRequest) -> Told:
    return tell(simulate(_PLANS[request.param]))


def test_every_scan_comes_out_as_the_truth_says_and_those_not_listed_are_accepted(told: Told) -> None:
    expected = Counter((truth.scan_id, truth.outcome, truth.reason) for truth in told.truths)
    clean = Counter({scan: count for scan, count in Counter(told.scans).items() if scan[1:] == ("ACCEPTED", "NONE")})

    assert not expected - Counter(told.scans)  # each planted scan is there, decided as expected
    assert not Counter(told.scans) - expected - clean  # and nothing else is anything but accepted


def test_the_alerts_that_stand_are_those_that_are_due(told: Told) -> None:
    assert told.alerts == {(truth.unit, truth.alert) for truth in told.truths if truth.alert}


def test_what_is_packed_moves_as_often_as_the_simulation_says_and_accepted_every_time(told: Told) -> None:
    assert told.derived == told.due


def test_scans_arrive_late_as_often_as_planned(told: Told) -> None:
    assert told.late > 0.01 * len(told.scans)


def test_every_class_is_planted_even_in_a_small_simulation() -> None:
    truths = [truth for batch in simulate(Plan.of_scans(2_000)).batches() for truth in batch.truths]
    assert {truth.planted for truth in truths} == {*PLANTS, "MISTAKE"} - {"PALLET"}


def test_scores_are_perfect_where_all_is_found_and_say_what_is_missing_or_too_much() -> None:
    truths = [Truth(f"s{n}", f"u{n % 2}", "X", "REJECTED", "SEEN_AFTER_END", "SEEN_AFTER_END") for n in range(4)]

    (reason,) = score_reasons(truths, [("s0", "SEEN_AFTER_END"), ("s1", "SEEN_AFTER_END"), ("other", "SEEN_AFTER_END")])
    (alert,) = score_alerts(truths, [("u0", "SEEN_AFTER_END"), ("u1", "SEEN_AFTER_END")])

    assert (reason.recall, reason.precision) == (0.5, 2 / 3)
    assert alert == Score("SEEN_AFTER_END", planted=2, found=2, right=2)
    assert (alert.recall, alert.precision) == (1.0, 1.0)


def test_a_duplicate_is_found_where_its_reason_is_told_and_a_misread_code_where_its_document_pairs_it_too() -> None:
    misread = Truth("s1", "wrong", "NEAR_SERIAL", "REJECTED", "UNKNOWN_UNIT", "", "asn:1", "right")
    legal = Truth("s2", "u", "LEGAL_REENTRY", "ACCEPTED", "NONE", "")
    reasons = [("s1", "UNKNOWN_UNIT"), ("s3", "BURST")]

    def found(*told: Truth, likely: tuple[tuple[str, str, str], ...] = (), also: str = "") -> dict[str, int]:
        scores = score_duplicates(told, [*reasons, (also, "BURST")], likely)
        return {score.kind: score.found for score in scores if score.planted}

    assert found(misread, legal, likely=(("asn:1", "wrong", "right"),)) == {"D10": 1, "D8": 1}
    assert found(misread, likely=(("asn:1", "wrong", "another"),)) == {"D10": 0}
    assert found(legal, also="s2") == {"D8": 0}
