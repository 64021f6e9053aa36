"""The pure parts: two histories, the story of an alert, slices of time, words, JSON in a page."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.console.alert_acts import story_of
from analytics.console.charts import intervals, json_in_page
from analytics.console.histories import chart_of, two_histories
from analytics.console.now import FINE_MS, SLICE_MS, in_slices, mix_of, pace_of, silent_of, unheard_of, with_silence
from analytics.console.rendering import link
from analytics.console.wording import number, share, span, when, words

T0 = datetime(2026, 11, 2, 9, tzinfo=UTC)
AT_MS = 1_793_611_801_234
Row = dict[str, Any]


def seen(site: str, reason: str = "NONE", destination: str | None = None, hour: int = 0) -> Row:
    return {
        "event_time": T0 + timedelta(hours=hour), "site": site, "destination": destination, "reason": reason,
        "outcome": "ACCEPTED" if reason == "NONE" else "FLAGGED", "step": "OBSERVE",
    }  # fmt: skip


def histories(*scans: Row) -> list[int]:
    return [one.history for one in two_histories(scans)]


def test_what_nothing_contradicts_is_one_history() -> None:
    assert histories(seen("lyon"), seen("oslo"), seen("oslo")) == [0, 0, 0]


def test_the_second_history_begins_with_the_scan_that_contradicts() -> None:
    assert histories(seen("lyon"), seen("oslo", "IMPOSSIBLE_TRAVEL")) == [0, 1]


def test_each_scan_goes_on_where_it_fits() -> None:
    scans = (
        seen("lyon"), seen("oslo"), seen("rome", "IMPOSSIBLE_TRAVEL"), seen("oslo"), seen("rome"),
        seen("rome", destination="bonn"), seen("bonn"),
    )  # fmt: skip
    assert histories(*scans) == [0, 0, 1, 0, 1, 1, 1]


def test_a_contradiction_that_fits_neither_is_the_other_one() -> None:
    assert histories(seen("lyon"), seen("rome", "CUSTODY_CONFLICT"), seen("bonn", "CUSTODY_CONFLICT")) == [0, 1, 0]


def test_the_first_scan_contradicts_nothing() -> None:
    assert histories(seen("lyon", "CUSTODY_CONFLICT"), seen("lyon")) == [0, 0]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(("NONE", "IMPOSSIBLE_TRAVEL"))), max_size=20))
def test_every_scan_is_told_once_and_in_its_order(scans: list[tuple[str, str]]) -> None:
    rows = [seen(site, reason, hour=at) for at, (site, reason) in enumerate(scans)]
    told = two_histories(rows)
    assert [one.scan for one in told] == rows
    assert {one.history for one in told} <= {0, 1}
    drawn = [point["value"] for line in chart_of(told)["series"] for point in line["data"]]
    assert len(drawn) == len(rows)


def a_change(ordinal: int, event: str, author: str = "", reason: str = "") -> Row:
    return {"ordinal": ordinal, "received_at": T0, "event": event, "author": author, "reason": reason}


def an_act(ordinal: int, act: str, author: str, result: str = "APPLIED", **other: str) -> Row:
    row = {"ordinal": ordinal, "received_at": T0, "act": act, "author": author, "result": result, "why": "status"}
    return row | {"reason": "", "assignee": ""} | other


def test_an_act_and_the_change_it_made_are_one_line() -> None:
    changes = [a_change(1, "OPENED"), a_change(5, "CLOSED", "ada", "a copy")]
    lines = story_of(changes, [an_act(5, "ALERT_CLOSE", "ada", reason="a copy")])
    assert [(line.what, line.who, line.reason, line.result) for line in lines] == [
        ("Opened", "", "", ""),
        ("Closed", "ada", "a copy", "APPLIED"),
    ]


def test_of_an_act_that_came_too_late_it_is_told_who_was_first() -> None:
    changes = [a_change(1, "OPENED"), a_change(5, "CLOSED", "ada")]
    acts = [an_act(5, "ALERT_CLOSE", "ada"), an_act(6, "ALERT_CLOSE", "bo", "STALE")]
    late = story_of(changes, acts)[-1]
    assert (late.what, late.who, late.result) == ("Close", "bo", "STALE")
    assert late.first == "ada was first: closed at 2026-11-02 09:00:00"


def test_the_ledger_can_be_first() -> None:
    changes = [a_change(1, "OPENED"), a_change(2, "RETRACTED")]
    assert story_of(changes, [an_act(3, "ALERT_CLOSE", "bo", "STALE")])[-1].first.startswith("the ledger was first")


def test_an_assignment_says_to_whom() -> None:
    lines = story_of([a_change(1, "OPENED")], [an_act(2, "ALERT_ASSIGN", "ada", assignee="bo")])
    assert (lines[-1].what, lines[-1].who, lines[-1].first) == ("Assign to bo", "ada", "")


def counted(slice_ms: int, outcome: str, scans: int) -> Row:
    return {"slice": slice_ms, "outcome": outcome, "scans": scans}


def test_slices_lie_side_by_side_up_to_the_one_that_goes_on() -> None:
    slices, by_slice = in_slices([], AT_MS)
    assert len(slices) == FINE_MS // SLICE_MS
    assert slices[-1] + SLICE_MS <= AT_MS < slices[-1] + 2 * SLICE_MS
    assert {after - before for before, after in zip(slices, slices[1:], strict=False)} == {SLICE_MS}
    assert all(len(counts) == len(slices) for counts in by_slice.values())


def test_scans_stand_in_their_slice_and_all_of_them_in_the_mix() -> None:
    slices, _ = in_slices([], AT_MS)
    rows = [counted(slices[3], "ACCEPTED", 7), counted(slices[3], "REJECTED", 2), counted(0, "ACCEPTED", 90)]
    _, by_slice = in_slices(rows, AT_MS)
    assert (by_slice["ACCEPTED"][3], by_slice["REJECTED"][3]) == (7, 2)
    assert sum(map(sum, by_slice.values())) == 9
    assert mix_of(rows) == {"ACCEPTED": 97, "FLAGGED": 0, "REPEATED": 0, "REJECTED": 2, "UNDECIDED": 0}


def test_the_pace_is_that_of_the_last_whole_minute_of_slices() -> None:
    slices, _ = in_slices([], AT_MS)
    rows = [
        counted(slices[-1], "ACCEPTED", 300),
        counted(slices[-12], "ACCEPTED", 300),
        counted(slices[-13], "ACCEPTED", 9),
    ]
    assert pace_of(rows, AT_MS) == 10.0


def test_silent_sites_come_first_with_their_alert() -> None:
    sites = [{"site": "lyon", "last_at": T0}, {"site": "oslo", "last_at": T0 - timedelta(days=3)}]
    alerts = [
        {"kind": "SILENT_SITE", "site": "oslo", "id": "abc"},
        {"kind": "REJECTION_SURGE", "site": "lyon", "id": "def"},
    ]
    told = with_silence(sites, silent_of(alerts))
    assert [(site["site"], site["silent_alert"]) for site in told] == [("oslo", "abc"), ("lyon", "")]


def test_sites_that_were_loaded_and_never_seen_are_named() -> None:
    assert unheard_of(["lyon", "nice"], [{"site": "lyon"}, {"site": "oslo"}]) == ["nice"]


@given(st.text(), st.text())
def test_json_in_a_page_says_the_same_and_ends_no_script(name: str, value: str) -> None:
    text = str(json_in_page({name: value}))
    assert json.loads(text) == {name: value}
    assert not set("<>&\u2028\u2029") & set(text)


def test_a_forest_plot_has_a_line_with_a_gap_and_a_point_for_each_row() -> None:
    line, dots = intervals([(1.0, 2.0, 3.0), (4.0, 5.0, 6.0)], "rates", "var(--accent)")
    assert line["data"] == [[1.0, 0], [3.0, 0], [None, None], [4.0, 1], [6.0, 1], [None, None]]
    assert dots["data"] == [[2.0, 0], [5.0, 1]]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "–"), (0, "0 s"), (59.6, "1 min"), (61, "1 min 1 s"), (3_600, "1 h"), (90_061, "1 d 1 h"), (-5, "0 s")],
)
def test_a_length_of_time_is_told_in_two_units(seconds: float | None, told: str) -> None:
    assert span(seconds) == told


def test_values_are_written_the_same_everywhere() -> None:
    assert (number(1234567.891, 2), number(None)) == ("1,234,567.89", "–")
    assert (share(0.01234), share(None)) == ("1.2 %", "–")
    assert when(datetime(2026, 1, 2, 3, 4, 5)) == when(1_767_323_045_000) == "2026-01-02 03:04:05"  # noqa: DTZ001
    assert words("IMPOSSIBLE_TRAVEL") == "Impossible travel"


def test_a_link_leaves_out_what_is_empty() -> None:
    assert link("/alerts", kind="A B", site="", page=2, by=["x", "y"]) == "/alerts?kind=A+B&page=2&by=x&by=y"
    assert link("/alerts", kind="") == "/alerts"
