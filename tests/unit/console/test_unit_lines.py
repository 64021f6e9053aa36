"""A scan as a line of the unit page."""

from analytics.console.units.lines import Detail, line_of
from tests.unit.console.rows import a_scan_row


def test_a_line_says_what_is_remarkable_and_nothing_else() -> None:
    line = line_of(a_scan_row())
    assert (line.outcome, line.reason, line.first, line.states) == ("ACCEPTED", "", "", ["STORED"])
    assert line.details == []


def test_a_changed_decision_is_told_beside_the_first_one() -> None:
    line = line_of(a_scan_row(outcome="REJECTED", reason="RETRACTED", state_before="SOLD", state_after="RETURNED"))
    assert (line.outcome, line.reason, line.first) == ("REJECTED", "RETRACTED", "ACCEPTED")
    assert line.states == ["SOLD", "RETURNED"]


def test_other_units_are_named_with_their_key_and_attributes_as_they_are() -> None:
    row = a_scan_row(container="sscc:106141412345678908", reader="r1", attributes=[{"name": "note", "value": "<b>"}])
    assert line_of(row).details == [
        Detail("reader", "r1"),
        Detail("container", "sscc:106141412345678908", "sscc:106141412345678908"),
        Detail("note", "<b>"),
    ]


def test_a_record_not_touched_has_no_state() -> None:
    assert line_of(a_scan_row(state_before="", state_after="")).states == []
