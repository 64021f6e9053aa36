"""The page Health in a browser: the proof on demand, dead letters with their bytes, a re-drive, who may do what."""

import httpx
import pytest
from playwright.sync_api import Browser, expect

from analytics.console.access import COOKIE
from analytics.console.outside import ProofState
from analytics.console.users import Role
from pipeline.wire.schemas import encode
from tests.console.looking import Look, at_every_look, looking
from tests.console.seeded import NOW
from tests.console.served import Console
from tests.oracle.arrivals import a_scan

CHECK = {"check": "sink", "proves": "ClickHouse has come as far", "compared": 4, "problems": 0, "examples": []}
BROKEN = {"check": "fold", "proves": "the same", "compared": 9, "problems": 2, "examples": ["partition 1: changed: 7"]}


def a_dead_letter(console: Console, value: bytes) -> str:
    """Returns the path of a new dead letter."""
    console.ledger.bad_bytes(value, NOW)
    rows = console.ledger.warehouse.query_rows("SELECT partition, max(ordinal) FROM dead_letters GROUP BY partition")
    return f"/health/dead-letters/{rows[0][0]}/{rows[0][1]}"


@at_every_look
def test_a_dead_letter_and_a_proof_with_problems_have_no_fault(browser: Browser, console: Console, look: Look) -> None:
    letter = a_dead_letter(console, b"no scan \x00\xff" * 40)
    with looking(browser, console, look) as eye:
        expect(eye.at(letter).get_by_label("The record's bytes")).to_contain_text("6e 6f 20 73 63 61 6e")
        assert eye.faults() == []
        console.proofs.told = ProofState(False, "ada", NOW, NOW, checks=(CHECK, BROKEN))
        expect(eye.at("/health/ledger").get_by_role("alert")).to_contain_text("NOT every scan")
        assert eye.faults() == []


def test_the_proof_runs_on_demand_and_its_panel_follows(browser: Browser, console: Console) -> None:
    console.proofs.told = ProofState()
    with looking(browser, console, role="operator") as eye:
        page = eye.at("/health/ledger")
        page.get_by_role("button", name="Prove it now").click()
        expect(page.get_by_text("partition 1 of 4")).to_be_visible()
        expect(page.get_by_role("button", name="Prove it now")).to_be_disabled()
        console.proofs.told = ProofState(False, "ada", NOW, NOW, ok=True, checks=(CHECK,))
        expect(page.get_by_text("Every scan is accounted for, once.")).to_be_visible(timeout=15_000)
        assert eye.faults() == []


def test_a_corrected_scan_is_sent_once_and_the_dead_letter_stays(browser: Browser, console: Console) -> None:
    letter = a_dead_letter(console, b"half a scan")
    with looking(browser, console) as eye:
        for _ in range(2):
            page = eye.at(letter)
            page.get_by_label("Unit, as a code or key").fill("(01)09506000134352(21)REDRIVEN")
            page.get_by_label("Step").select_option("COMMISSION")
            page.get_by_label("Site", exact=True).fill("shop-1")
            page.get_by_label("Seen at").fill("2026-11-01T10:00:00Z")
            page.get_by_role("button", name="Send this scan").click()
            expect(page.get_by_role("status")).to_contain_text("It was sent")
        sent = page.get_by_role("region", name="What was sent instead").get_by_role("row")
        expect(sent).to_have_count(3)
        expect(sent.nth(1)).to_contain_text("Redelivered")
        assert eye.faults() == []
        expect(eye.at("/health/ledger").locator("tbody").last).to_contain_text("Ada")
    found = console.ledger.warehouse.query_rows(
        "SELECT outcome, reason FROM unit_events WHERE serial = 'REDRIVEN' ORDER BY ordinal"
    )
    assert found == [("ACCEPTED", "NONE"), ("REPEATED", "REDELIVERED")]


def test_a_dead_letter_is_sent_for_one_unit_only(console: Console) -> None:
    path = a_dead_letter(console, b"whose scan")
    session = console.session("admin")
    visitor = console.users.visitor(session)
    assert visitor is not None
    form = {"step": "COMMISSION", "site": "shop-1", "event_time": "2026-11-01T10:00:00Z", "csrf": visitor.csrf}

    def sent(serial: str) -> httpx.Response:
        told = form | {"code": f"(01)09506000134352(21){serial}"}
        headers = {"Origin": console.url}
        return httpx.post(console.url + path, data=told, headers=headers, cookies={COOKIE: session})

    assert [sent("FIRST").status_code, sent("OTHER").status_code, sent("FIRST").status_code] == [303, 400, 303]
    assert "was sent instead of it already, by Ada" in sent("OTHER").text
    found = console.ledger.warehouse.query_rows("SELECT count() FROM unit_events WHERE serial = 'OTHER'")
    assert found == [(0,)]


def test_what_can_be_read_by_now_is_sent_as_it_was(browser: Browser, console: Console) -> None:
    scan = a_scan("sku:ACME/W/ORIGINAL", "COMMISSION", 5, site="shop-1")
    value = encode("scan", scan)
    console.ledger.warehouse.command(
        "INSERT INTO dead_letters"
        " (partition, ordinal, n, topic, offset, error, received_at, detail, size, sha256, value)"
        " SELECT 0, 999999999, 0, 'scans', 5, 'UNKNOWN_SCHEMA', '2026-11-01 00:00:00', 'id 99', {size:UInt64}, '00',"
        " unhex({value:String})",
        {"size": len(value), "value": value.hex()},
    )
    with looking(browser, console) as eye:
        page = eye.at("/health/dead-letters/0/999999999")
        expect(page.get_by_label("Unit, as a code or key")).to_have_value("sku:ACME/W/ORIGINAL")
        page.get_by_role("button", name="Send the original").click()
        expect(page.get_by_role("status")).to_contain_text("It was sent")
    found = console.ledger.warehouse.query_rows("SELECT outcome, scan_id FROM unit_events WHERE serial = 'ORIGINAL'")
    assert [outcome for outcome, _ in found] == ["ACCEPTED"]
    assert found[0][1] != scan["scan_id"]


def test_a_wrong_form_keeps_what_was_written_and_says_what_would_be_right(browser: Browser, console: Console) -> None:
    letter = a_dead_letter(console, b"again")
    with looking(browser, console) as eye:
        page = eye.at(letter)
        page.get_by_label("Unit, as a code or key").fill("(01)09506000134353(21)A")
        page.get_by_label("Step").select_option("SELL")
        page.get_by_label("Site", exact=True).fill("shop-1")
        page.get_by_label("Seen at").fill("noon")
        page.get_by_role("button", name="Send this scan").click()
        expect(page.get_by_role("alert")).to_contain_text("09506000134352")
        expect(page.get_by_label("Seen at")).to_have_value("noon")


@pytest.mark.parametrize(
    ("path", "role", "status"),
    [
        ("/health/proof", "analyst", 403),
        ("/health/dead-letters/0/1", "operator", 403),
        ("/health/dead-letters/0/1", "analyst", 403),
        ("/health/proof", "operator", 403),  # without the session's token
    ],
)
def test_who_may_not_is_refused(console: Console, path: str, role: Role, status: int) -> None:
    answer = httpx.post(
        console.url + path, data={"original": ""}, headers={"Origin": console.url},
        cookies={COOKIE: console.session(role)},
    )  # fmt: skip
    assert answer.status_code == status


def test_buttons_are_shown_to_who_may_use_them(browser: Browser, console: Console) -> None:
    letter = a_dead_letter(console, b"once more")
    console.proofs.told = ProofState()
    with looking(browser, console, role="analyst") as eye:
        expect(eye.at("/health/ledger").get_by_role("button", name="Prove it now")).to_have_count(0)
        expect(eye.at(letter).get_by_text("An admin can do this.")).to_be_visible()


@pytest.mark.parametrize("place", ["0/7777777777", "9/1", "0/0", "-1/1", "0/99999999999999999999"])
def test_a_dead_letter_that_is_none_leads_back(browser: Browser, console: Console, place: str) -> None:
    with looking(browser, console) as eye:
        expect(eye.at(f"/health/dead-letters/{place}").get_by_role("main")).to_contain_text("Health lists")
