"""One Chromium, one full and one empty console for all of these tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.console.seeded import seed, silent_sites
from tests.console.served import Console, serving
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.folded_ledger import FoldedLedger

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Skips where there is no Chromium, and fails there where REQUIRE_BROWSER is 1.

    Ended with its file: while Playwright runs, its event loop is the main thread's, and no test there can have one.
    """
    if not CHROMIUM.exists():
        missing = f"there is no Chromium at {CHROMIUM}: install it, or name it with CHROMIUM"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*flags, "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def console(embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console over a simulated supply chain; a test that changes it leaves it as others can use it."""
    home = tmp_path_factory.mktemp("console")
    with embedded_clickhouse.databases.migrated() as (_, warehouse), serving(home, seed(warehouse)) as served:
        yield served


@pytest.fixture(scope="session")
def empty_console(
    embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """A console over a ledger in which nothing has arrived."""
    home = tmp_path_factory.mktemp("empty")
    with embedded_clickhouse.databases.migrated() as (_, warehouse), serving(home, FoldedLedger(warehouse)) as served:
        yield served


@pytest.fixture
def waiting(embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console over a ledger of the test's own with three open alerts, for who acts on them."""
    home = tmp_path_factory.mktemp("waiting")
    with embedded_clickhouse.databases.migrated() as (_, warehouse), serving(home, silent_sites(warehouse)) as served:
        yield served
