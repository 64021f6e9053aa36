"""The page of reports: what the verb says, its files, its refusals."""

import csv
import io
import re

import httpx
import polars as pl
import pytest
from playwright.sync_api import Browser, expect

from analytics.console.access import COOKIE
from analytics.reports.registry import report_answer, reports
from tests.console.looking import looking
from tests.console.served import Console


def asking(console: Console) -> httpx.Client:
    return httpx.Client(base_url=console.url, cookies={COOKIE: console.session("analyst")}, timeout=60)


@pytest.mark.parametrize("name", [one.name for one in reports()])
def test_the_sql_of_a_report_declares_every_parameter_that_it_has(console: Console, name: str) -> None:
    with asking(console) as client:
        text = client.get(f"/reports/{name}/file.sql").text
    sql = text[text.rindex("SET param_") :]
    assert set(re.findall(r"^SET param_(\w+) = '", text, re.MULTILINE)) == set(re.findall(r"\{(\w+):", sql))


@pytest.mark.parametrize("name", ["dwell", "on-hand", "sell-through"])
def test_the_table_has_the_rows_of_the_report(browser: Browser, console: Console, name: str) -> None:
    answer = report_answer(console.ledger.warehouse, name)
    with looking(browser, console) as eye:
        page = eye.at(f"/reports/{name}")
        rows = page.get_by_role("region", name=answer["title"]).locator("tbody tr")
        expect(rows).to_have_count(len(answer["rows"]))
        expect(page.locator("[data-chart] canvas")).to_have_count(1)
    with asking(console) as client:
        found = list(csv.DictReader(io.StringIO(client.get(f"/reports/{name}/file.csv").text)))
        assert len(found) == len(answer["rows"])
        assert list(found[0]) == [column["name"] for column in answer["columns"]]
        assert "SELECT" in client.get(f"/reports/{name}/file.sql").text
        assert client.get(f"/reports/{name}/file.parquet").content.startswith(b"PAR1")


def test_rows_can_be_picked_by_a_word_in_them(browser: Browser, console: Console) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/reports/dwell")
        page.get_by_label("Only rows with").fill("FACTORY-1")
        page.get_by_role("button", name="Show").click()
        sites = page.get_by_role("region", name="Dwell times").locator("tbody th").all_inner_texts()
        assert set(sites) == {"factory-1"}
        page.get_by_label("Only rows with").fill("nowhere")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_text("No row has “nowhere”")).to_be_visible()
        assert eye.faults() == []


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_the_files_have_the_rows_that_were_picked(browser: Browser, console: Console, fmt: str) -> None:
    with looking(browser, console) as eye:
        page = eye.at("/reports/dwell?like=factory-1")
        path = page.get_by_role("link", name={"csv": "CSV", "parquet": "Parquet"}[fmt]).get_attribute("href")
        shown = page.get_by_role("region", name="Dwell times").locator("tbody tr").count()
        sql = page.get_by_role("link", name="SQL of all rows").get_attribute("href")
    with asking(console) as client:
        content = client.get(str(path)).content
        assert client.get(str(sql)).status_code == 200
    rows = (pl.read_csv if fmt == "csv" else pl.read_parquet)(io.BytesIO(content))
    assert (len(rows), set(rows["site"])) == (shown, {"factory-1"})


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/reports/dwel", 404, "dwell"),
        ("/reports/dead-stock?days=x", 400, "is no whole number from 1 to 3,650"),
        ("/reports/dead-stock?days=0", 400, "is no whole number"),
        ("/reports/dwell?until=never", 400, "is no date"),
        ("/reports/dwell/file.sql?like=factory-1", 400, "the SQL asks for all rows"),
    ],
)
def test_a_senseless_question_is_refused_in_words(console: Console, path: str, status: int, says: str) -> None:
    with asking(console) as client:
        answer = client.get(path)
    assert answer.status_code == status
    assert says in answer.text
