"""The page of a unit in a browser: found by any code, what is known now and what was known then."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.console.looking import Look, at_every_look, looking
from tests.console.seeded import NOW
from tests.console.served import Console, serving
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.folded_ledger import FoldedLedger
from tests.oracle.arrivals import MINUTE, a_scan, a_site_load
from tests.oracle.group_histories import sscc

PUMP, PALLET = "sku:ACME/PUMP/1", sscc(1)
DRIVE, LABEL = "asset:ACME/DRIVE/1", "asset:ACME/DRIVE/0"
_KEY = "if(item = '', serial, concat(item, '/', serial))"


def a_unit(console: Console, where: str, table: str = "unit_events") -> str:
    """Returns the key of a unit with a row like that."""
    found = console.ledger.warehouse.query_rows(f"SELECT {_KEY} FROM {table} WHERE {where} ORDER BY 1 LIMIT 1")
    return str(found[0][0])


@pytest.fixture(scope="module")
def corrected(console: Console) -> str:
    return a_unit(console, "reason = 'RETRACTED' AND state_after != ''", "unit_revisions")


@at_every_look
def test_the_page_of_a_unit_has_no_fault(browser: Browser, console: Console, corrected: str, look: Look) -> None:
    cloned = a_unit(console, "reason = 'IMPOSSIBLE_TRAVEL'")
    with looking(browser, console, look) as eye:
        for unit in (corrected, cloned):
            eye.at(f"/unit?code={quote(unit)}")
            assert eye.faults() == []


def test_a_unit_is_found_by_a_scanner_s_string_from_any_page(browser: Browser, console: Console) -> None:
    unit = a_unit(console, "step = 'SELL' AND outcome = 'ACCEPTED'")
    gtin, serial = unit.removeprefix("gtin:").split("/")
    with looking(browser, console) as eye:
        page = eye.at("/")
        page.get_by_label("Find a unit").fill(f"]d201{gtin}21{serial}\x1d10LOT9")
        page.get_by_label("Find a unit").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(unit)
        expect(page.get_by_text("The code also says: 10 LOT9")).to_be_visible()
        assert eye.faults() == []


def test_the_time_line_shows_the_first_decision_beside_the_newest(
    browser: Browser, console: Console, corrected: str
) -> None:
    with looking(browser, console) as eye:
        table = eye.at(f"/unit?code={quote(corrected)}").get_by_role("region", name="Scans of the unit")
        row = table.get_by_role("row").filter(has_text="Retracted").first
        expect(row).to_contain_text("at first Accepted")


def test_scans_are_counted_as_they_are_decided_now(browser: Browser, console: Console, corrected: str) -> None:
    took = "countIf({} IN ('ACCEPTED', 'FLAGGED'))"
    sql = f"SELECT {took.format('outcome')}, countIf(outcome = 'REJECTED'), {took.format('first_outcome')}"
    asked = f"{sql} FROM v_unit_events WHERE {_KEY} = {{unit:String}}"
    ((applied, rejected, at_first),) = console.ledger.warehouse.query_rows(asked, {"unit": corrected})
    assert applied < at_first
    with looking(browser, console) as eye:
        standing = eye.at(f"/unit?code={quote(corrected)}").get_by_role("region", name="Standing")
        expect(standing).to_contain_text(f"{applied} in effect, {rejected} rejected")


def test_steps_back_and_the_slider_show_what_was_known_then(browser: Browser, console: Console, corrected: str) -> None:
    with looking(browser, console) as eye:
        page = eye.at(f"/unit?code={quote(corrected)}")
        rows = page.get_by_role("region", name="Scans of the unit").get_by_role("row")
        now = rows.count()
        retracted = rows.filter(has_text="Retracted")
        assert retracted.count() == 1
        while retracted.count():
            page.get_by_role("link", name="Step back").click()
        assert "known=" in page.url
        assert rows.count() <= now
        then = page.url
        slider = page.get_by_role("slider")
        expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\d{4}-\d\d-\d\d .* UTC"))
        with page.expect_navigation():
            slider.press("End")
        assert "known=&" in page.url + "&"
        assert retracted.count() == 1
        page.goto(then)
        assert retracted.count() == 0
        assert eye.faults() == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("code=(01)09506000134353(21)ABC", "09506000134352"),
        ("code=sku:ACME/NONE/1", "Nothing is known of sku:ACME/NONE/1"),
        ("code=<script>alert(1)</script>", "is not a GS1 element string"),
        ("code=gtin:09506000000008", "Units it may mean"),
    ],
)
def test_a_code_that_leads_nowhere_says_what_would(browser: Browser, console: Console, query: str, says: str) -> None:
    with looking(browser, console) as eye:
        page = eye.at(f"/unit?{query}")
        expect(page.get_by_role("main")).to_contain_text(says)
        assert [fault for fault in eye.faults() if "404" not in fault] == []


@pytest.mark.parametrize("query", ["known=yesterday", "known=99999-01-01", "before=x", "before=1.99999999999999999999"])
def test_a_senseless_place_or_time_is_refused_in_words(
    browser: Browser, console: Console, corrected: str, query: str
) -> None:
    with looking(browser, console) as eye:
        page = eye.at(f"/unit?code={quote(corrected)}&{query}")
        expect(page.get_by_role("heading", level=1)).to_have_text("That makes no sense here")


def test_without_scripts_the_form_shows_what_was_known_then(browser: Browser, console: Console, corrected: str) -> None:
    with looking(browser, console) as eye:
        first = console.ledger.warehouse.query_rows(
            f"SELECT min(received_at) FROM unit_events WHERE {_KEY} = {{unit:String}}", {"unit": corrected}
        )[0][0]
        page = eye.at(f"/unit?code={quote(corrected)}")
        page.get_by_label("Time, UTC").fill(first.isoformat())
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("region", name="Scans of the unit").get_by_role("row")).to_have_count(2)


@pytest.fixture
def packed(embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Returns a console over a pump that was packed onto a pallet, taken off it and sold, a minute apart each.

    Beside it a drive: made, given to an owner, stolen and said to expire, found again, known by another label before.
    """
    with embedded_clickhouse.databases.migrated() as (_, warehouse):
        ledger = FoldedLedger(warehouse)
        ledger.internal(a_site_load().record, NOW - 9 * MINUTE)
        steps = ((PALLET, "COMMISSION"), (PUMP, "COMMISSION"), (PUMP, "PACK"), (PUMP, "UNPACK"), (PUMP, "SELL"))
        for place, (unit, step) in enumerate(steps):
            when = NOW - (8 - place) * MINUTE
            container = PALLET if "PACK" in step else None
            ledger.scan(a_scan(unit, step, scan_id=f"s{place}") | {"event_time": when, "container": container}, when)
        owner: dict[str, object] = {"attributes": [{"name": "owner", "value": "p-17"}]}
        told: list[tuple[int, str, str, dict[str, object]]] = [
            (0, LABEL, "COMMISSION", {}),
            (0, DRIVE, "COMMISSION", {"expiry": 20_999}),
            (1, DRIVE, "TRANSFER", owner),
            (2, DRIVE, "OBSERVE", {"flags_set": "stolen"}),
            (3, DRIVE, "OBSERVE", {"flags_unset": "stolen"}),
            (4, LABEL, "RELABEL", {"other_unit": DRIVE}),
        ]
        for place, unit, step, fields in told:
            when = NOW - (8 - place) * MINUTE
            ledger.scan(a_scan(unit, step, scan_id=f"{unit} {place}") | {"event_time": when} | fields, when)
        with serving(tmp_path_factory.mktemp("packed"), ledger) as served:
            yield served


def at_minute(unit: str, place: int) -> str:
    """Returns the address of a unit as known when so many scans had been received after the first."""
    when = datetime.fromtimestamp((NOW - (8 - place) * MINUTE) / 1000, UTC)
    return f"/unit?code={quote(unit)}&known={quote(when.isoformat())}"


@at_every_look
def test_container_contents_and_warranty_are_those_of_then(browser: Browser, packed: Console, look: Look) -> None:
    with looking(browser, packed, look) as eye:
        page = eye.at(at_minute(PUMP, 2))
        expect(page.get_by_role("region", name="Standing then").get_by_role("link", name=PALLET)).to_be_visible()
        expect(page.get_by_role("region", name="Warranty then")).to_contain_text("it has not been sold")
        assert eye.faults() == []
        page = eye.at(at_minute(PALLET, 2))
        expect(page.get_by_role("region", name="What was in it then", exact=True)).to_contain_text(PUMP)
        assert eye.faults() == []
        page = eye.at(at_minute(PALLET, 3))
        expect(page.get_by_role("region", name="What was in it then", exact=True)).to_have_count(0)
        page = eye.at(at_minute(PUMP, 4))
        expect(page.get_by_role("region", name="Standing then").get_by_text("In container")).to_have_count(0)
        expect(page.get_by_role("region", name="Warranty then")).to_contain_text("Until")


def test_owners_flags_expiry_and_former_labels_are_those_of_then(browser: Browser, packed: Console) -> None:
    with looking(browser, packed) as eye:

        def then(place: int) -> str:
            page = eye.at(at_minute(DRIVE, place))
            return page.get_by_role("region", name="Standing then").inner_text()

        told = [then(place) for place in range(5)]
        assert ["p-17" in one for one in told] == [False, True, True, True, True]
        assert ["stolen" in one.lower() for one in told] == [False, False, True, False, False]
        assert ["2027-06-30" in one for one in told] == [True] * 5
        assert [LABEL in one for one in told] == [False] * 4 + [True]
        assert eye.faults() == []
