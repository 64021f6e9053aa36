"""A file of an ERP compared with what is on hand: by analysts too, one sentence where it is wrong, within a size."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from analytics.console.access import COOKIE
from analytics.console.guard import MOST_BODY_BYTES
from analytics.erp import AGREES, contents, differences
from analytics.reports.registry import report_answer
from analytics.tables.quantities import Quantities
from tests.console.looking import Look, at_every_look, looking
from tests.console.seeded import NOW, seed
from tests.console.served import Console, serving
from tests.fixtures_clickhouse import EmbeddedClickHouse

PAGE = "/reports/on-hand/erp"
HEAD = "item,site,quantity\n"


def on_hand(console: Console) -> dict[tuple[str, str], int]:
    rows = report_answer(console.ledger.warehouse, "on-hand")["rows"]
    return {(row["item"], row["site"]): row["units"] for row in rows}


def as_csv(quantities: Quantities) -> str:
    return HEAD + "".join(f"{item},{site},{count}\n" for (item, site), count in quantities.items())


@pytest.fixture(scope="module")
def stated_console(
    embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """Returns a console over a ledger to which an ERP has stated all that is on hand, one item wrongly."""
    home = tmp_path_factory.mktemp("stated")
    with embedded_clickhouse.databases.migrated() as (_, warehouse), serving(home, seed(warehouse, 5_000)) as served:
        quantities = on_hand(served)
        quantities[next(iter(quantities))] += 7
        (content,) = contents(quantities, datetime.fromtimestamp(NOW / 1000, UTC))
        record = {"id": "e1", "kind": "ERP_STATEMENT", "subject": "erp:e1", "base": -1, "author": "Otto"}
        served.ledger.internal(record | {"sent_at": NOW, "content": json.dumps(content)}, NOW)
        yield served


def test_a_file_is_compared_on_the_page_of_what_is_on_hand(browser: Browser, console: Console, tmp_path: Path) -> None:
    quantities = on_hand(console)
    (first, *_), count = quantities, len(quantities)
    file = tmp_path / "erp of monday.csv"
    file.write_text(as_csv(quantities | {first: quantities[first] + 3}), encoding="utf-8")
    with looking(browser, console, role="analyst") as eye:
        page = eye.at("/reports/on-hand")
        page.get_by_label("File of the ERP’s quantities").set_input_files(file)
        page.get_by_role("button", name="Compare").press("Enter")
        expect(page.get_by_role("heading", name="erp of monday.csv")).to_be_visible()
        expect(page.get_by_text(f"1 differ, {count - 1:,} agree; on hand as of now.")).to_be_visible()
        row = page.get_by_role("region", name="On hand against erp of monday.csv").locator("tbody tr").first
        expect(row).to_contain_text(first[0])
        expect(row).to_contain_text("ERP_HAS_MORE")
        assert eye.faults() == []


@at_every_look
def test_what_was_stated_is_shown_where_it_differs(browser: Browser, stated_console: Console, look: Look) -> None:
    with looking(browser, stated_console, look, role="analyst") as eye:
        page = eye.at("/reports/on-hand")
        page.get_by_role("link", name="What was stated, and where it differs").click()
        expect(page.get_by_text("1 differ,")).to_be_visible()
        expect(page.get_by_text("loaded by Otto")).to_be_visible()
        row = page.get_by_role("region", name="Stated to the ledger").locator("tbody tr").first
        expect(row).to_contain_text("ERP_HAS_MORE")
        assert eye.faults() == []


@at_every_look
def test_where_nothing_was_stated_the_page_says_how(browser: Browser, empty_console: Console, look: Look) -> None:
    with looking(browser, empty_console, look) as eye:
        page = eye.at(PAGE)
        expect(page.get_by_text("Nothing was stated yet")).to_be_visible()
        assert eye.faults() == []


def test_what_was_stated_can_be_taken_away(stated_console: Console) -> None:
    rows = differences(stated_console.ledger.warehouse)
    with asking(stated_console) as client:
        lines = client.get(f"{PAGE}/file.csv").text.splitlines()
        assert len(lines) == len(rows) + 1
        assert sum(AGREES in line for line in lines) == len(rows) - 1
        assert client.get(f"{PAGE}/file.parquet").content.startswith(b"PAR1")
        assert "erp_quantities" in client.get(f"{PAGE}/file.sql").text


def asking(console: Console) -> httpx.Client:
    headers = {"Origin": console.url}
    return httpx.Client(base_url=console.url, cookies={COOKIE: console.session("analyst")}, headers=headers, timeout=60)


def sent(console: Console, content: bytes, name: str = "erp.csv", **fields: str) -> httpx.Response:
    """Sends a file as the form of a session's own page does."""
    with asking(console) as client:
        visitor = console.users.visitor(client.cookies[COOKIE])
        assert visitor is not None
        return client.post(PAGE, data={"csrf": visitor.csrf, **fields}, files={"file": (name, content)})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "erp.csv is empty: the first line must name the columns"),
        (b"item,site\n", "no column &#39;quantity&#39;"),
        (HEAD.encode() + b"widget,S1,3\n", "erp.csv: a fault: line 2 (row 1 of the data), column &#39;item&#39;"),
        (HEAD.encode() + b"widget,S1,3\nsku:A/1,,x\n", "erp.csv: 3 faults, the first: line 2"),
        (b"\xff\xfe\x00", "cannot be read as a CSV file in UTF-8"),
        (b"PAR1\x00\x00", "erp.csv: no column"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(console: Console, content: bytes, says: str) -> None:
    answer = sent(console, content)
    assert answer.status_code == 400
    (notice,) = [line for line in answer.text.splitlines() if "notice-bad" in line]
    assert says in notice
    assert "the first: line 2" not in notice or "line 3" not in notice


def test_without_a_file_the_page_asks_for_one(console: Console) -> None:
    for answer in (sent(console, b"", name=""), sent(console, HEAD.encode(), until="soon")):
        assert answer.status_code == 400
    with asking(console) as client:
        visitor = console.users.visitor(client.cookies[COOKIE])
        assert visitor is not None
        answer = client.post(PAGE, data={"csrf": visitor.csrf, "file": "a text"})
    assert answer.status_code == 400
    assert "Choose a CSV file" in answer.text


def test_a_file_s_name_is_text_on_the_page(console: Console) -> None:
    answer = sent(console, HEAD.encode() + b"sku:A/1,S1,3\n", name='C:\\stock\\"><img src=x onerror=1>.csv')
    assert answer.status_code == 200
    assert "<img src=x" not in answer.text
    assert "stock" not in answer.text.split("<main")[1].split("<h2")[1][:200]


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(console: Console) -> None:
    answer = sent(console, b"x" * MOST_BODY_BYTES)
    assert (answer.status_code, "at most" in answer.text) == (413, True)


def test_a_form_of_another_session_or_of_nobody_is_refused(console: Console) -> None:
    with asking(console) as client:
        assert client.post(PAGE, data={"csrf": "0" * 64}, files={"file": ("e.csv", HEAD)}).status_code == 403
        assert client.post(PAGE, files={"file": ("e.csv", HEAD)}).status_code == 403
    with httpx.Client(base_url=console.url, headers={"Origin": console.url}) as nobody:
        assert nobody.post(PAGE, files={"file": ("e.csv", HEAD)}).status_code == 401
