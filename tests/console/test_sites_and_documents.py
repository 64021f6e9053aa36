"""The pages Sites and Documents and counts: their numbers are those of the tables and of the verb."""

import csv
import io
from dataclasses import replace

import httpx
import pytest
from playwright.sync_api import Browser, expect
from starlette.testclient import TestClient

from analytics.console.access import COOKIE
from analytics.console.app import build_app
from analytics.console.rendering import Frame
from analytics.documents import document_report
from tests.console.looking import Look, at_every_look, looking
from tests.console.seeded import NOW, SILENT
from tests.console.served import Console


def a_document(console: Console, kind: str) -> str:
    """Returns the document of a kind that most scans name."""
    rows = console.ledger.warehouse.query_rows(
        "SELECT document, count() FROM unit_events WHERE startsWith(document, {kind:String})"
        " GROUP BY document ORDER BY 2 DESC, 1 LIMIT 1",
        {"kind": f"{kind}:"},
    )
    return str(rows[0][0])


@at_every_look
@pytest.mark.parametrize("kind", ["asn", "count"])
def test_a_document_has_no_fault(browser: Browser, console: Console, kind: str, look: Look) -> None:
    with looking(browser, console, look) as eye:
        eye.at(f"/documents?show=all&id={a_document(console, kind)}")
        assert eye.faults() == []


def test_the_silent_site_comes_first_and_leads_to_its_alert(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/sites?days=365")
        first = page.get_by_role("region", name="Sites").locator("tbody tr").first
        expect(first).to_contain_text(SILENT)
        first.get_by_role("link", name="Silent").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Silent site")


def test_a_site_s_counts_are_those_of_the_table(browser: Browser, console: Console) -> None:
    scans, rejected, readers = console.ledger.warehouse.query_rows(
        "SELECT count(), countIf(outcome = 'REJECTED'), uniqExactIf(reader, reader IS NOT NULL) FROM unit_events"
        " WHERE site = 'shop-1' AND origin != 'DERIVED'"
    )[0]
    with looking(browser, console) as eye:
        row = eye.at("/sites?days=365").get_by_role("row").filter(has=eye.page.get_by_role("link", name="shop-1"))
        cells = row.locator("td").all_inner_texts()
        assert (cells[2], cells[3].split()[0], cells[5]) == (f"{scans:,}", f"{rejected:,}", str(readers))
        page = eye.at("/sites/site?name=shop-1&days=365")
        page.get_by_text("By day as a table").click()
        days = page.get_by_role("region", name="Scans by day").locator("tbody td:last-child").all_inner_texts()
        assert sum(int(day.replace(",", "")) for day in days) == scans


def test_a_site_that_is_silent_longer_than_the_days_still_has_its_last_scan(browser: Browser, console: Console) -> None:
    (newest,) = console.ledger.warehouse.query_rows(
        "SELECT formatDateTime(max(received_at), '%F %T') FROM unit_events"
        " WHERE site = {site:String} AND origin != 'DERIVED'",
        {"site": SILENT},
    )
    later = NOW / 1000 + 40 * 86_400
    desk = replace(console.desk, clock=lambda: later, frame=Frame())
    with TestClient(build_app(desk), base_url=console.url, cookies={COOKIE: console.session("analyst")}) as client:
        text = client.get("/sites?days=30").text
        site = client.get("/sites/site", params={"name": SILENT, "days": "30"})
        other = client.get("/sites/site", params={"name": "shop-1", "days": "30"})
    row = text.partition(f">{SILENT}</a>")[2].partition("</tr>")[0]
    assert str(newest[0]) in row
    assert '<td class="num">0</td>' in row
    assert "nothing in this time" in text
    assert [(answer.status_code, "No scan in this time" in answer.text) for answer in (site, other)] == [
        (200, True)
    ] * 2


@pytest.mark.parametrize("kind", ["asn", "order", "count"])
def test_a_document_shows_what_the_verb_shows(browser: Browser, console: Console, kind: str) -> None:
    name = a_document(console, kind)
    report = document_report(console.ledger.warehouse, name)
    assert report is not None
    with looking(browser, console) as eye:
        page = eye.at(f"/documents?show=all&id={name}")
        for status, count in report["counts"].items():
            figure = page.locator(".figure").filter(has_text=status.replace("_", " ").capitalize())
            expect(figure.locator(".figure-value").first).to_have_text(f"{count:,}")
        expect(page.get_by_role("region", name="Units of the document").locator("tbody tr")).to_have_count(
            len(report["units"])
        )
    with httpx.Client(base_url=console.url, cookies={COOKIE: console.session("analyst")}, timeout=60) as client:
        rows = list(csv.DictReader(io.StringIO(client.get("/documents/units.csv", params={"id": name}).text)))
    assert [row["unit"] for row in rows] == [unit["unit"] for unit in report["units"]]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/documents?id=asn:none", 404, "Nothing is known of asn:none"),
        ("/documents/units.csv?id=asn:none", 404, "There is no such file"),
        ("/sites?days=8", 400, "is none of 1, 7, 30, 365"),
        ("/sites/site?name=atlantis", 404, "There is no site"),
    ],
)
def test_what_is_not_there_is_told(console: Console, path: str, status: int, says: str) -> None:
    with httpx.Client(base_url=console.url, cookies={COOKIE: console.session("analyst")}, timeout=60) as client:
        answer = client.get(path)
    assert (answer.status_code, says in answer.text) == (status, True)
