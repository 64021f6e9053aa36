"""The page Now: every silent site is marked, every link leads to what it names, its stream comes back and lets go."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from analytics.console.access import COOKIE
from tests.console.looking import looking
from tests.console.seeded import NOW, a_finding
from tests.console.served import Console, serving
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.folded_ledger import FoldedLedger
from tests.oracle.arrivals import a_scan, a_site_load

_DAY = 86_400_000
SILENT = tuple(f"shop-{number}" for number in range(1, 7))
UNHEARD = "shop-7"
KEPT = """
  window.sources = [];
  window.EventSource = class extends EventSource {
    constructor(...asked) { super(...asked); window.sources.push(this); }
  };
"""
"""What keeps every stream that a page opens, so that a test can ask whether it still listens."""
LIVE = "sources.filter((one) => one.readyState !== EventSource.CLOSED).length"


@pytest.fixture(scope="module")
def quiet(embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Returns a console over a ledger in which more sites are silent than a kind has room for on Now."""
    with embedded_clickhouse.databases.migrated() as (_, warehouse):
        ledger = FoldedLedger(warehouse)
        ledger.internal(a_site_load(sites={"shop-0": (None, None), UNHEARD: (None, None)}).record, NOW - 4 * _DAY)
        for number, site in enumerate((*SILENT, "shop-0")):
            scan = a_scan(f"sku:ACME/W/{number}", "COMMISSION", site=site, scan_id=site)
            ledger.scan(scan, NOW - 3 * _DAY if site in SILENT else NOW - 60_000)
        ledger.bad_bytes(b"no scan at all", NOW - 60_000)
        for site in SILENT:
            ledger.internal(a_finding("SILENT_SITE", f"site:{site}", NOW - 3 * _DAY, silent_hours="72"), NOW - 30_000)
        with serving(tmp_path_factory.mktemp("quiet"), ledger) as served:
            yield served


def is_live(page: Page) -> None:
    expect(page.locator("[data-live]")).to_have_attribute("data-state", "live", timeout=15_000)


def turn(page: Page, *, hidden: bool) -> None:
    """Let a page believe that its tab went to the back, or came to the front."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_every_silent_site_is_marked_also_where_its_alert_is_not_listed(browser: Browser, quiet: Console) -> None:
    with looking(browser, quiet) as eye:
        page = eye.at("/")
        expect(page.locator("#now-waiting li li")).to_have_count(4)  # three sites, and what could not be read
        for site in SILENT:
            expect(page.locator("#now-sites").get_by_role("link", name=f"Silent {site}")).to_be_visible()
        expect(page.locator("#now-figures")).to_contain_text("6 silent")
        expect(page.locator("#now-sites tbody tr").last).to_contain_text("shop-0")


def test_a_site_that_was_loaded_and_never_sent_a_scan_is_counted_and_named(browser: Browser, quiet: Console) -> None:
    with looking(browser, quiet) as eye:
        page = eye.at("/")
        expect(page.locator("#now-figures .figure").last).to_contain_text("8")
        expect(page.locator("#now-figures").get_by_role("link", name="1 without a scan here")).to_be_visible()
        expect(page.locator("#now-sites").get_by_role("link", name=UNHEARD)).to_be_visible()
        is_live(page)
        expect(page.locator("#now-sites").get_by_role("link", name=UNHEARD)).to_be_visible()
        assert eye.faults() == []


def test_every_link_of_now_leads_to_what_it_names(browser: Browser, quiet: Console) -> None:
    with looking(browser, quiet) as eye:
        links: list[list[str]] = eye.at("/").evaluate(
            """[...document.querySelectorAll("main [id^=now-] a")].map((one) => [one.getAttribute("href"), one.text])"""
        )
        # sites and their alerts; alerts listed; two kinds; what has no scan, counted and named
        assert len(links) == len(SILENT) * 2 + 1 + 3 + 2 + 2
        for path, text in links:
            answer = eye.page.goto(quiet.url + path)
            assert answer is not None
            assert answer.status == 200, path
            named = text.removeprefix("Silent site of ").removeprefix("Silent ")
            listed = {"Unreadable records": "Dead letters", "Silent site": SILENT[0], "1 without a scan here": UNHEARD}
            said = listed.get(text, named)
            expect(eye.page.get_by_role("main")).to_contain_text(said)
            if path.startswith("/sites/"):
                expect(eye.page.get_by_role("heading", level=1)).to_have_text(text)
        assert eye.faults() == []


def test_a_page_that_nobody_sees_lets_go_of_its_connection(browser: Browser, quiet: Console) -> None:
    with looking(browser, quiet) as eye:
        eye.page.add_init_script(KEPT)
        page = eye.at("/")
        is_live(page)
        assert page.evaluate(LIVE) == 1
        turn(page, hidden=True)
        assert page.evaluate(LIVE) == 0
        turn(page, hidden=False)
        assert page.evaluate(LIVE) == 1
        is_live(page)
        page.get_by_role("button", name="Pause").click()
        turn(page, hidden=True)
        turn(page, hidden=False)
        assert page.evaluate(LIVE) == 0
        expect(page.locator("[data-live]")).to_have_text("Paused")


@pytest.mark.parametrize("answer", [{"status": 502, "body": "away"}, {"status": 503}, {"status": 200, "body": "<p>"}])
def test_after_another_answer_than_a_stream_the_page_listens_anew(
    browser: Browser, quiet: Console, answer: dict[str, Any]
) -> None:
    told = [answer]

    def once(route: Route) -> None:
        if told:
            route.fulfill(**told.pop())
        else:
            route.continue_()

    with looking(browser, quiet) as eye:
        eye.page.route("**/now/events", once)
        page = eye.at("/")
        expect(page.locator("[data-live]")).to_have_text("Connection lost; trying again")
        is_live(page)


def test_where_the_session_is_over_meanwhile_the_page_goes_to_sign_in(browser: Browser, quiet: Console) -> None:
    with looking(browser, quiet) as eye:
        page = eye.at("/")
        is_live(page)
        turn(page, hidden=True)
        eye.page.context.clear_cookies(name=COOKIE)
        turn(page, hidden=False)
        expect(page).to_have_url(re.compile("/sign-in"), timeout=15_000)
