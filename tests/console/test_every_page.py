"""Every page, full and empty, wide and narrow, light and dark: readable by all, within its width, without a fault."""

import pytest
from playwright.sync_api import Browser

from tests.console.looking import LOOKS, Look, looking
from tests.console.served import Console

PATHS = (
    "/", "/alerts", "/alerts?status=all&severity=critical", "/users", "/health/ledger", "/unit",
    "/rates", "/rates?by=item&by=month&basis=in-service&origin=commissioned",
    "/returns", "/returns?by=item&days=90&event=FAIL&basis=in-service",
    "/sites", "/sites?days=365", "/sites/site?name=shop-1&days=365", "/documents", "/recalls", "/causes",
    "/causes?origin=first-seen&basis=in-service&event=RETURN",
    "/reports", "/reports/dwell", "/reports/on-hand", "/reports/return-reasons",
)  # fmt: skip


def name_of(look: Look) -> str:
    return f"{look.width}-{look.scheme}"


@pytest.mark.parametrize("look", LOOKS, ids=name_of)
@pytest.mark.parametrize("path", PATHS)
def test_a_full_page_has_no_fault(browser: Browser, console: Console, path: str, look: Look) -> None:
    with looking(browser, console, look) as eye:
        assert eye.at(path).title().endswith("Scanledger")
        assert eye.faults() == []


@pytest.mark.parametrize("look", LOOKS, ids=name_of)
@pytest.mark.parametrize("path", PATHS)
def test_an_empty_page_has_no_fault(browser: Browser, empty_console: Console, path: str, look: Look) -> None:
    with looking(browser, empty_console, look) as eye:
        assert eye.at(path).title().endswith("Scanledger")
        assert eye.faults() == []
