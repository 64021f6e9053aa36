"""The page Root cause and warnings: a lot that was made to fail is named, with its limits and its files."""

import ast
import csv
import io
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from analytics.causes import AskedCauses, causes_answer
from analytics.console.access import COOKIE
from analytics.lifetimes import Asked, Origin
from tests.console.looking import Look, at_every_look, looking
from tests.console.served import Console, serving
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.folded_ledger import FoldedLedger
from tests.ledger_rows import LedgerRows, Row

BAD, LOTS, UNITS = "LOT-3", 8, 60


def lives_of(rows: LedgerRows) -> Iterator[Row]:
    """Yields scans of eight lots of an item; two thirds of one fail early, one in fifteen of the others.

    Beside them another item, of which there is one unit.
    """
    for lot in range(LOTS):
        for unit in range(UNITS):
            key, named = f"sku:ACME/W/{lot}-{unit}", {"lot": f"LOT-{lot}", "scan_lot": f"LOT-{lot}"}
            yield rows.scan_row(key, "COMMISSION", "2024-01-01 10:00:00", "ACCEPTED", **named)
            yield rows.scan_row(key, "SELL", "2024-01-02 10:00:00", "ACCEPTED", **named)
            if unit % 3 if lot == 3 else unit % 15 == 0:
                yield rows.scan_row(key, "FAIL", f"2024-02-{1 + unit % 28:02} 10:00:00", "ACCEPTED", **named)
            yield rows.scan_row(key, "OBSERVE", "2024-05-01 10:00:00", "ACCEPTED", **named)
    for step, day in (("COMMISSION", "01-01"), ("SELL", "01-02"), ("FAIL", "02-01")):
        alone = {"lot": "ALONE", "scan_lot": "ALONE"}
        yield rows.scan_row("sku:ACME/ONE/1", step, f"2024-{day} 10:00:00", "ACCEPTED", **alone)


@pytest.fixture(scope="module")
def planted(embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with embedded_clickhouse.databases.migrated() as (_, warehouse):
        rows = LedgerRows(warehouse)
        rows.insert("unit_events", *lives_of(rows))
        with serving(tmp_path_factory.mktemp("planted"), FoldedLedger(warehouse)) as served:
            yield served


@at_every_look
def test_a_planted_lot_is_named_first(browser: Browser, planted: Console, look: Look) -> None:
    with looking(browser, planted, look) as eye:
        page = eye.at("/causes")
        first = page.get_by_role("region", name="Root causes").locator("tbody tr").first
        expect(first).to_contain_text(BAD)
        assert eye.faults() == []


def test_one_lot_is_no_lots(planted: Console) -> None:
    with httpx.Client(base_url=planted.url, cookies={COOKIE: planted.session("analyst")}, timeout=60) as client:
        text = client.get("/causes", params={"items": "sku:ACME/ONE", "days": "1"}).text
        many = client.get("/causes").text
    assert "1 unit with 1 event; " in text
    assert "1 lot watched over 1 day; " in text
    assert "1 lot is not tested" in text
    assert f"{LOTS + 1} lots watched over " in many


def test_the_table_and_the_file_have_what_the_verb_says(planted: Console) -> None:
    answer = causes_answer(planted.ledger.warehouse, AskedCauses(Asked(origin=Origin.SOLD)))
    with httpx.Client(base_url=planted.url, cookies={COOKIE: planted.session("analyst")}, timeout=60) as client:
        rows = list(csv.DictReader(io.StringIO(client.get("/causes/causes.csv").text)))
        assert client.get("/causes/warnings.csv").text.startswith("item,lot,began")
        assert client.get("/causes/other.csv").status_code == 404
    assert [(row["value"], row["ratio"]) for row in rows] == [
        (cause["value"], str(cause["ratio"])) for cause in answer["causes"]
    ]


@pytest.mark.parametrize(
    ("what", "says", "columns"),
    [
        ("causes", "exact conditional binomial", ["attribute", "value", "unit_days", "failures"]),
        ("warnings", "daily Poisson CUSUM", ["lot", "day", "band", "change"]),
    ],
)
def test_the_sql_behind_a_table_gives_its_counts(planted: Console, what: str, says: str, columns: list[str]) -> None:
    with httpx.Client(base_url=planted.url, cookies={COOKIE: planted.session("analyst")}, timeout=60) as client:
        text = client.get(f"/causes/{what}.sql", params={"items": "sku:ACME/W"}).text
    assert says in text.partition(".sql\n")[0]
    first = text.partition(f"-- {'causes' if what == 'causes' else 'lot_days'}.sql\n")[2].partition("\n;\n")[0]
    assert set(re.findall(r"^SET param_(\w+) = '", first, re.MULTILINE)) == set(re.findall(r"\{(\w+):", first))
    given = {name: value_of(value) for name, value in re.findall(r"^SET param_(\w+) = '(.*)';$", first, re.MULTILINE)}
    statement = "".join(line for line in first.splitlines(keepends=True) if not line.startswith("SET "))
    found = planted.ledger.warehouse.query_frame(statement, given)
    assert set(columns) <= set(found.columns)
    if what == "causes":
        whole = causes_answer(planted.ledger.warehouse, AskedCauses(items=["sku:ACME/W"]))
        assert found.filter(found["attribute"] == "lot")["failures"].sum() == whole["events"]


def value_of(written: str) -> object:
    """Returns the value of a parameter as a file has it."""
    plain = written.replace("\\'", "'")
    if plain.startswith("["):
        return ast.literal_eval(plain)
    return plain == "True" if plain in {"True", "False"} else plain


@pytest.mark.parametrize(
    ("query", "says"),
    [("event=RETURN", "No unit at risk has the event RETURN"), ("items=sku:ACME/NONE", "No unit counts")],
)
def test_where_nothing_was_compared_the_page_says_why(planted: Console, query: str, says: str) -> None:
    with httpx.Client(base_url=planted.url, cookies={COOKIE: planted.session("analyst")}, timeout=60) as client:
        text = client.get(f"/causes?{query}").text
    assert ("Nothing was compared" in text, says in text) == (True, True)
    assert "goes with failing beyond chance" not in text


def test_a_lot_under_suspicion_leads_to_its_recall(browser: Browser, planted: Console) -> None:
    with looking(browser, planted) as eye:
        eye.at("/causes").get_by_role("link", name=BAD, exact=True).first.click()
        expect(eye.page.get_by_label("Lots", exact=True)).to_have_value(BAD, timeout=60_000)


@pytest.mark.parametrize(
    ("query", "says"),
    [("event=SELL", "is none of FAIL, RETURN"), ("days=0", "is no whole number"), ("days=x", "is no whole number")],
)
def test_a_senseless_question_is_refused_in_words(planted: Console, query: str, says: str) -> None:
    with httpx.Client(base_url=planted.url, cookies={COOKIE: planted.session("analyst")}, timeout=60) as client:
        answer = client.get(f"/causes?{query}")
    assert (answer.status_code, says in answer.text) == (400, True)
