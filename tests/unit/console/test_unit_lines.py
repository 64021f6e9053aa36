"""A scan as a line of the unit page."""

from analytics.console.units.lines import Detail, counted, line_of
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


def test_scans_of_a_unit_are_counted_by_what_holds_of_them_now() -> None:
    standing = {"applied": 3, "rejected": 0}
    scans = [a_scan_row(1), a_scan_row(2, outcome="REJECTED", reason="RETRACTED"), a_scan_row(3)]
    assert counted(standing, scans, is_whole=True) == "2 in effect, 1 rejected"
    assert counted(standing, scans[:1], is_whole=False) == "3 took effect, 0 rejected, as first decided"
    assert counted(dict.fromkeys(standing), scans, is_whole=True) == ""


def test_where_a_scan_was_removed_they_are_counted_as_first_decided() -> None:
    standing = {"applied": 3, "rejected": 1}
    scans = [a_scan_row(1), a_scan_row(2, outcome="REJECTED", reason="RETRACTED")]
    assert counted(standing, scans, is_whole=True) == "3 took effect, 1 rejected, as first decided"


def test_what_the_contract_rejects_is_none_of_the_scans_that_a_unit_counts() -> None:
    refused = {name: value for first in ("", "first_") for name, value in
               ((f"{first}outcome", "REJECTED"), (f"{first}reason", "BAD_TIME"))}  # fmt: skip
    scans = [a_scan_row(1), a_scan_row(2, **refused)]
    assert counted({"applied": 1, "rejected": 0}, scans, is_whole=True) == "1 in effect, 0 rejected"
