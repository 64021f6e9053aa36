"""Documents of late: who told of one that was scanned too; where the list ends before they do the page says so."""

from datetime import UTC, datetime
from pathlib import Path

from starlette.testclient import TestClient

from analytics.console.access import COOKIE
from analytics.console.app import build_app
from analytics.console.asking import Asking
from analytics.console.desk import Desk
from analytics.console.pages.documents import MOST_LISTED
from analytics.console.users import UserBook
from analytics.questions import question
from jobs.console_keys import HouseKeys
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.told_documents import ITEM, expect
from tests.unit.console.desks import URL, KeptActs, NoLog


def test_a_document_that_was_told_of_and_scanned_has_its_author(warehouse: Warehouse) -> None:
    ledger = LedgerRows(warehouse)
    for number in range(20):
        expect(ledger, f"asn:{number}", "A1")
        ledger.a_scan(f"{ITEM}/A{number}", "RECEIVE", "2026-01-01 10:00:00", document=f"asn:{number}")
    ledger.a_scan(f"{ITEM}/B1", "RECEIVE", "2026-01-01 10:00:00", document="asn:untold")
    in_turn = (
        f"{question('documents_recent')} SETTINGS max_threads = 1"  # the scans' rows come before those of the acts
    )
    found = warehouse.query_frame(in_turn, {"since_ms": 0, "most": 100})
    rows = {row["document"]: row for row in found.iter_rows(named=True)}
    assert {row["author"] for name, row in rows.items() if name != "asn:untold"} == {"ann"}
    assert rows["asn:untold"]["author"] == ""
    assert {row["scans"] for row in rows.values()} == {1}


def test_where_the_list_ends_before_the_documents_do_the_page_says_so(warehouse: Warehouse, tmp_path: Path) -> None:
    ledger = LedgerRows(warehouse)
    for number in range(MOST_LISTED):
        expect(ledger, f"asn:{number}", "A1")
    assert "are listed; any other" not in page_of(warehouse, tmp_path)
    expect(ledger, "asn:one-more", "A1")
    text = page_of(warehouse, tmp_path)
    assert f"Only the newest {MOST_LISTED} are listed; any other is found by its name." in text
    assert text.count('<th scope="row"') == MOST_LISTED


def page_of(warehouse: Warehouse, home: Path) -> str:
    """Returns the page Documents and counts as an analyst sees it."""
    users = UserBook(home)
    session = users.sign_in(users.link(users.keep("Ann", "analyst").name))
    assert session is not None
    clock = lambda: datetime(2026, 1, 2, tzinfo=UTC).timestamp()  # noqa: E731
    desk = Desk(Asking(lambda: warehouse), users, HouseKeys(home), KeptActs(), NoLog(), URL, clock=clock)
    return TestClient(build_app(desk), base_url=URL, cookies={COOKIE: session}).get("/documents").text
