"""The page Health in a browser: the proof on demand, dead letters with their bytes, a re-drive, who may do what."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from analytics.console.access import COOKIE
from analytics.console.outside import ProofState
from analytics.console.redrive import subject_of
from analytics.console.users import Role
from analytics.questions import ask
from jobs.console_redrive import act_of, scan_of, send_instead
from pipeline.errors import NoAnswer
from pipeline.wire.schemas import encode
from tests.console.looking import Look, at_every_look, looking
from tests.console.seeded import NOW
from tests.console.served import Console
from tests.oracle.arrivals import a_scan

CHECK = {"check": "sink", "proves": "ClickHouse has come as far", "compared": 4, "problems": 0, "examples": []}
BROKEN = {"check": "fold", "proves": "the same", "compared": 9, "problems": 2, "examples": ["partition 1: changed: 7"]}

PLANTED = 900_000_000
"""From here on ordinals are of dead letters that no ledger has accounted for."""


def a_dead_letter(console: Console, value: bytes) -> str:
    """Returns the path of a new dead letter."""
    console.ledger.bad_bytes(value, NOW)
    sql = f"SELECT partition, max(ordinal) FROM dead_letters WHERE ordinal < {PLANTED} GROUP BY partition"
    rows = console.ledger.warehouse.query_rows(sql)
    return f"/health/dead-letters/{rows[0][0]}/{rows[0][1]}"


def keep_letter(console: Console, ordinal: int, value: bytes, *, n: int = 0, error: str = "UNKNOWN_SCHEMA") -> None:
    """Puts a dead letter into its table."""
    console.ledger.warehouse.command(
        "INSERT INTO dead_letters"
        " (partition, ordinal, n, topic, offset, error, received_at, detail, size, sha256, value)"
        " SELECT 0, {ordinal:UInt64}, {n:UInt32}, 'scans', {ordinal:UInt64}, {error:String}, '2026-11-01 00:00:00',"
        " 'id 99', {size:UInt64}, '00', unhex({value:String})",
        {"ordinal": ordinal, "n": n, "error": error, "size": len(value), "value": value.hex()},
    )


def a_readable_letter(console: Console, scan: dict[str, Any], ordinal: int) -> str:
    """Returns the path of a new dead letter that can be read by now."""
    keep_letter(console, ordinal, encode("scan", scan))
    return f"/health/dead-letters/0/{ordinal}"


def got_by_admin(console: Console, path: str) -> str:
    return httpx.get(console.url + path, cookies={COOKIE: console.session("admin")}).text


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


def sent(console: Console, path: str, serial: str, step: str = "COMMISSION", **more: str) -> httpx.Response:
    """Sends a scan instead of a dead letter as the form of its page does."""
    session = console.session("admin")
    visitor = console.users.visitor(session)
    assert visitor is not None
    form = {"code": f"(01)09506000134352(21){serial}", "step": step, "site": "shop-1"}
    form |= {"event_time": "2026-11-01T10:00:00Z", "csrf": visitor.csrf}
    return httpx.post(
        console.url + path, data=form | more, headers={"Origin": console.url}, cookies={COOKIE: session}
    )  # fmt: skip


def got(console: Console, path: str) -> httpx.Response:
    return httpx.get(console.url + path, cookies={COOKIE: console.session("analyst")})


def decisions(console: Console, serial: str) -> list[tuple[str, str, str]]:
    """Returns what the ledger makes of a unit's scans by now."""
    sql = "SELECT step, outcome, reason FROM v_unit_events WHERE serial = {serial:String} ORDER BY ordinal"
    return [tuple(row) for row in console.ledger.warehouse.query_rows(sql, {"serial": serial})]


def test_a_dead_letter_is_sent_for_one_unit_only(console: Console) -> None:
    path = a_dead_letter(console, b"whose scan")
    answers = [sent(console, path, serial).status_code for serial in ("FIRST", "OTHER", "FIRST")]
    assert answers == [303, 400, 303]
    assert "was sent instead of it already, by Ada" in sent(console, path, "OTHER").text
    assert decisions(console, "OTHER") == []


def test_after_a_rejection_the_right_scan_can_be_sent_and_the_rejected_one_never_counts(
    browser: Browser, console: Console
) -> None:
    path = a_dead_letter(console, b"sold, or made?")
    assert sent(console, path, "MISTAKEN", "SELL", attempt="0").status_code == 303
    with looking(browser, console) as eye:
        expect(eye.at(path).get_by_text("It is taken back by a VOID first")).to_be_visible()
        assert eye.faults() == []
    for _ in range(2):
        assert sent(console, path, "MISTAKEN", attempt="1").status_code == 303
    assert decisions(console, "MISTAKEN") == [
        ("SELL", "REJECTED", "RETRACTED"), ("VOID", "ACCEPTED", "NONE"), ("COMMISSION", "ACCEPTED", "NONE"),
        ("COMMISSION", "REPEATED", "REDELIVERED"),
    ]  # fmt: skip
    assert sent(console, path, "MISTAKEN", "SELL", attempt="0").status_code == 400


def test_what_was_rejected_for_one_unit_is_sent_for_another_and_stays_without_effect(console: Console) -> None:
    path = a_dead_letter(console, b"misread")
    assert sent(console, path, "MISREAD", "SELL").status_code == 303
    console.ledger.scan(a_scan("gtin:09506000134352/MEANT", "COMMISSION", 5, site="shop-1"), NOW)
    assert sent(console, path, "MEANT", "SELL", attempt="1").status_code == 303
    console.ledger.scan(a_scan("gtin:09506000134352/MISREAD", "COMMISSION", 5, site="shop-1"), NOW)
    assert [row for row in decisions(console, "MISREAD") if row[0] == "SELL"] == [("SELL", "REJECTED", "RETRACTED")]
    assert [row[:2] for row in decisions(console, "MEANT")] == [("COMMISSION", "ACCEPTED"), ("SELL", "ACCEPTED")]


def test_what_was_rejected_and_counts_by_now_stands_in_the_way_of_another(console: Console) -> None:
    path = a_dead_letter(console, b"before its time")
    assert sent(console, path, "EARLY", "SELL").status_code == 303
    console.ledger.scan(a_scan("gtin:09506000134352/EARLY", "COMMISSION", 5, site="shop-1"), NOW)
    assert [row[1] for row in decisions(console, "EARLY")] == ["ACCEPTED", "ACCEPTED"]
    late = sent(console, path, "LATER", "SELL", attempt="1")
    assert (late.status_code, "counts by now" in late.text) == (400, True)
    assert "take the scan" in sent(console, path, "LATER", "SELL", attempt="0").text
    assert decisions(console, "LATER") == []


SEEN_MS = int(datetime(2026, 11, 1, 10, tzinfo=UTC).timestamp() * 1000)
"""When what `sent` sends was seen."""


def test_a_mistaken_unit_whose_scan_was_repeated_is_put_right(console: Console) -> None:
    more: dict[str, Any] = {"site": "shop-1", "reader": "gate", "event_time": SEEN_MS}
    console.ledger.scan(a_scan("gtin:09506000134352/TWICE-READ", "COMMISSION", 5, **more), NOW)
    path = a_dead_letter(console, b"read twice")
    assert sent(console, path, "TWICE-READ", attempt="0", reader="gate").status_code == 303
    assert decisions(console, "TWICE-READ")[1] == ("COMMISSION", "REPEATED", "DOUBLE_SCAN")
    assert sent(console, path, "READ-ONCE", attempt="0").status_code == 400
    for _ in range(2):
        assert sent(console, path, "READ-ONCE", attempt="1").status_code == 303
    assert decisions(console, "TWICE-READ")[2:] == [("VOID", "UNDECIDED", "CORRECTS_UNKNOWN")]
    assert [row[1:] for row in decisions(console, "READ-ONCE")] == [("ACCEPTED", "NONE"), ("REPEATED", "REDELIVERED")]


def test_what_counts_stays_in_the_way_when_its_unit_has_forgotten_it(console: Console) -> None:
    path = a_dead_letter(console, b"long ago")
    assert sent(console, path, "FORGOTTEN").status_code == 303
    for k in range(1, 41):
        more: dict[str, Any] = {"site": f"shop-{1 + k % 2}", "event_time": SEEN_MS + k * 1_800_000}
        console.ledger.scan(a_scan("gtin:09506000134352/FORGOTTEN", "OBSERVE", k, **more), NOW)
    later = sent(console, path, "FORGOTTEN", "SHIP", event_time="2026-11-02T09:00:00Z")
    assert (later.status_code, "one record would count twice" in later.text) == (400, True)
    assert sent(console, path, "FORGOTTEN").status_code == 303
    assert decisions(console, "FORGOTTEN")[41:] == [("COMMISSION", "UNDECIDED", "LATE_BEYOND_TAIL")]
    (row,) = [row for row in got(console, "/health/ledger").text.split("<tr>") if f'href="{path}"' in row]
    assert "Accepted" in row
    assert sent(console, path, "FORGOTTEN-TOO").status_code == 400


def unanswered(*_: object) -> dict[str, Any]:
    message = "no worker decides"
    raise NoAnswer(message)


def test_what_was_announced_holds_its_scan_id_before_it_is_sent(console: Console) -> None:
    path, warehouse = a_dead_letter(console, b"announced"), console.ledger.warehouse
    (letter,) = ask(warehouse, "dead_letter", in_partition=0, at_ordinal=int(path.rpartition("/")[2]))
    announced = list[dict[str, Any]]()

    def acts() -> list[dict[str, Any]]:
        return ask(warehouse, "redrives", subjects=[subject_of(letter)])

    def announce(sending: dict[str, Any]) -> list[dict[str, Any]]:
        announced.append(sending)
        console.ledger.internal(act_of(letter, sending, "Ben"), NOW)
        return acts()

    form = {"code": "(01)09506000134352(21)ANNOUNCED", "step": "COMMISSION", "site": "shop-1"}
    unit, scan = scan_of(form | {"event_time": "2026-11-01T10:00:00Z"})
    with pytest.raises(NoAnswer):
        send_instead(letter, unit, scan, [], unanswered, announce)
    page = got_by_admin(console, path)
    assert "Not known yet" in page
    assert 'value="gtin:09506000134352/ANNOUNCED"' in page
    for other in (sent(console, path, "ANNOUNCED-NOT"), sent(console, path, "ANNOUNCED", site="shop-2")):
        assert (other.status_code, "send that same scan again" in other.text) == (400, True)
    assert sent(console, path, "ANNOUNCED").status_code == 303
    assert decisions(console, "ANNOUNCED") == [("COMMISSION", "ACCEPTED", "NONE")]
    assert [(act["author"], act["outcome"], act["stands"]) for act in acts()] == [
        ("Ada", "ACCEPTED", "ACCEPTED"), ("Ben", "", "ACCEPTED"),
    ]  # fmt: skip
    console.ledger.internal(act_of(letter, announced[0] | {"outcome": "FLAGGED", "reason": "BURST"}, "Ben"), NOW)
    assert [(act["author"], act["outcome"], act["reason"]) for act in acts()][1:] == [("Ben", "FLAGGED", "BURST")]
    assert json.loads(acts()[1]["told"])["site"] == "shop-1"


def test_the_list_says_what_came_of_what_was_sent(console: Console) -> None:
    path = a_dead_letter(console, b"rejected so far")
    sent(console, path, "SO-FAR", "SELL")
    (row,) = [row for row in got(console, "/health/ledger").text.split("<tr>") if f'href="{path}"' in row]
    assert "Rejected" in row
    assert "by Ada" in row


def test_a_dead_letter_keeps_its_mark_however_many_are_sent_after_it(console: Console) -> None:
    path = a_dead_letter(console, b"marked")
    sent(console, path, "MARKED")
    record = {"kind": "REDRIVE", "base": -1, "author": "Ada", "sent_at": NOW}
    with console.ledger.at_once():
        for k in range(10, 111):
            content = {
                "partition": 0,
                "ordinal": 10**9 + k,
                "scan_id": f"s{k}",
                "unit": "sku:A/B/1",
                "outcome": "ACCEPTED",
            }
            told = record | {"id": f"r{k}", "subject": f"dead-letter:0/{PLANTED + k}", "content": json.dumps(content)}
            console.ledger.internal(told, NOW + k)
    (row,) = [row for row in got(console, "/health/ledger").text.split("<tr>") if f'href="{path}"' in row]
    assert "by Ada" in row


def test_a_corrected_scan_keeps_what_the_form_does_not_ask(console: Console) -> None:
    scan = a_scan("sku:ACME/W/KEPT", "COMMISSION", 5, site="shop-1", operator="op-7", source="wms", condition="active")
    scan["attributes"] = [{"name": "colour", "value": "red"}]
    path = a_readable_letter(console, scan, PLANTED + 1)
    page = got_by_admin(console, path)
    assert all(f"{name} <strong>{value}</strong>" in page for name, value in (("operator", "op-7"), ("colour", "red")))
    sent(console, path, "KEPT-2")
    told = "operator, source, condition, arrayMap(one -> one.2, attributes), site"
    found = console.ledger.warehouse.query_rows(f"SELECT {told} FROM unit_events WHERE serial = 'KEPT-2'")
    assert found == [("op-7", "wms", "active", ["red"], "shop-1")]


def test_the_bytes_can_be_taken_away_and_a_cut_dump_says_so(console: Console) -> None:
    value = bytes(range(256)) * 20
    path = a_dead_letter(console, value)
    assert "The first 4,096 of 5,120 bytes are shown" in got(console, path).text
    file = got(console, f"{path}/bytes")
    assert (file.status_code, file.content) == (200, value)
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment")
    assert got(console, f"{path}/bytes?n=1").status_code == 404


def test_each_refused_output_of_an_ordinal_is_shown(browser: Browser, console: Console) -> None:
    for n, value in ((1, b"first output"), (2, b"second output")):
        keep_letter(console, PLANTED + 3, value, n=n, error="REFUSED_BY_BROKER")
    path = f"/health/dead-letters/0/{PLANTED + 3}"
    text = got(console, path).text
    assert text.count("<pre") == 2
    assert "second output" in text
    assert got(console, f"{path}/bytes?n=2").content == b"second output"
    with looking(browser, console) as eye:
        eye.at(path)
        assert eye.faults() == []


def test_what_can_be_read_by_now_is_sent_as_it_was(browser: Browser, console: Console) -> None:
    scan = a_scan("sku:ACME/W/ORIGINAL", "COMMISSION", 5, site="shop-1")
    path = a_readable_letter(console, scan, PLANTED + 2)
    with looking(browser, console) as eye:
        page = eye.at(path)
        expect(page.get_by_label("Unit, as a code or key")).to_have_value("sku:ACME/W/ORIGINAL")
        assert eye.faults() == []
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
