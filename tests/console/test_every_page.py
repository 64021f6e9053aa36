"""Every page, full and empty, wide and narrow, light and dark: readable by all, within its width, without a fault."""

import pytest
from playwright.sync_api import Browser

from tests.console.looking import LOOKS, OTHER_LOOKS, Look, looking
from tests.console.served import Console

PATHS = (
    "/", "/alerts", "/alerts?status=all&severity=critical", "/users", "/health/ledger", "/unit",
    "/rates", "/rates?by=item&by=month&basis=in-service&origin=commissioned",
    "/rates?by=month-sold&by=month-made&origin=first-seen",
    "/returns", "/returns?by=item&days=90&event=FAIL&basis=in-service",
    "/sites", "/sites?days=365", "/sites/site?name=shop-1&days=365", "/documents", "/recalls", "/causes",
    "/causes?origin=first-seen&basis=in-service&event=RETURN",
    "/reports", "/reports/dwell", "/reports/on-hand", "/reports/return-reasons",
)  # fmt: skip


looks_of_a_page = pytest.mark.parametrize(
    "looks", [LOOKS, pytest.param(OTHER_LOOKS, marks=pytest.mark.slow)], ids=lambda looks: " ".join(map(str, looks))
)


@looks_of_a_page
@pytest.mark.parametrize("path", PATHS)
def test_a_full_page_has_no_fault(browser: Browser, console: Console, path: str, looks: tuple[Look, ...]) -> None:
    assert faults_of(browser, console, path, looks) == {look: [] for look in looks}


@looks_of_a_page
@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=pytest.mark.slow) if "?" in path else path for path in PATHS]
)
def test_an_empty_page_has_no_fault(
    browser: Browser, empty_console: Console, path: str, looks: tuple[Look, ...]
) -> None:
    assert faults_of(browser, empty_console, path, looks) == {look: [] for look in looks}


def faults_of(browser: Browser, console: Console, path: str, looks: tuple[Look, ...]) -> dict[Look, list[str]]:
    """Returns what is wrong with a page by how it is looked at; it is turned from look to look while it stands."""
    with looking(browser, console) as eye:
        assert eye.at(path).title().endswith("Scanledger")
        return {look: eye.turned(look).faults() for look in looks}
