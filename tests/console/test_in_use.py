"""The console in use: signing in by a link, acting on an alert, watching Now, by keyboard, in the dark."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.looking import NARROW, Look, looking
from tests.console.seeded import NOW, SILENT
from tests.console.served import Console
from tests.oracle.arrivals import a_scan


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A browser nobody is signed in at."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def first_alert(page: Page, kind: str) -> None:
    page.locator("tbody a", has_text=kind).first.click()


def test_a_link_signs_in_once_and_leads_to_where_one_wanted_to_go(console: Console, stranger: Page) -> None:
    stranger.goto(f"{console.url}/alerts?status=all")
    expect(stranger.get_by_text("scanledger console link")).to_be_visible()
    link = console.link("analyst")
    stranger.goto(f"{link}&back=/alerts%3Fstatus=all")
    stranger.get_by_role("button", name="Sign in as Ann").click()
    expect(stranger).to_have_url(f"{console.url}/alerts?status=all")
    stranger.get_by_role("button", name="Sign out").click()
    stranger.goto(link)
    expect(stranger.get_by_role("alert")).to_contain_text("has been used")


def test_a_link_in_web_mail_leads_whoever_is_signed_in_to_the_alert(console: Console, stranger: Page) -> None:
    stranger.goto(console.link("analyst"))
    stranger.get_by_role("button", name="Sign in as Ann").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Now")
    mail = f'<!doctype html><a href="{console.url}/alerts?status=all">Look at it</a>'
    stranger.route("http://mail.example/", lambda route: route.fulfill(body=mail, content_type="text/html"))
    stranger.goto("http://mail.example/")
    stranger.get_by_role("link", name="Look at it").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Alerts")


def test_an_alert_is_acknowledged_closed_and_opened_again_by_name(browser: Browser, waiting: Console) -> None:
    with looking(browser, waiting, role="operator") as eye:
        page = eye.at("/alerts")
        first_alert(page, "Silent site")
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_role("status")).to_contain_text("Acknowledged")
        page.get_by_label("Reason to close").fill("compared both: a copy")
        page.get_by_role("button", name="Close").click()
        expect(page.get_by_role("status")).to_contain_text("Closed")
        closed = page.get_by_role("row").filter(has_text="Closed")
        expect(closed).to_contain_text("Otto")
        expect(closed).to_contain_text("compared both: a copy")
        page.get_by_role("button", name="Open again").click()
        expect(page.get_by_role("status")).to_contain_text("Opened again")
        assert eye.faults() == []


def test_of_two_who_act_the_second_is_told_who_was_first(browser: Browser, waiting: Console) -> None:
    with (
        looking(browser, waiting, role="operator") as early,
        looking(browser, waiting, role="admin") as late,
    ):
        page, other = early.at("/alerts"), late.at("/alerts")
        first_alert(page, "Silent site")
        first_alert(other, "Silent site")
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_role("status")).to_contain_text("Acknowledged")
        other.get_by_role("button", name="Acknowledge").click()
        expect(other.get_by_role("status")).to_contain_text("Somebody was first")
        expect(other.get_by_role("row").filter(has_text="Stale")).to_contain_text("Otto was first: acknowledged")
        assert late.faults() == []


def test_the_evidence_of_a_clone_is_drawn_and_told(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/alerts?kind=IMPOSSIBLE_TRAVEL")
        first_alert(page, "Impossible travel")
        chart = page.get_by_role("img", name=re.compile("^Where the unit was scanned"))
        expect(chart.locator("canvas")).to_be_visible()
        table = page.get_by_role("region", name="Scans of the unit in two histories")
        expect(table.get_by_role("row").filter(has_text="Impossible travel").first).to_be_visible()
        assert eye.faults() == []


def test_now_names_each_kind_of_trouble_with_a_link_to_its_evidence(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/")
        waiting = page.locator("#now-waiting")
        for kind in ("Impossible travel", "Custody conflict", "Silent site", "Unreadable records"):
            expect(waiting.get_by_role("heading", name=kind)).to_be_visible()
        page.locator("#now-sites").get_by_role("link", name=f"Silent {SILENT}").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Silent site")
        expect(page.get_by_text("longest silence before hours")).to_be_visible()


def test_now_shows_what_comes_in_without_loading_again(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/")
        expect(page.locator("[data-live]")).to_have_attribute("data-state", "live")
        figure = page.locator("#now-sites")
        expect(figure.get_by_role("rowheader", name="kiosk-1")).to_have_count(0)
        page.evaluate("window.isTheSame = true")
        scan = a_scan("sku:ACME/KIOSK/1", "COMMISSION", site="kiosk-1", scan_id="from a kiosk")
        console.ledger.scan(scan, NOW - 1)
        expect(figure.get_by_role("rowheader", name="kiosk-1")).to_be_visible()
        assert page.evaluate("window.isTheSame")


def test_what_one_has_opened_and_focused_stays_so_when_news_come(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/")
        expect(page.locator("[data-live]")).to_have_attribute("data-state", "live")
        table = page.locator("#now-mix details")
        table.locator("summary").click()
        before = page.locator("#now-mix").inner_text()
        page.get_by_role("region", name="Scans of the last hour by outcome").focus()
        console.ledger.scan(a_scan("sku:ACME/KIOSK/2", "COMMISSION", site="kiosk-2", scan_id="news"), NOW - 1)
        expect(page.locator("#now-sites").get_by_role("rowheader", name="kiosk-2")).to_be_visible()
        expect(page.locator("#now-mix")).not_to_have_text(before, use_inner_text=True)
        expect(table).to_have_attribute("open", "")
        expect(page.get_by_role("region", name="Scans of the last hour by outcome")).to_be_focused()


def test_what_moves_can_be_paused(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/")
        expect(page.locator("[data-live]")).to_have_attribute("data-state", "live")
        page.get_by_role("button", name="Pause").click()
        expect(page.locator("[data-live]")).to_have_text("Paused")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("[data-live]")).to_have_attribute("data-state", "live")


def test_filters_stand_in_the_address_and_an_address_reproduces_the_view(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/alerts")
        page.get_by_label("Severity").select_option("critical")
        page.get_by_label("Status").select_option("all")
        page.get_by_role("button", name="Show").click()
        expect(page).to_have_url(re.compile("severity=critical"))
        rows = page.locator("tbody").inner_text()
        again = eye.at(page.url.removeprefix(console.url))
        assert again.locator("tbody").inner_text() == rows
        assert "Warning" not in rows


def test_everything_is_reached_by_keyboard(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/alerts")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        reached = set()
        for _ in range(14):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        assert {"f-status", "f-kind", "f-site", "Show"} <= reached


def test_the_menu_opens_by_keyboard_where_it_is_narrow(browser: Browser, console: Console) -> None:
    with looking(browser, console, Look(NARROW)) as eye:
        page = eye.at("/alerts")
        link = page.get_by_role("link", name="Now", exact=True)
        expect(link).to_be_hidden()
        page.get_by_role("checkbox", name="Menu").focus()
        page.keyboard.press("Space")
        expect(link).to_be_visible()
        assert eye.faults() == []


def test_a_scheme_that_was_chosen_holds_against_the_systems(browser: Browser, console: Console) -> None:
    with looking(browser, console, Look(scheme="light")) as eye:
        page = eye.at("/alerts")
        page.get_by_role("link", name="Dark").click()
        expect(page).to_have_url(f"{console.url}/alerts")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 19, 23)"
        assert eye.faults() == []


def test_clickhouse_being_away_is_told_and_the_page_comes_back(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/alerts")
        console.take_away()
        try:
            eye.at("/alerts")
            expect(page.get_by_role("heading", level=1)).to_have_text("Not now")
            expect(page.get_by_text("scanledger up")).to_be_visible()
        finally:
            console.give_back()
        eye.wrong.clear()  # a browser notes that a page answered 503
        eye.at("/alerts")
        expect(page.get_by_role("heading", level=1)).to_have_text("Alerts")
        assert eye.faults() == []
