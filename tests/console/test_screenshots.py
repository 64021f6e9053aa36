"""The README's pictures, made by `make screenshots`: SCREENSHOTS names the folder they go to."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.console.looking import NARROW, Look, looking
from tests.console.served import Console

MOST_BYTES = 200_000
FOLDER = os.environ.get("SCREENSHOTS", "")
# file, path (`alert:KIND`: the newest alert of a kind), how it is looked at, how many pixels high
SHOTS = (
    ("now.png", "/", Look(), 1040),
    ("now-dark-narrow.png", "/", Look(NARROW, "dark"), 1400),
    ("alerts.png", "/alerts", Look(), 800),
    ("alert.png", "alert:IMPOSSIBLE_TRAVEL", Look(), 1180),
    ("alert-dark.png", "alert:CUSTODY_CONFLICT", Look(scheme="dark"), 1000),
    ("users.png", "/users", Look(), 1000),
)


@pytest.mark.skipif(not FOLDER, reason="make screenshots names the folder")
@pytest.mark.parametrize(("file", "path", "look", "height"), SHOTS, ids=[shot[0] for shot in SHOTS])
def test_a_picture_is_made_and_small(
    browser: Browser, console: Console, file: str, path: str, look: Look, height: int
) -> None:
    target = Path(FOLDER) / file
    with looking(browser, console, look) as eye:
        page = eye.at(path) if path.startswith("/") else newest_alert(eye.at(f"/alerts?kind={path.partition(':')[2]}"))
        page.wait_for_load_state("load")
        page.set_viewport_size({"width": look.width, "height": height})
        page.screenshot(path=target, animations="disabled")
        assert eye.faults() == []
    assert target.stat().st_size <= MOST_BYTES


def newest_alert(page: Page) -> Page:
    page.locator("tbody a").first.click()
    page.wait_for_load_state("load")
    return page
