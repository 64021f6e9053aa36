"""What the unit page says was known then is what the ledger kept then: its state after each prefix of the log."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.console.units.picture import picture
from pipeline.domain.unit_key import parse
from pipeline.ledger.outputs import OWN_KEYS
from pipeline.warehouse.client import Warehouse
from pipeline.wire.schemas import decode, encode
from tests.folded_ledger import FoldedLedger
from tests.oracle.arrivals import RECEIVED_AT, T0, Arrival, a_scan, a_site_load
from tests.oracle.choose import Seeded
from tests.oracle.generate import seeded_history
from tests.oracle.group_histories import GROUP, LABELS, group_history

BEGAN = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=RECEIVED_AT)
STEP = timedelta(seconds=1)
COMPARED = ("state", "site", "last_event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at")
Unit = dict[str, Any]


def kept_units(ledger: FoldedLedger) -> dict[str, Unit]:
    """Returns the units as the ledger keeps them now."""
    records = ledger._memory.records  # noqa: SLF001  its memory is what is compared with
    return {key.decode(): decode(value)[1] for key, value in records.items() if not key.startswith(OWN_KEYS)}


def folded(ledger: FoldedLedger, arrivals: Iterable[Arrival]) -> list[tuple[datetime, dict[str, Unit]]]:
    """Takes one scan a second; returns after each when that was and the units as the ledger keeps them then."""
    moments = []
    with ledger.at_once():
        for place, arrival in enumerate(arrivals, start=1):
            when = BEGAN + place * STEP
            ledger.scans([arrival.key or b""], [encode("scan", arrival.record)], [round(when.timestamp() * 1000)])
            moments.append((when, kept_units(ledger)))
    return moments


def plain(unit: Unit) -> Unit:
    """Returns what is compared, times as milliseconds."""
    return {
        name: round(value.timestamp() * 1000) if isinstance(value, datetime) else value
        for name, value in unit.items()
        if name in COMPARED
    }


@pytest.mark.parametrize("seed", [3, pytest.param(11, marks=pytest.mark.slow)])
def test_what_was_known_then_is_what_the_ledger_kept_then(warehouse: Warehouse, seed: int) -> None:
    ledger = FoldedLedger(warehouse)
    ledger.internal(a_site_load().record, RECEIVED_AT)
    told = [one for one in seeded_history(seed, 110) if one.is_scan and not one.is_derived and one.key is not None]
    moments = folded(ledger, told)
    compared = 0
    for when, units in moments[17::36] + moments[-1:]:
        for key, unit in units.items():
            if unit["state"] == "NONE":
                continue
            then = picture(warehouse, parse(key), when).standing
            assert then is not None, (key, when)
            assert plain(then) == plain(unit), (key, when)
            marks = {name: then[name] for name in ("custody", "flags", "expiry", "alias_of")}
            expiry = None if unit["expiry"] is None else date(1970, 1, 1) + timedelta(days=unit["expiry"])
            kept = {name: unit[name] for name in marks} | {"flags": unit["flags"] or "", "expiry": expiry}
            kept["custody"] = unit["custody"] or None  # a shipment to "" goes to no site
            assert marks == kept, (key, when)
            compared += 1
    assert compared > 10
    assert any(revised for (revised,) in warehouse.query_rows("SELECT count() FROM unit_revisions"))


@pytest.mark.parametrize(
    ("seed", "labels"),
    [pytest.param(3, {}, marks=pytest.mark.slow), (5, LABELS), pytest.param(8, LABELS, marks=pytest.mark.slow)],
)
def test_what_a_unit_was_in_and_what_was_in_it_are_what_the_ledger_kept_then(
    warehouse: Warehouse, seed: int, labels: dict[str, str]
) -> None:
    ledger = FoldedLedger(warehouse)
    ledger.internal(a_site_load().record, RECEIVED_AT)
    moments = folded(ledger, group_history(Seeded(seed), 120, (*GROUP, *labels.values()), labels=labels))
    inside = 0
    for when, units in moments[39::40] + moments[-1:]:
        for key, unit in units.items():
            if unit["state"] == "NONE":
                continue
            then = picture(warehouse, parse(key), when)
            assert then.standing is not None
            found = {name: then.standing[name] for name in ("container", "parent")}
            assert found == {name: unit[name] or "" for name in ("container", "parent")}, (key, when)
            found = {name: then.standing[name] for name in ("custody", "alias_of")}
            assert found == {name: unit[name] for name in found}, (key, when)
            kept_labels = sorted(one for one, other in units.items() if other["alias_of"] == key)
            assert then.standing["labels"] == kept_labels, (key, when)
            kept = {(one, "packed") for one, other in units.items() if other["container"] == key}
            kept |= {(one, "installed") for one, other in units.items() if other["parent"] == key}
            assert {(row["unit_key"], row["how"]) for row in then.contents} == kept, (key, when)
            inside += len(kept)
    assert inside > 5


def test_a_unit_at_its_end_is_where_it_ended_though_its_container_left_at_that_time(warehouse: Warehouse) -> None:
    ledger, pump, case = FoldedLedger(warehouse), "sku:ACME/PUMP/1", "sscc:106141412345678915"
    ledger.internal(a_site_load().record, RECEIVED_AT)
    for unit, step, minute in (
        (pump, "COMMISSION", 0),
        (case, "COMMISSION", 0),
        (pump, "PACK", 1),
        (pump, "RETIRE", 9),
    ):
        ledger.scan(a_scan(unit, step, minute, container=case if step == "PACK" else None), RECEIVED_AT)
    ledger.scan(a_scan(case, "SHIP", 9, site="potsdam", destination="munich"), RECEIVED_AT)
    then, now = (picture(warehouse, parse(pump), known).standing for known in (BEGAN, None))
    assert then is not None
    assert now is not None
    assert (then["state"], then["site"], then["container"]) == ("RETIRED", "berlin", "")
    assert [then[name] for name in COMPARED] == [now[name] for name in COMPARED]


@pytest.mark.parametrize("step", ["FAIL", "RETIRE"])
@pytest.mark.parametrize("how", ["OBSERVE", "INSTALL"])
def test_a_drive_that_fails_in_a_rack_is_in_it_no_more(warehouse: Warehouse, how: str, step: str) -> None:
    """A failure ends an asset's life, not a pump's: each unit's lifecycle says what ends it."""
    ledger, rack = FoldedLedger(warehouse), "asset:ACME/RACK/1"
    drive, pump = "asset:ACME/DRIVE/1", "sku:ACME/PUMP/1"
    ledger.internal(a_site_load().record, RECEIVED_AT)
    named = {"container" if how == "OBSERVE" else "other_unit": rack}
    for minute, (unit, done) in enumerate(
        [(one, "COMMISSION") for one in (rack, drive, pump)] + [(one, how) for one in (drive, pump)]
    ):
        scan = a_scan(unit, done, minute) | (named if done == how else {})
        ledger.scan(scan, RECEIVED_AT + minute * 1000)
    before = BEGAN + 6 * STEP
    for second, unit in enumerate((drive, pump), start=7):
        ledger.scan(a_scan(unit, step, second), RECEIVED_AT + second * 1000)

    def inside(known: datetime) -> set[str]:
        return {row["unit_key"] for row in picture(warehouse, parse(rack), known).contents}

    staying = {pump} if step == "FAIL" else set()
    assert inside(before) == {drive, pump}
    assert inside(BEGAN + 9 * STEP) == staying
    then, now = (picture(warehouse, parse(drive), known).standing for known in (BEGAN + 9 * STEP, None))
    for standing in (then, now):
        assert standing is not None
        assert (standing["container"] or "", standing["parent"] or "") == ("", "")


def test_the_next_life_of_a_container_is_in_nothing_unless_its_commission_names_it(warehouse: Warehouse) -> None:
    ledger, day = FoldedLedger(warehouse), timedelta(days=1)
    ledger.internal(a_site_load().record, RECEIVED_AT)
    case, pallet = "sscc:106141412345678915", "sscc:106141412345678908"
    received = [BEGAN + days * day for days in range(3)]
    for days, when, fields in (
        (0, received[0], {"container": pallet}),
        (366, received[1], {}),
        (732, received[2], {"container": pallet}),
    ):
        scan = a_scan(case, "COMMISSION", scan_id=f"{days}", event_time=T0 + days * 86_400_000) | fields
        ledger.scan(scan, round((when + 400 * day).timestamp() * 1000))
    known = [picture(warehouse, parse(case), when + 400 * day).standing for when in received]
    assert [then and then["container"] for then in known] == [pallet, "", pallet]


def test_a_warranty_is_the_one_that_was_known_then(warehouse: Warehouse) -> None:
    """A pump is sold, fails, is replaced; then that is taken back: each is known from when it was received."""
    ledger, day = FoldedLedger(warehouse), timedelta(days=1)
    ledger.internal(a_site_load().record, RECEIVED_AT)
    old, new = "sku:ACME/PUMP/1", "sku:ACME/PUMP/2"

    def told(unit: str, step: str, days: int, **fields: object) -> datetime:
        scan = a_scan(unit, step, scan_id=f"{unit} {step} {days}") | fields
        when = BEGAN + (5 + days) * day
        scan["event_time"] = round((BEGAN + days * day).timestamp() * 1000)
        ledger.scan(scan, round(when.timestamp() * 1000))
        return when

    for unit in (old, new):
        told(unit, "COMMISSION", 0)
    sold = told(old, "SELL", 2)
    told(old, "FAIL", 3)
    replaced = told(old, "REPLACE", 4, other_unit=new)
    taken_back = told(old, "VOID", 5, corrects=f"{old} REPLACE 4", origin="CORRECTION")

    def warranty(unit: str, when: datetime) -> tuple[datetime | None, str | None]:
        found = picture(warehouse, parse(unit), when).warranty
        assert found is not None
        return found.since, found.handed_on_from

    assert warranty(old, sold - STEP) == (None, None)
    assert warranty(old, sold) == (BEGAN + 2 * day, None)
    assert warranty(new, replaced - STEP) == (None, None)
    assert warranty(new, replaced) == (BEGAN + 2 * day, old)
    assert warranty(new, taken_back) == (None, None)
    assert warranty(new, taken_back - STEP) == (BEGAN + 2 * day, old)


def test_its_owners_and_its_flags_are_those_that_were_known_then(warehouse: Warehouse) -> None:
    """A drive changes hands twice, the first of it told last; it is stolen, then found; that was wrong."""
    ledger, unit = FoldedLedger(warehouse), "asset:ACME/DRIVE/1"
    ledger.internal(a_site_load().record, RECEIVED_AT)

    def told(step: str, day: int, known_day: int, **fields: object) -> datetime:
        scan = a_scan(unit, step, scan_id=f"{step} {day}") | fields
        scan["event_time"] = round((BEGAN + timedelta(days=day)).timestamp() * 1000)
        when = BEGAN + timedelta(days=known_day)
        ledger.scan(scan, round(when.timestamp() * 1000))
        return when

    def owned(owner: str) -> dict[str, object]:
        return {"attributes": [{"name": "owner", "value": owner}]}

    made = told("COMMISSION", 0, 10)
    second = told("TRANSFER", 4, 14, **owned("p2"))
    first = told("TRANSFER", 2, 15, **owned("p1"))
    stolen = told("OBSERVE", 5, 16, flags_set="stolen damaged")
    found = told("OBSERVE", 6, 17, flags_unset="stolen")
    taken_back = told("VOID", 7, 18, corrects="OBSERVE 6", origin="CORRECTION")

    def standing(when: datetime) -> tuple[list[str], str]:
        row = picture(warehouse, parse(unit), when).standing
        assert row is not None
        return row["owners"], row["flags"]

    assert standing(made) == ([], "")
    assert standing(second) == (["p2"], "")
    assert standing(first) == (["p1", "p2"], "")
    assert standing(stolen) == (["p1", "p2"], "damaged stolen")
    assert standing(found) == (["p1", "p2"], "damaged")
    assert standing(taken_back) == (["p1", "p2"], "damaged stolen")
    now = picture(warehouse, parse(unit)).standing
    assert now is not None
    assert (now["owners"], now["flags"]) == (["p1", "p2"], "damaged stolen")
