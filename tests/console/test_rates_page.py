"""The page Rates: the numbers of its tables, its files, its refusals; real drives show what is published of them."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import polars as pl
import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.console.access import COOKIE
from analytics.rates import Exposure, Group, failure_rates, failures_counted
from tests.console.looking import looking
from tests.console.served import Console, serving
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.folded_ledger import FoldedLedger
from tests.integration.test_rates_of_drives import SAMPLE, read, verdicts_of
from tests.ledger_rows import LedgerRows


def asking(console: Console) -> httpx.Client:
    """Returns a client that is signed in as an analyst."""
    return httpx.Client(base_url=console.url, cookies={COOKIE: console.session("analyst")}, timeout=60)


def cells(page: Page, region: str) -> list[list[str]]:
    """Returns the texts of a table's body."""
    rows = page.get_by_role("region", name=region).locator("tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


@pytest.fixture(scope="module")
def drives(embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    if not SAMPLE.exists():
        pytest.skip("the drive sample is not beside this repository")
    with embedded_clickhouse.databases.migrated() as (_, warehouse):
        rows = LedgerRows(warehouse)
        rows.insert("unit_events", *(row for drive in read("drives-sample.csv") for row in verdicts_of(rows, drive)))
        with serving(tmp_path_factory.mktemp("drives"), FoldedLedger(warehouse)) as served:
            yield served


def test_the_drive_sample_shows_what_is_published_of_it(browser: Browser, drives: Console) -> None:
    expected = {
        row["model"]: [
            f"{int(row['drives']):,}", f"{int(row['drive_days']):,}", row["failures"],
            *(f"{float(row[name]):.4f}" for name in ("afr_pct", "ci95_low_pct", "ci95_high_pct")),
        ]
        for row in read("drives-sample.expected.csv")
    }  # fmt: skip
    with looking(browser, drives) as eye:
        page = eye.at("/rates?by=item&basis=observed&origin=first-seen")
        shown = {name.rpartition("/")[2]: rest for name, *rest in cells(page, "Failures per unit-year by group")}
        assert shown == expected
        expect(page.get_by_text("Log-rank test")).to_contain_text("p = 0.0009")
        assert eye.faults() == []


def test_the_table_is_what_the_verb_says_and_the_files_have_it_unrounded(console: Console) -> None:
    rows = failure_rates(console.ledger.warehouse, [Group.SITE])
    with asking(console) as client:
        text = client.get("/rates/failures.csv", params={"by": "site"})
        parquet = client.get("/rates/failures.parquet", params={"by": "site"})
    assert text.headers["content-disposition"].endswith("failures.csv")
    read_back = list(csv.DictReader(io.StringIO(text.text)))
    assert [{name: str(value) for name, value in row.items()} for row in rows] == read_back
    assert pl.read_parquet(io.BytesIO(parquet.content)).to_dicts() == rows


def test_all_groups_together_have_the_rate_and_limits_of_all_units(browser: Browser, console: Console) -> None:
    (row,) = failure_rates(console.ledger.warehouse)
    numbers = [f"{row[name]:,}" for name in ("units", "unit_days", "failures")]
    rates = [f"{row[name]:,.4f}" for name in ("afr_percent", "afr_low", "afr_high")]
    with looking(browser, console) as eye:
        cells = (
            eye.at("/rates?by=item").get_by_role("region", name="Failures per unit-year by group").locator("tfoot td")
        )
        assert cells.all_inner_texts() == [*numbers, *rates]
        assert eye.faults() == []


def test_the_sql_behind_a_view_gives_its_counts(console: Console) -> None:
    with asking(console) as client:
        sql = client.get("/rates/failures.sql", params={"by": ["item", "lot"], "since": "2025-04-01"}).text
        survival = client.get("/rates/survival.sql", params={"by": "item", "origin": "first-seen"}).text
    for text in (sql, survival):
        parameters = dict(
            line.removeprefix("SET param_").removesuffix("';").split(" = '", 1)
            for line in text.splitlines()
            if line.startswith("SET param_")
        )
        statement = text[text.rindex("SET param_") :].partition("\n")[2].rpartition(";")[0]
        plain = {name: value.replace("\\'", "'") for name, value in parameters.items()}
        given: dict[str, Any] = {**plain, "by": ["item", "lot"] if "lot" in plain["by"] else ["item"]}
        assert console.ledger.warehouse.query_rows(statement, given | ({"every": False} if "every" in given else {}))


def test_a_view_is_reproduced_by_its_address(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/rates")
        page.get_by_label("item", exact=True).uncheck()
        page.get_by_label("month", exact=True).check()
        page.get_by_label("Time that counts").select_option("in-service")
        page.get_by_label("To day").fill("2025-04-10")
        page.get_by_role("button", name="Show").click()
        seen = cells(page, "Failures per unit-year by group")
        address = page.url
        assert eye.faults() == []
    with looking(browser, console) as other:
        page = other.page
        page.goto(address)
        assert cells(page, "Failures per unit-year by group") == seen
        expect(page.get_by_label("month", exact=True)).to_be_checked()
        expect(page.get_by_label("item", exact=True)).not_to_be_checked()


def test_curves_are_split_by_what_rates_are(console: Console) -> None:
    with asking(console) as client:
        made, began = (
            client.get("/rates/survival.csv", params={"by": by, "origin": "commissioned"}).text
            for by in ("month-made", "month")
        )
        sold = client.get("/rates", params={"by": "month-sold", "origin": "first-seen"}).text
        nothing = client.get("/rates", params={"by": ["item", "supplier"]}).text
    assert made == began
    assert len({row["group"] for row in csv.DictReader(io.StringIO(made))}) > 1
    assert "units without a known month-sold are in no curve" in sold
    assert "No scan that counts states the attribute supplier" in nothing


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("by=colour", "'colour' is none of item, site, lot, month"),
        ("basis=always", "is none of observed, in-service"),
        ("origin=birth", "is none of sold, commissioned, first-seen"),
        ("since=tomorrow", "is no date; the form is 2026-11-02"),
        ("since=1900-01-01", "lies outside of"),
        ("since=2025-02-02&until=2025-01-01", "must not be before the first"),
    ],
)
def test_a_senseless_wish_is_refused_in_words(console: Console, query: str, says: str) -> None:
    with asking(console) as client:
        answer = client.get(f"/rates?{query}")
    assert answer.status_code == 400
    assert says in answer.text.replace("&#39;", "'")


def test_a_first_day_cuts_no_life_and_the_page_says_so(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/rates?by=item&origin=first-seen&since=2025-04-01")
        expect(page.get_by_role("status")).to_contain_text("From day 2025-04-01 is not applied here")
        survival, failures = (
            page.locator(f'[aria-labelledby="{part}-title"]').get_by_role("link", name="CSV").get_attribute("href")
            or ""
            for part in ("survival", "failures")
        )
        assert eye.faults() == []
    assert ("since=2025-04-01" in failures, "since" in survival) == (True, False)
    with asking(console) as client:
        assert client.get(survival).status_code == 200
        refused = client.get("/rates/survival.csv", params={"by": "item", "since": "2025-04-01"})
    assert (refused.status_code, "no first day cuts" in refused.text) == (400, True)


def test_nobody_reads_files_without_signing_in(console: Console) -> None:
    answer = httpx.get(f"{console.url}/rates/failures.csv")
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


def test_an_empty_period_says_what_to_do(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/rates?by=item&until=1999-01-01")
        expect(page.get_by_text("Nothing counts in this period")).to_be_visible()
        assert eye.faults() == []


def test_what_is_not_in_service_is_told_beside_the_rates(console: Console) -> None:
    expected = failures_counted(console.ledger.warehouse, (), Exposure.IN_SERVICE).excluded
    assert expected["unknown_age"] > 0
    with asking(console) as client:
        text = client.get("/rates", params={"basis": "in-service"}).text
        observed = client.get("/rates", params={"basis": "observed"}).text
    assert f"Left out: {expected['unknown_age']} units neither sold nor commissioned." in text
    assert (f"Left out: {expected.get('failures_outside')} failures before" in text) == ("failures_outside" in expected)
    assert "neither sold nor" not in observed
