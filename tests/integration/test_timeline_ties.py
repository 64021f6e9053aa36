"""A unit's time line is in the ledger's order, also of scans of one time."""

import pytest

from analytics.questions import ALL_KNOWN, ask
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.migrate import down, read_migrations, up
from tests.databases import MIGRATIONS
from tests.ledger_rows import LedgerRows


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def test_of_one_time_what_ends_a_life_comes_last_in_a_timeline_as_in_the_ledger(ledger: LedgerRows) -> None:
    for step in ("RETIRE", "FAIL", "OBSERVE", "COMMISSION"):
        ledger.a_scan("i/a", step, "2024-11-01 10:00:00")
    expected = ["OBSERVE", "COMMISSION", "RETIRE", "FAIL"]
    rows = ask(ledger.warehouse, "unit_timeline", item="i", serial="a", **ALL_KNOWN, most=10)
    assert [row["step"] for row in rows] == expected
    shown = ledger.warehouse.query_rows("SELECT step, place FROM v_unit_timeline ORDER BY place")
    assert shown == [(step, place) for place, step in enumerate(expected, start=1)]


def test_the_view_goes_down_to_what_it_was_with_its_comments(bare_warehouse: Warehouse) -> None:
    def comments() -> list[tuple[object, ...]]:
        return bare_warehouse.query_rows(
            "SELECT name, comment FROM system.columns WHERE database = currentDatabase()"
            " AND table = 'v_unit_timeline' AND name != 'place' ORDER BY position"
        )

    up(bare_warehouse, MIGRATIONS, "embedded")
    newest = comments()
    down(bare_warehouse, MIGRATIONS, "embedded", steps=sum(one.number >= 76 for one in read_migrations(MIGRATIONS)))
    assert comments() == newest
    up(bare_warehouse, MIGRATIONS, "embedded")
    assert comments() == newest
