"""Findings told to a ledger: alerts are opened, counted, retracted; a person's close holds; the wrong is refused."""

import json
import math
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.finding import Finding, Window, content_of
from pipeline.domain.raised import KEPT_AHEAD, KEPT_ENDED, KEPT_LIVE, KEPT_WITHDRAWN, Raised
from pipeline.domain.routing import partition_of
from pipeline.domain.verdict import EVENT_CLOSED, EVENT_OPENED, FINDING_KINDS
from pipeline.ledger import findings
from pipeline.ledger.outputs import finding_key
from pipeline.ledger.rare import alert_id
from pipeline.wire.finding import decode_raised, encode_raised
from tests.oracle.arrivals import T0, Arrival, a_scan, an_internal, arrived
from tests.oracle.findings import KIND, PALLET, SITE, FindingsOracle, a_finding, acted, told
from tests.unit.ledgering import Ledgering, ledger_of

ACTS = ("ALERT_ACKNOWLEDGE", "ALERT_CLOSE", "ALERT_REOPEN")
CLOSE = acted("ALERT_CLOSE", 1)
_DAY_MS = 86_400_000


def ledger(*arrivals: Arrival) -> Ledgering:
    ledgering = Ledgering()
    ledgering.take(arrivals)
    return ledgering


def changes(*arrivals: Arrival) -> list[tuple[str, int, int]]:
    """Returns event, opening and count of each change of an alert."""
    return [(one["event"], one["opening"], one["count"]) for one in ledger(*arrivals).written["alerts"]]


def results(*arrivals: Arrival) -> list[tuple[str, str]]:
    return [(act["result"], act["reason"]) for act in ledger(*arrivals).written["acts"]]


def test_a_finding_that_holds_opens_an_alert_of_its_subject() -> None:
    (alert,) = ledger(told(a_finding(PALLET, 3))).written["alerts"]
    assert (alert["subject"], alert["kind"], alert["status"], alert["count"]) == (PALLET, KIND, "OPEN", 1)
    assert alert["id"] == alert_id(PALLET, KIND, 1)
    assert (alert["author"], alert["site"], alert["event_time"]) == ("", "", a_finding(PALLET, 3).window.begin)


def test_an_alert_of_a_site_names_the_site() -> None:
    (alert,) = ledger(told(a_finding(SITE))).written["alerts"]
    assert alert["site"] == "munich"


def test_repetitions_and_other_findings_of_the_subject_are_counted_while_it_is_open() -> None:
    one, other = told(a_finding()), told(a_finding(minute=9))
    assert changes(one, one, other, acted("ALERT_ACKNOWLEDGE", 1), one) == [("OPENED", 1, 1), ("ACKNOWLEDGED", 1, 3)]
    assert results(one, one, other) == [("APPLIED", f"opening 1, count {count}") for count in (1, 2, 3)]


def test_an_alert_is_retracted_with_the_last_finding_that_holds() -> None:
    gone = told(a_finding(holds=False)), told(a_finding(minute=9, holds=False))
    found = changes(told(a_finding()), told(a_finding()), told(a_finding(minute=9)), *gone)
    assert found == [("OPENED", 1, 1), ("RETRACTED", 1, 0)]


def test_a_finding_that_holds_again_starts_the_next_opening() -> None:
    once = told(a_finding()), told(a_finding(holds=False))
    assert [change[:2] for change in changes(*once, *once)] == [
        ("OPENED", 1), ("RETRACTED", 1), ("OPENED", 2), ("RETRACTED", 2),
    ]  # fmt: skip


def test_a_person_s_close_holds_against_repetitions_and_retractions_but_not_against_new_findings() -> None:
    closed = told(a_finding()), CLOSE
    assert changes(*closed, told(a_finding())) == [("OPENED", 1, 1), ("CLOSED", 1, 1)]
    assert changes(*closed, told(a_finding(holds=False))) == [("OPENED", 1, 1), ("CLOSED", 1, 1)]
    assert changes(*closed, told(a_finding(minute=9)))[-1] == ("OPENED", 2, 1)
    assert results(*closed, told(a_finding()))[-1] == ("STALE", "closed")


def test_acts_on_an_alert_of_findings_apply_once_and_to_the_newest_opening() -> None:
    opened = told(a_finding())
    reopened = opened, CLOSE, acted("ALERT_REOPEN", 1)
    assert changes(*reopened)[-1] == ("REOPENED", 1, 1)
    assert changes(*reopened, told(a_finding(holds=False)))[-1] == ("RETRACTED", 1, 0)
    assert results(opened, acted("ALERT_ACKNOWLEDGE", 1), acted("ALERT_ACKNOWLEDGE", 1))[-1] == ("STALE", "status")
    assert results(opened, acted("ALERT_CLOSE", 2))[-1] == ("STALE", "opening")
    assert results(acted("ALERT_CLOSE", 1))[-1] == ("STALE", "opening")
    assert results(opened, acted("ALERT_CLOSE", 1, kind="SILENT_SITE"))[-1] == ("STALE", "opening")


def test_an_act_says_who_and_why() -> None:
    alert = ledger(told(a_finding()), CLOSE).written["alerts"][-1]
    assert (alert["author"], alert["reason"], alert["site"], alert["event_time"]) == ("ada", "seen to", "", None)


def test_statements_with_versions_come_to_the_same_whichever_comes_first() -> None:
    event, declared = told(a_finding(version=0)), told(a_finding(version=1, holds=False))
    assert changes(event, event, declared, event) == [("OPENED", 1, 1), ("RETRACTED", 1, 0)]
    assert changes(declared, event) == []
    assert results(declared, event)[-1] == ("STALE", "version")


@pytest.mark.parametrize("kind", FINDING_KINDS)
@pytest.mark.parametrize("subject", [SITE, PALLET, "lot:sku:ACME/PUMP/L7", "item:gtin:09506000134352"])
def test_every_kind_is_taken_of_every_subject(kind: str, subject: str) -> None:
    assert results(told(a_finding(subject, kind=kind))) == [("APPLIED", "opening 1, count 1")]


GOOD = json.loads(told(a_finding()).record["content"])
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no JSON": ({"content": "{"}, "content: no JSON"),
    "JSON too deep": ({"content": "[" * 200_000}, "content: no JSON"),
    "a list": ({"content": "[]"}, "content: wants an object"),
    "no evidence": ({"content": json.dumps(GOOD | {"evidence": 1})}, "content: wants an object"),
    "not a number": ({"content": json.dumps(GOOD | {"evidence": {"x": math.nan}})}, "content: no JSON"),
    "an infinite number": ({"content": json.dumps(GOOD | {"evidence": {"x": [-math.inf]}})}, "content: no JSON"),
    "a number beyond all": ({"content": json.dumps(GOOD)[:-1] + ', "more": 1e999}'}, "content: no JSON"),
    "half a surrogate": ({"content": json.dumps(GOOD | {"evidence": {"x": "\ud800"}})}, "content: no JSON"),
    "an unknown kind": ({"content": json.dumps(GOOD | {"kind": "SENSOR_ALRM"})}, "kind: 'SENSOR_ALRM' is no kind"),
    "a kind that is a list": ({"content": json.dumps(GOOD | {"kind": []})}, "kind: '[]'"),
    "a kind of scans": ({"content": json.dumps(GOOD | {"kind": "SEEN_AFTER_END"})}, "kind: 'SEEN_AFTER_END'"),
    "no window": ({"content": json.dumps(GOOD | {"window": 5})}, "window: wants from"),
    "a window before time": ({"content": json.dumps(GOOD | {"window": {"from": -1}})}, "window: from"),
    "a window of reals": ({"content": json.dumps(GOOD | {"window": {"from": 1.5}})}, "window: from"),
    "a window backwards": ({"content": json.dumps(GOOD | {"window": {"from": 5, "to": 4}})}, "window: ends"),
    "an endless number": ({"content": json.dumps(GOOD | {"version": 1 << 60})}, "content: version"),
    "an endless name": (
        {"content": json.dumps(GOOD | {"window": {"from": 5, "name": "n" * 401}})},
        "content: name wants",
    ),
    "a site that is a number": ({"content": json.dumps(GOOD | {"site": 5})}, "content: site wants"),
    "neither yes nor no": ({"content": json.dumps(GOOD | {"holds": 1})}, "holds: wants true or false"),
    "another id": ({"id": "0" * 32}, "id: is not hash"),
    "no subject": ({"subject": ""}, "subject: wants unit:KEY"),
    "an unknown subject": ({"subject": "person:ada"}, "subject: wants unit:KEY"),
    "a nameless subject": ({"subject": "site:"}, "subject: wants unit:KEY"),
    "no unit": ({"subject": "unit:x"}, "subject: "),
    "a NUL": ({"subject": "site:a\0b"}, "subject: no NUL"),
    "an endless subject": ({"subject": "site:" + "é" * 600}, "subject: no NUL"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense_is_refused_with_what_is_wrong_and_changes_nothing(name: str) -> None:
    changed, why = WRONG[name]
    ledgering = ledger(told(a_finding(), **changed))
    (act,) = ledgering.written["acts"]
    assert act["result"] == "REFUSED"
    assert act["reason"].startswith(why)
    assert len(act["reason"]) <= 200
    assert ledgering.written["alerts"] == []
    assert not any(b"finding" in key for key in ledgering.kept)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_finding_is_written_that_would_be_refused_for_its_numbers(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        content_of(a_finding(), {"seen": [number]})


@pytest.mark.parametrize("act", ACTS)
def test_an_act_on_what_no_finding_can_be_of_is_stale(act: str) -> None:
    assert results(acted(act, 1, "site:\0x"), acted(act, 1, "")) == [("STALE", "opening")] * 2


def test_a_finding_in_another_partition_than_its_subject_s_is_refused() -> None:
    wrong = 1 - partition_of(SITE.encode(), 2)
    ledgering = Ledgering(2, wrong)
    ledgering.take([told(a_finding())])
    assert [(act["result"], act["reason"]) for act in ledgering.written["acts"]] == [("REFUSED", "partition")]


def test_a_unit_s_own_alerts_are_untouched_by_findings_of_it() -> None:
    key = PALLET.removeprefix("unit:")
    scans = [arrived(a_scan(key, "RETIRE", 5)), arrived(a_scan(key, "SHIP", 9))]
    ledgering = ledger_of([*scans, told(a_finding(PALLET)), CLOSE], lambda _: False, lambda _: False)
    close = an_internal("ALERT_CLOSE", key, {"kind": "SEEN_AFTER_END", "opening": 1})
    ledgering.take([close])
    kinds = [(alert["kind"], alert["event"]) for alert in ledgering.written["alerts"]]
    assert kinds == [("SEEN_AFTER_END", "OPENED"), (KIND, "OPENED"), ("SEEN_AFTER_END", "CLOSED")]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
parts = st.sampled_from(["kind", "window", "holds", "evidence", "version", "site"])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(parts, anything, max_size=3), st.dictionaries(st.sampled_from(["from", "to", "name"]), anything))
def test_whatever_a_record_says_it_is_a_finding_or_refused(wrong: dict[str, Any], window: dict[str, Any]) -> None:
    content = GOOD | {"window": GOOD["window"] | window} | wrong
    for changed in ({"content": json.dumps(content)}, {"id": "x", "content": json.dumps(wrong)}):
        (act,) = ledger(told(a_finding(), **changed)).written["acts"]
        assert (act["result"], len(act["reason"]) <= 200) in (("APPLIED", True), ("REFUSED", True))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12), st.sampled_from(["", "unit:", "site:", "lot:", "item:"]))
def test_whatever_the_subject_is_it_is_one_or_refused(text: str, begins: str) -> None:
    finding = a_finding(begins + text.encode(errors="ignore").decode())
    (act,) = ledger(told(finding)).written["acts"]
    assert act["result"] in ("APPLIED", "REFUSED")


# What is remembered is bounded.


def remembered(ledgering: Ledgering) -> int:
    return len(decode_raised(ledgering.kept[finding_key(SITE.encode(), KIND)]).pieces)


def test_only_the_newest_findings_are_remembered_and_fewer_when_the_alert_has_ended() -> None:
    many = [told(a_finding(minute=minute)) for minute in range(100)]
    assert remembered(ledger(*many)) == KEPT_LIVE
    assert remembered(ledger(*many, CLOSE)) == KEPT_ENDED


def test_a_forgotten_finding_neither_counts_again_nor_opens_again_and_keeps_the_alert_open() -> None:
    many = [told(a_finding(minute=minute)) for minute in range(100)]
    older = ("STALE", "older than what is remembered")
    assert results(*many, many[0])[-1] == older
    assert results(*many, CLOSE, many[0], many[99])[-2:] == [older, ("STALE", "closed")]
    gone = [told(replace(a_finding(minute=minute), holds=False)) for minute in range(100)]
    assert changes(*many, *gone) == [("OPENED", 1, 1)]


def due(day: int, *, holds: bool = True) -> Arrival:
    window = Window(T0 + (day - 30) * _DAY_MS, T0 + day * _DAY_MS)
    return told(replace(a_finding(kind="EXPIRY_AHEAD"), window=window, holds=holds))


def test_of_what_lies_ahead_the_soonest_is_not_forgotten() -> None:
    many = [due(day) for day in range(1, 41)]
    gone = [due(day, holds=False) for day in range(1, 41)]
    assert changes(*many, *gone) == [("OPENED", 1, 1), ("RETRACTED", 1, 0)]
    close = acted("ALERT_CLOSE", 1, kind="EXPIRY_AHEAD")
    assert changes(*many[9:], close, due(3)) == [("OPENED", 1, 1), ("CLOSED", 1, 31), ("OPENED", 2, 1)]


def ahead(day: int, *, holds: bool = True) -> Finding:
    return Finding("EXPIRY_AHEAD", SITE, Window((day + 1) * _DAY_MS, (day + 31) * _DAY_MS), holds)


def days_of(alert: Raised, *, holds: bool) -> list[int]:
    return [piece.until // _DAY_MS - 31 for piece in alert.pieces if piece.holds == holds]


def a_full_alert() -> Raised:
    alert = Raised(SITE, "EXPIRY_AHEAD")
    for day in range(1, KEPT_AHEAD + 1):
        alert.take(ahead(day), ordinal=day)
    return alert


def test_of_what_lies_ahead_the_last_due_is_forgotten() -> None:
    alert = a_full_alert()
    alert.take(ahead(5, holds=False), KEPT_AHEAD + 1)
    assert alert.take(ahead(KEPT_AHEAD + 1), KEPT_AHEAD + 2).result == "APPLIED"
    assert alert.take(ahead(0), KEPT_AHEAD + 3).result == "APPLIED"
    assert days_of(alert, holds=True) == [day for day in range(KEPT_AHEAD + 1) if day != 5]
    assert days_of(alert, holds=False) == [5]


def test_of_what_lies_ahead_only_the_newest_that_hold_no_more_are_remembered() -> None:
    alert = Raised(SITE, "EXPIRY_AHEAD")
    for ordinal, (holds, day) in enumerate((holds, day) for holds in (True, False) for day in range(100)):
        alert.take(ahead(day, holds=holds), ordinal)
    assert sorted(days_of(alert, holds=False)) == list(range(100 - KEPT_WITHDRAWN, 100))


def test_what_lies_ahead_beyond_what_is_remembered_counts_nothing_however_often_it_is_stated() -> None:
    alert = a_full_alert()
    before = encode_raised(alert)
    beyond = ("STALE", "beyond what is remembered", None)
    assert [alert.take(ahead(KEPT_AHEAD + 1), KEPT_AHEAD + again) for again in (1, 2)] == [beyond, beyond]
    assert encode_raised(alert) == before
    alert.act(EVENT_CLOSED, 1)
    assert alert.take(ahead(KEPT_AHEAD + 1), KEPT_AHEAD + 3) == beyond
    alert.take(ahead(7, holds=False), KEPT_AHEAD + 4)
    assert alert.take(ahead(KEPT_AHEAD + 1), KEPT_AHEAD + 5).event == EVENT_OPENED


def test_what_lay_ahead_and_was_withdrawn_is_beyond_too_where_many_hold_that_are_due_before() -> None:
    alert = a_full_alert()
    alert.take(ahead(KEPT_AHEAD, holds=False), KEPT_AHEAD + 1)
    alert.take(ahead(0), KEPT_AHEAD + 2)
    assert alert.take(ahead(KEPT_AHEAD), KEPT_AHEAD + 3).reason == "beyond what is remembered"


def test_an_alert_of_what_lies_ahead_that_once_forgot_takes_what_is_due_before_that() -> None:
    alert = Raised(SITE, "EXPIRY_AHEAD", forgotten_until=100 * _DAY_MS)
    assert alert.take(ahead(3), 1) == ("APPLIED", "opening 1, count 1", EVENT_OPENED)
    other = Raised(SITE, KIND, forgotten_until=100 * _DAY_MS)
    assert other.take(replace(ahead(3), kind=KIND), 1).result == "STALE"


def test_an_alert_is_read_and_written_once_for_records_that_come_together(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Raised] = []

    def noted(raised: Raised) -> bytes:
        written.append(raised)
        return encode_raised(raised)

    monkeypatch.setattr(findings, "encode_raised", noted)
    ledger(*(told(a_finding(minute=minute)) for minute in range(20)), CLOSE)
    assert len(written) == 1


def test_a_window_without_end_is_another_finding_than_one_that_ends() -> None:
    going_on = replace(a_finding(), window=Window(a_finding().window.begin))
    assert results(told(a_finding()), told(going_on))[-1] == ("APPLIED", "opening 1, count 2")


# Against the rules written down once more.

SUBJECTS, KINDS = (SITE, PALLET), (KIND, "SILENT_SITE")
statements = st.tuples(
    st.sampled_from(SUBJECTS), st.integers(0, 3), st.sampled_from(KINDS), st.booleans(),
    st.sampled_from([None, None, None, 0, 1, 2]),
)  # fmt: skip
acts = st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.sampled_from(SUBJECTS), st.sampled_from(KINDS))


def _assert_alike(steps: list[tuple[Any, ...]], is_cut: Callable[[int], bool]) -> None:
    oracle, arrivals = FindingsOracle(), list[Arrival]()
    for ordinal, step in enumerate(steps, start=1):
        if step[0] in ACTS:
            act, opening, subject, kind = step
            oracle.act(act, opening, subject, kind)
            arrivals.append(acted(act, opening, subject, kind))
        else:
            subject, minute, kind, holds, version = step
            finding = a_finding(subject, minute, kind=kind, holds=holds, version=version)
            oracle.state(finding, ordinal)
            arrivals.append(told(finding))
    ledgering = ledger_of(arrivals, is_cut, is_cut)
    written = ledgering.written
    told_of = ("subject", "kind", "opening", "event", "status", "count")
    assert [act["result"] for act in written["acts"]] == oracle.results
    assert [tuple(alert[name] for name in told_of) for alert in written["alerts"]] == oracle.changes
    whole = ledger_of(arrivals, lambda _: False, lambda _: False)
    assert ledgering.kept == whole.kept


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(statements, statements, acts), min_size=1, max_size=40), st.sets(st.integers(2, 40)))
def test_the_ledger_does_what_the_rules_say_however_cut_and_handed_over(
    steps: list[tuple[Any, ...]], cuts: set[int]
) -> None:
    _assert_alike(steps, cuts.__contains__)


@pytest.mark.parametrize("seed", range(10))
def test_the_ledger_does_what_the_rules_say_of_long_histories(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  no secret
    steps: list[tuple[Any, ...]] = [
        (dice.choice(ACTS), dice.choice((1, 1, 2, 3, 4)), SITE, KIND)
        if dice.random() < 0.3
        else (SITE, dice.randrange(4), KIND, dice.random() < 0.6, dice.choice((None, None, None, 1)))
        for _ in range(200)
    ]
    _assert_alike(steps, lambda ordinal: ordinal % 7 == 0)
