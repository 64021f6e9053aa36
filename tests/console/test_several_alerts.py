"""Several alerts acted on at once: chosen by mouse or by keyboard, each told what became of it, by whom it may be."""

import json

from playwright.sync_api import Browser, Page, expect

from analytics.console.wording import MISSING
from analytics.questions import ask
from tests.console.looking import Look, at_every_look, looking
from tests.console.seeded import SILENT_SITES
from tests.console.served import Console


def statuses(console: Console) -> dict[str, str]:
    sql = "SELECT subject, status FROM v_alerts"
    return {subject.removeprefix("site:"): status for subject, status in console.ledger.warehouse.query_rows(sql)}


def choose(page: Page, *sites: str) -> None:
    for site in sites:
        page.get_by_role("checkbox", name=f"of {site},").check()


def results(page: Page) -> dict[str, tuple[str, str]]:
    """Returns result and who was first by site."""
    rows = page.get_by_role("region", name="What became of each alert").locator("tbody tr").all()
    cells = [row.locator("td").all_inner_texts() for row in rows]
    return {subject.removeprefix("site:").strip(): (result.strip(), first) for result, _, subject, first in cells}


@at_every_look
def test_all_that_are_shown_are_closed_at_once_by_keyboard(browser: Browser, waiting: Console, look: Look) -> None:
    with looking(browser, waiting, look, role="operator") as eye:
        page = eye.at("/alerts")
        page.get_by_label("Select all shown").focus()
        page.keyboard.press("Space")
        expect(page.get_by_text("3 of 3 chosen")).to_be_visible()
        assert eye.faults() == []
        page.get_by_label("Reason to close").focus()
        page.keyboard.type("a holiday")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{waiting.url}/alerts")  # Enter in a field sends nothing: which act was meant?
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Closed: 3 of 3.")).to_be_visible()
        assert eye.faults() == []
        assert results(page) == dict.fromkeys(SILENT_SITES, ("Applied", MISSING))
        page.get_by_role("link", name="Alerts", exact=True).last.click()
        expect(page.get_by_text("No alert is open")).to_be_visible()
    assert statuses(waiting) == dict.fromkeys(SILENT_SITES, "CLOSED")
    acts = waiting.ledger.warehouse.query_rows("SELECT author, content FROM acts WHERE kind = 'ALERT_CLOSE'")
    assert {(author, json.loads(content)["reason"]) for author, content in acts} == {("Otto", "a holiday")}


def test_of_each_alert_that_somebody_else_was_faster_with_it_is_said(browser: Browser, waiting: Console) -> None:
    parameters = {"ids": [], "statuses": [], "kinds": [], "units": [], "most": 9}
    alerts = {row["subject"]: row["id"] for row in ask(waiting.ledger.warehouse, "alerts", **parameters)}
    with looking(browser, waiting, role="operator") as eye:
        page = eye.at("/alerts")
        choose(page, "oslo", "lima")
        waiting.acts.on_alerts("ALERT_ACKNOWLEDGE", [alerts["site:oslo"]], "Ann", {})
        page.get_by_role("button", name="Acknowledge chosen").click()
        expect(page.get_by_text("Acknowledged: 1 of 2.")).to_be_visible()
        found = results(page)
        assert found["lima"] == ("Applied", MISSING)
        assert found["oslo"][0] == "Stale"
        assert found["oslo"][1].startswith("Ann was first: acknowledged at 2026-11-02")
        assert eye.faults() == []
    assert statuses(waiting) == {"berlin": "OPEN", "lima": "ACKNOWLEDGED", "oslo": "ACKNOWLEDGED"}


def test_several_are_given_to_somebody(browser: Browser, waiting: Console) -> None:
    with looking(browser, waiting, role="operator") as eye:
        page = eye.at("/alerts")
        choose(page, "oslo", "berlin")
        expect(page.get_by_text("2 of 3 chosen")).to_be_visible()
        page.get_by_label("Assign to").fill("Bo")
        page.get_by_role("button", name="Assign chosen").click()
        expect(page.get_by_text("Assigned to Bo: 2 of 2.")).to_be_visible()
        page.get_by_role("link", name="Silent site of oslo").click()
        expect(page.get_by_text("Assigned to", exact=True).locator("+ dd")).to_have_text("Bo")


def test_an_analyst_has_nothing_to_choose_and_is_told_why(browser: Browser, waiting: Console) -> None:
    with looking(browser, waiting, role="analyst") as eye:
        page = eye.at("/alerts")
        expect(page.get_by_role("checkbox")).to_have_count(0)
        expect(page.get_by_text("Acting on alerts takes the role operator")).to_be_visible()
        assert eye.faults() == []
