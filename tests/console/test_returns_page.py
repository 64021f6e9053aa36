"""The page Returns and warranty: its points have a table, its files what is shown, and no first day is passed over."""

import csv
import io
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from analytics.console.access import COOKIE
from analytics.console.lifetimes_view import lifetimes
from analytics.console.pages.returns import DAYS, MONTHS
from analytics.lifetimes import Asked, Ending, Origin
from analytics.rates import Exposure
from analytics.warranty_forecast import warranty_forecast
from tests.console.looking import looking
from tests.console.served import Console, serving
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.folded_ledger import FoldedLedger
from tests.ledger_rows import LedgerRows, Row

QUERY = "by=&event=FAIL&origin=commissioned&basis=in-service"


def sold(rows: LedgerRows) -> Iterator[Row]:
    """Yields scans of units sold in each month of a year; one in five comes back, the later the more."""
    for month in range(1, 13):
        for unit in range(40):
            key = f"sku:ACME/W/{month}-{unit}"
            yield rows.scan_row(key, "SELL", f"2024-{month:02}-01 10:00:00", "ACCEPTED")
            back = month + 1 + unit // 5 % 8
            if unit % 5 == 0 and back <= 12:
                yield rows.scan_row(key, "RETURN", f"2024-{back:02}-15 10:00:00", "ACCEPTED")


@pytest.fixture(scope="module")
def shop(embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with embedded_clickhouse.databases.migrated() as (_, warehouse):
        rows = LedgerRows(warehouse)
        rows.insert("unit_events", *sold(rows))
        with serving(tmp_path_factory.mktemp("shop"), FoldedLedger(warehouse)) as served:
            yield served


def file_of(console: Console, path: str) -> httpx.Response:
    """Returns a file, as an analyst gets it."""
    with httpx.Client(base_url=console.url, cookies={COOKIE: console.session("analyst")}, timeout=60) as client:
        return client.get(path)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_weibull_plot_has_its_points_in_a_table_and_in_a_file(browser: Browser, console: Console) -> None:
    asked = Asked((), Origin.COMMISSIONED, Exposure.IN_SERVICE, Ending.FAIL)
    lives = lifetimes(console.ledger.warehouse, asked, "cumulative_incidence", with_fits=True)
    assert lives.fits is not None
    points = lives.fits["points"]
    assert points
    with looking(browser, console) as eye:
        page = eye.at(f"/returns?{QUERY}")
        page.get_by_text("The points as a table").click()
        table = page.get_by_role("region", name="The points as a table").locator("tbody tr")
        expect(table).to_have_count(min(len(points), 500))
        expect(table.first.locator("td").last).to_have_text(f"{points[0]['probability']:.4f}")
        assert eye.faults() == []
    rows = rows_of(file_of(console, f"/returns/weibull-points.csv?{QUERY}"))
    assert [(float(row["time"]), float(row["probability"])) for row in rows] == [
        (point["time"], point["probability"]) for point in points
    ]
    assert len(rows_of(file_of(console, f"/returns/weibull.csv?{QUERY}"))) == len(lives.fits["fits"])


def test_returns_to_come_have_their_files(browser: Browser, shop: Console) -> None:
    coming = warranty_forecast(shop.ledger.warehouse, "", MONTHS, 20.0)
    assert coming is not None
    with looking(browser, shop) as eye:
        panel = eye.at("/returns?cost=20").locator('[aria-labelledby="coming-title"]')
        path = panel.get_by_role("link", name="CSV").get_attribute("href")
        assert eye.faults() == []
    rows = rows_of(file_of(shop, str(path)))
    assert float(rows[0]["expected"]) > 0
    assert [(row["period"], float(row["expected"]), float(row["reserve"])) for row in rows] == [
        (row["period"], row["expected"], row["reserve"]) for row in coming["forecast"]
    ]
    assert list(rows_of(file_of(shop, "/returns/forecast.csv"))[0]) == ["period", "expected", "low", "high"]
    assert file_of(shop, "/returns/forecast.parquet").content.startswith(b"PAR1")
    sql = file_of(shop, "/returns/forecast.sql?item=sku:A/B").text
    assert "fits a Weibull distribution" in sql
    assert "SET param_item = 'sku:A/B';" in sql
    assert rows_of(file_of(shop, "/returns/forecast.csv?item=sku:NO/SUCH")) == []


def test_where_there_is_no_forecast_its_file_has_no_row(console: Console) -> None:
    assert rows_of(file_of(console, "/returns/forecast.csv?cost=20")) == []


def test_the_sql_of_shares_has_each_number_of_days(console: Console) -> None:
    text = file_of(console, "/returns/shares.sql?by=item").text
    assert re.findall(r"SET param_within = '(\d+)';", text) == [str(days) for days in DAYS]


@pytest.mark.parametrize(
    "path", ["shares.csv", "shares.sql", "incidence.csv", "weibull.parquet", "weibull-points.csv", "forecast.csv"]
)
def test_a_file_refuses_a_first_day(console: Console, path: str) -> None:
    answer = file_of(console, f"/returns/{path}?since=2025-04-01")
    assert (answer.status_code, "since: this is of whole lives" in answer.text) == (400, True)


def test_the_page_offers_no_first_day_and_says_where_one_is_asked_for(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/returns?by=item&since=2025-04-01")
        expect(page.get_by_role("status")).to_contain_text("From day 2025-04-01 is not applied here")
        expect(page.get_by_label("To day")).to_be_visible()
        expect(page.get_by_label("From day")).to_have_count(0)
        hrefs = [str(link.get_attribute("href")) for link in page.locator(".files a").all()]
        assert hrefs
        assert not [href for href in hrefs if "since" in href]
        assert eye.faults() == []
