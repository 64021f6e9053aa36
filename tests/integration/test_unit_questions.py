"""The questions of the unit page on rows made by hand: what is known now, and what was known then."""

from datetime import UTC, datetime, timedelta

import pytest

from analytics.console.units.picture import Before, Picture, picture
from analytics.console.units.search import sought, suggestions
from pipeline.domain.unit_key import parse
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import RECEIVED, LedgerRows

UNIT = "sku:ACME/W/A1"


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def at(ordinal: int) -> datetime:
    """Returns when the record of an ordinal was received."""
    return RECEIVED + timedelta(seconds=ordinal)


def seen(ledger: LedgerRows, known: datetime | None = None, unit: str = UNIT, before: Before | None = None) -> Picture:
    return picture(ledger.warehouse, parse(unit), known, before)


def decisions(found: Picture) -> list[tuple[str, str, str]]:
    return [(row["step"], row["outcome"], row["reason"]) for row in reversed(found.scans)]


def test_a_scan_and_its_revision_count_from_when_they_were_received(ledger: LedgerRows) -> None:
    made = ledger.a_scan(UNIT, "COMMISSION", "2024-05-01 10:00:00", state_after="COMMISSIONED")
    sold = ledger.a_scan(UNIT, "SELL", "2024-05-02 10:00:00", state_after="SOLD", sold_at="2024-05-02 10:00:00")
    back = ledger.a_revision(sold, UNIT, "REJECTED", "RETRACTED", state_after="COMMISSIONED")
    ledger.a_unit(UNIT, "COMMISSIONED", sequence=9)
    applied, gone = ("SELL", "ACCEPTED", "NONE"), ("SELL", "REJECTED", "RETRACTED")
    first = ("COMMISSION", "ACCEPTED", "NONE")
    assert decisions(seen(ledger)) == [first, gone]
    assert decisions(seen(ledger, at(back))) == [first, gone]
    then = seen(ledger, at(back) - timedelta(milliseconds=1))
    assert decisions(then) == [first, applied]
    assert then.standing is not None
    assert (then.standing["state"], then.standing["sold_at"]) == ("SOLD", datetime(2024, 5, 2, 10, tzinfo=UTC))
    earlier = seen(ledger, at(made))
    assert decisions(earlier) == [first]
    assert earlier.standing is not None
    assert (earlier.standing["state"], earlier.standing["sold_at"]) == ("COMMISSIONED", None)
    before = seen(ledger, at(made) - timedelta(milliseconds=1))
    assert (before.scans, before.standing, before.is_known) == ([], None, True)


def test_steps_lead_from_moment_to_moment(ledger: LedgerRows) -> None:
    made = ledger.a_scan(UNIT, "COMMISSION", "2024-05-01 10:00:00")
    back = ledger.a_revision(made, UNIT, "REJECTED", "RETRACTED")
    ledger.a_scan("sku:ACME/W/B", "COMMISSION", "2024-05-01 10:00:00")
    now = seen(ledger)
    assert now.moments == [at(made), at(back)]
    assert (now.earlier, now.later) == (at(made), None)
    then = seen(ledger, at(made))
    assert (then.earlier, then.later) == (None, at(back))
    between = seen(ledger, at(made) + timedelta(milliseconds=500))
    assert (between.earlier, between.later) == (at(made), at(back))


def test_a_revision_of_another_partition_s_scan_changes_nothing(ledger: LedgerRows) -> None:
    made = ledger.a_scan(UNIT, "COMMISSION", "2024-05-01 10:00:00")
    ledger.a_revision(made, "sku:ACME/W/B", "REJECTED", "RETRACTED", partition=1)
    found = seen(ledger)
    assert decisions(found) == [("COMMISSION", "ACCEPTED", "NONE")]
    assert len(found.moments) == 1


def test_of_equal_times_the_state_is_that_of_what_ends_a_unit(ledger: LedgerRows) -> None:
    unit = "asset:ACME/P/1"
    ledger.a_scan(unit, "FAIL", "2024-05-02 10:00:00", state_after="FAILED")
    last = ledger.a_scan(unit, "OBSERVE", "2024-05-02 10:00:00", state_after="IN_SERVICE")
    ledger.a_unit(unit, "FAILED", lifecycle="asset")
    then = seen(ledger, at(last), unit)
    assert then.standing is not None
    assert then.standing["state"] == "FAILED"


def test_scans_come_in_pages_none_twice_and_none_left_out(ledger: LedgerRows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.console.units.picture.SCANS_SHOWN", 3)
    sent = [ledger.a_scan(UNIT, "OBSERVE", f"2024-05-0{1 + n // 2} 10:00:00") for n in range(7)]
    pages, before = [], None
    while True:
        found = seen(ledger, before=before)
        pages.append([row["ordinal"] for row in found.scans])
        before = found.following
        if before is None:
            break
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sum(pages, []) == sent[::-1]


def test_alerts_are_those_of_the_unit_as_they_stood_then(ledger: LedgerRows) -> None:
    made = ledger.a_scan(UNIT, "COMMISSION", "2024-05-01 10:00:00")
    ledger.an_alert("a1", UNIT, "CUSTODY_CONFLICT", "OPEN", "OPENED")
    ledger.an_alert("a2", "sku:ACME/W/A11", "CUSTODY_CONFLICT", "OPEN", "OPENED")
    ledger.an_alert("a1", UNIT, "CUSTODY_CONFLICT", "CLOSED", "CLOSED", author="ann", reason="a test")
    ledger.a_unit(UNIT, "SOLD", alerts=[{"kind": "CUSTODY_CONFLICT", "opening": 1, "status": "CLOSED", "count": 7}])
    (alert,) = seen(ledger).alerts
    assert (alert["id"], alert["status"], alert["count"], alert["author"]) == ("a1", "CLOSED", 7, "ann")
    (then,) = seen(ledger, at(made + 1)).alerts
    assert (then["status"], then["count"]) == ("OPEN", 1)
    assert seen(ledger, at(made)).alerts == []


def test_what_is_in_a_unit_and_what_was_part_of_it(ledger: LedgerRows) -> None:
    pallet = "sscc:106141412345678908"
    ledger.a_unit(pallet, "PACKED", members=2)
    ledger.a_unit(UNIT, "PACKED", container=pallet)
    ledger.a_unit("sku:ACME/P/9", "INSTALLED", parent=pallet)
    ledger.a_unit("sku:ACME/W/OUT", "PACKED", container=pallet, sequence=1)
    ledger.a_unit("sku:ACME/W/OUT", "SOLD", container=None, sequence=99)
    ledger.a_scan("sku:ACME/P/9", "INSTALL", "2024-05-01 10:00:00", other_unit=pallet)
    gone = ledger.a_scan("sku:ACME/P/8", "INSTALL", "2024-05-01 10:00:00", other_unit=pallet)
    ledger.a_revision(gone, "sku:ACME/P/8", "REJECTED", "RETRACTED")
    found = seen(ledger, unit=pallet)
    assert [(row["unit_key"], row["how"]) for row in found.contents] == [
        ("sku:ACME/P/9", "installed"),
        (UNIT, "packed"),
    ]
    assert [(row["step"], row["unit_key"]) for row in found.parts] == [("INSTALL", "sku:ACME/P/9")]


def test_a_warranty_is_handed_on_by_a_replacement(ledger: LedgerRows) -> None:
    ledger.a_scan(UNIT, "REPLACE", "2024-05-03 10:00:00", other_unit="sku:ACME/W/NEW")
    ledger.a_unit(UNIT, "RETIRED", sold_at="2024-05-01 10:00:00")
    ledger.a_unit("sku:ACME/W/NEW", "SOLD", sold_at="2024-06-01 10:00:00")
    ledger.an_act("LIFECYCLE", {}, result="REFUSED", subject="retail")
    warranty = seen(ledger, unit="sku:ACME/W/NEW").warranty
    assert warranty is not None
    sold = datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert (warranty.since, warranty.handed_on_from) == (sold, UNIT)
    assert warranty.until == sold + timedelta(days=warranty.days)


def test_labels_are_those_retired_for_the_unit(ledger: LedgerRows) -> None:
    ledger.a_unit("sku:ACME/W/OLD", "RELABELLED", alias_of=UNIT)
    ledger.a_unit(UNIT, "SOLD")
    standing = seen(ledger).standing
    assert standing is not None
    assert standing["labels"] == ["sku:ACME/W/OLD"]


def test_nothing_is_known_of_a_unit_never_seen(ledger: LedgerRows) -> None:
    found = seen(ledger)
    assert (found.is_known, found.standing, found.scans, found.warranty) == (False, None, [], None)


def test_a_class_or_a_serial_alone_suggests_units(ledger: LedgerRows) -> None:
    ledger.a_unit("gtin:09506000134352/ABC123", "SOLD")
    ledger.a_unit("sku:ACME/W/ABC123", "SOLD")
    of_class = suggestions(ledger.warehouse, sought("(01)09506000134352"))
    assert [row["unit_key"] for row in of_class] == ["gtin:09506000134352/ABC123"]
    by_serial = suggestions(ledger.warehouse, sought("ABC123"))
    assert {row["unit_key"] for row in by_serial} == {"gtin:09506000134352/ABC123", "sku:ACME/W/ABC123"}
    assert suggestions(ledger.warehouse, sought("")) == []
