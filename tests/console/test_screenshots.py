"""The README's pictures, made by `make screenshots`: SCREENSHOTS names the folder they go to."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.console.looking import NARROW, Eye, Look, looking
from tests.console.served import Console

MOST_BYTES = 250_000
FOLDER = os.environ.get("SCREENSHOTS", "")
# file, path (or what `SEEN` shows of something), how it is looked at, how many pixels high
SHOTS = (
    ("now.png", "/", Look(), 1040),
    ("now-dark-narrow.png", "/", Look(NARROW, "dark"), 1400),
    ("alerts.png", "/alerts", Look(), 800),
    ("alert.png", "alert:IMPOSSIBLE_TRAVEL", Look(), 1180),
    ("alert-dark.png", "alert:CUSTODY_CONFLICT", Look(scheme="dark"), 1000),
    ("users.png", "/users", Look(), 1000),
    ("unit.png", "unit:RETRACTED", Look(), 1180),
    ("rates.png", "/rates?by=site&origin=first-seen", Look(), 1500),
    ("returns.png", "/returns?by=&event=FAIL&origin=commissioned&basis=in-service", Look(scheme="dark"), 1500),
    ("health.png", "/health/ledger", Look(), 900),
    ("recall.png", "recall:", Look(), 1250),
    ("report.png", "/reports/dwell", Look(), 1150),
    ("sites-narrow.png", "/sites?days=365", Look(NARROW), 1000),
)


@pytest.mark.skipif(not FOLDER, reason="make screenshots names the folder")
@pytest.mark.parametrize(("file", "path", "look", "height"), SHOTS, ids=[shot[0] for shot in SHOTS])
def test_a_picture_is_made_and_small(
    browser: Browser, console: Console, file: str, path: str, look: Look, height: int
) -> None:
    target = Path(FOLDER) / file
    with looking(browser, console, look) as eye:
        page = eye.at(path) if path.startswith("/") else SEEN[path.partition(":")[0]](eye, path.partition(":")[2])
        page.wait_for_load_state("load")
        page.set_viewport_size({"width": look.width, "height": height})
        page.screenshot(path=target, animations="disabled")
        assert eye.faults() == []
    assert target.stat().st_size <= MOST_BYTES


def newest_alert(eye: Eye, kind: str) -> Page:
    page = eye.at(f"/alerts?kind={kind}")
    page.locator("tbody a").first.click()
    page.wait_for_load_state("load")
    return page


def a_unit_with(eye: Eye, reason: str) -> Page:
    """Shows a unit with a decision that was changed to one for this reason."""
    rows = eye.console.ledger.warehouse.query_rows(
        "SELECT concat(item, '/', serial) FROM unit_revisions WHERE reason = {reason:String} AND item != '' ORDER BY 1",
        {"reason": reason},
    )
    return eye.at(f"/unit?code={quote(str(rows[0][0]))}")


def a_look_at_a_lot(eye: Eye, _: str) -> Page:
    """Shows what a recall of the largest lot would concern."""
    rows = eye.console.ledger.warehouse.query_rows(
        "SELECT lot FROM unit_state FINAL WHERE lot IS NOT NULL GROUP BY lot ORDER BY count() DESC, lot LIMIT 1"
    )
    return eye.at(f"/recalls?lots={quote(str(rows[0][0]))}")


SEEN: dict[str, Callable[[Eye, str], Page]] = {"alert": newest_alert, "unit": a_unit_with, "recall": a_look_at_a_lot}
