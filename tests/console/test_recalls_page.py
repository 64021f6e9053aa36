"""The page Recalls in a browser: what a lot concerns, a recall started, followed, closed; who may."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from analytics.console.access import COOKIE
from analytics.console.users import Role
from tests.console.looking import Look, at_every_look, looking
from tests.console.seeded import NOW
from tests.console.served import Console, serving
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.folded_ledger import FoldedLedger
from tests.oracle.arrivals import MINUTE, a_scan


@pytest.fixture(scope="module")
def lot(console: Console) -> str:
    """Returns the lot with most units."""
    rows = console.ledger.warehouse.query_rows(
        "SELECT lot, count() FROM unit_state FINAL WHERE lot IS NOT NULL GROUP BY lot ORDER BY 2 DESC, 1 LIMIT 1"
    )
    return str(rows[0][0])


def a_recall(console: Console, lot: str) -> str:
    """Returns the path of a recall that an operator started."""
    with httpx.Client(
        base_url=console.url, cookies={COOKIE: console.session("operator")}, headers={"Origin": console.url}, timeout=90
    ) as client:
        token = client.get(f"/recalls?lots={lot}").text.partition('name="csrf" value="')[2].partition('"')[0]
        answer = client.post("/recalls", data={"csrf": token, "lots": lot, "reason": "swells"})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


@at_every_look
def test_a_look_and_a_recall_have_no_fault(browser: Browser, console: Console, lot: str, look: Look) -> None:
    recall = a_recall(console, lot)
    with looking(browser, console, look) as eye:
        for path in (f"/recalls?lots={lot}", recall):
            eye.at(path)
            assert eye.faults() == []


def test_what_a_lot_concerns_is_started_followed_and_closed(browser: Browser, console: Console, lot: str) -> None:
    with looking(browser, console, role="operator") as eye:
        page = eye.at("/recalls")
        page.get_by_label("Lots", exact=True).fill(lot)
        page.get_by_role("button", name="Look at it").click()
        units = page.locator(".figure-value").first.inner_text()
        total = page.get_by_role("region", name="Units by place and site").locator("tfoot td").nth(1)
        expect(total).to_have_text(units)
        page.get_by_label("Why").fill("cells swell")
        page.get_by_role("button", name="Start this recall").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Recall: lot {lot}")
        expect(page.get_by_text("by Otto: cells swell")).to_be_visible()
        expect(page.locator(".figure-value").first).to_have_text(units)
        page.get_by_label("What came of it").fill("all found")
        page.get_by_role("button", name="Close this recall").click()
        expect(page.get_by_text("by Otto: all found")).to_be_visible()
        expect(page.get_by_role("button", name="Close this recall")).to_have_count(0)
        expect(eye.at("/recalls").get_by_role("region", name="Recalls")).to_contain_text("cells swell")
        assert eye.faults() == []


def test_its_files_have_every_unit(console: Console, lot: str) -> None:
    recall = a_recall(console, lot)
    with httpx.Client(base_url=console.url, cookies={COOKIE: console.session("analyst")}, timeout=60) as client:
        rows = list(csv.DictReader(io.StringIO(client.get(f"{recall}/units.csv").text)))
        page = client.get(recall).text
        document = client.get(f"{recall}/epcis.json")
        assert client.get("/recalls/none/epcis.json").status_code == 404
    assert {row["lot"] for row in rows} == {lot}
    assert all(f"{row['unit_key']}</a>" in page for row in rows)
    assert json.loads(document.content)["type"] == "EPCISDocument"


def test_a_button_pressed_twice_starts_one_recall(console: Console, lot: str) -> None:
    with httpx.Client(
        base_url=console.url, cookies={COOKIE: console.session("operator")}, headers={"Origin": console.url}, timeout=90
    ) as client:
        page = client.get("/recalls", params={"lots": lot}).text
        sent = {"lots": lot, "reason": "twice"} | {
            name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("csrf", "once")
        }
        with ThreadPoolExecutor(2) as presses:
            answers = list(presses.map(lambda _: client.post("/recalls", data=sent), range(2)))
        assert client.get("/recalls").text.count(">twice</td>") == 1
        other = client.get("/recalls", params={"lots": lot}).text
    assert {answer.headers["location"] for answer in answers} == {f"/recalls/{sent['once']}"}
    assert f'value="{sent["once"]}"' not in other


def test_a_lot_with_a_comma_in_it_is_looked_for_in_quotes(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/recalls")
        page.get_by_label("Lots", exact=True).fill('"L8, left"; L7')
        page.get_by_role("button", name="Look at it").click()
        expect(page.get_by_role("main")).to_contain_text("lot L8, left or L7")
        expect(page.get_by_label("Lots", exact=True)).to_have_value('"L8, left"; L7')
        assert eye.faults() == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("bad_from=2026-01-01", "A recall needs a condition"),
        ("lots=L7&made_from=spring", "is no time"),
        ("lots=NO-SUCH-LOT", "Nothing that the ledger knows fits"),
        ("lots=NO-SUCH-LOT,A,B,C", "No unit has lot NO-SUCH-LOT or A or B and 1 more"),
    ],
)
def test_a_senseless_question_is_told_in_words(browser: Browser, console: Console, query: str, says: str) -> None:
    with looking(browser, console) as eye:
        expect(eye.at(f"/recalls?{query}").get_by_role("main")).to_contain_text(says)


@pytest.mark.parametrize("role", ["analyst"])
def test_an_analyst_looks_and_acts_not(browser: Browser, console: Console, lot: str, role: Role) -> None:
    recall = a_recall(console, lot)
    with looking(browser, console, role=role) as eye:
        page = eye.at(f"/recalls?lots={lot}")
        expect(page.get_by_text("An operator can start it.")).to_be_visible()
        expect(page.get_by_role("button", name="Start this recall")).to_have_count(0)
    for path in ("/recalls", recall):
        answer = httpx.post(
            console.url + path, data={"lots": lot, "reason": "x"}, headers={"Origin": console.url},
            cookies={COOKIE: console.session(role)},
        )  # fmt: skip
        assert answer.status_code == 403


def test_a_recall_that_is_none_or_closed_already_is_told(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        expect(eye.at("/recalls/none").get_by_role("main")).to_contain_text("There is no recall 'none'")


def a_unit_of(lot: str, number: int, ledger: FoldedLedger) -> None:
    when = NOW - (60 - number) * MINUTE
    scan = a_scan(f"sku:ACME/CELL/{number}", "COMMISSION", scan_id=f"{lot} {number}")
    ledger.scan(scan | {"event_time": when, "lot": lot}, when)


def test_what_joined_is_among_the_units_of_a_recall(
    browser: Browser, embedded_clickhouse: EmbeddedClickHouse, tmp_path: Path
) -> None:
    with embedded_clickhouse.databases.migrated() as (_, warehouse):
        ledger = FoldedLedger(warehouse)
        for number in range(3):
            a_unit_of("L7", number, ledger)
        with serving(tmp_path, ledger) as console, looking(browser, console) as eye:
            recall = a_recall(console, "L7")
            units = eye.at(recall).locator(".figure").first
            expect(units).to_contain_text("3 on its list")
            a_unit_of("L7", 3, ledger)
            page = eye.at(recall)
            expect(units.locator(".figure-value")).to_have_text("4")
            expect(units).to_contain_text("3 on its list and 1 that joined")
            expect(page.get_by_role("region", name="Units by place and site").locator("tfoot td").nth(1)).to_have_text(
                "4"
            )
