"""What an ERP states, loaded into a real stack, compared with what was scanned, found by the scheduled question."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest import MonkeyPatch

import analytics.erp
from analytics.findings import Scheduled, Watch, schedule
from jobs import alerts, erp
from jobs.findings_stated import Look
from jobs.until_sunk import wait_with_bar
from pipeline.broker.admin import watermarks
from pipeline.broker.topics import Topics
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.sinks import WAIT_SECONDS
from tests.small_ledger import BEGUN, Verbs, small_ledger
from tests.worker.running import running

PUMP, FAN = "sku:ACME/PUMP", "sku:ACME/FAN"
HOUR_MS = 3_600_000


def at(minutes: int) -> str:
    return (BEGUN + timedelta(minutes=minutes)).isoformat()


@pytest.fixture(scope="module")
def verbs(
    kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Verbs]:
    with small_ledger(kafka_bootstrap, embedded_clickhouse, tmp_path_factory.mktemp("home")) as verbs:
        with running(verbs.settings):
            live(verbs)
        yield verbs


def a_file(verbs: Verbs, name: str, *rows: str) -> Path:
    file = verbs.folder / name
    file.write_text("\n".join(["item,site,quantity", *rows, ""]), encoding="utf-8")
    return file


def live(verbs: Verbs) -> None:
    verbs.scans(
        *((f"{PUMP}/{n}", "COMMISSION", n, "", "") for n in (1, 2, 3)),
        (f"{FAN}/1", "COMMISSION", 5, "", ""),
        (f"{PUMP}/3", "SELL", 60, "", ""),
    )
    first = a_file(verbs, "first.csv", f"{PUMP},plant,3", f"{FAN},plant,4")
    verbs.told["first"] = verbs.json(erp.app, "load", str(first), "--as-of", at(30), "--author", "ada")
    verbs.told["before"] = verbs.json(erp.app, "show", "--all")
    verbs.told["opened"] = asked(verbs)
    verbs.told["alerts"] = verbs.json(alerts.app, "list")
    second = a_file(verbs, "second.csv", f"{PUMP},plant,2", f"{FAN},plant,1")
    with MonkeyPatch.context() as patch:
        patch.setattr(analytics.erp, "MOST_BYTES", 10)
        verbs.told["second"] = verbs.json(erp.app, "load", str(second), "--as-of", at(90), "--author", "bob")
    verbs.told["after"] = verbs.json(erp.app, "show", "--all")
    verbs.told["retracted"] = asked(verbs)
    verbs.told["later alerts"] = verbs.json(alerts.app, "list", "--status", "all")


def asked(verbs: Verbs) -> list[dict[str, object]]:
    """Asks the scheduled question as the verb `findings` does, and waits until what it states is accounted for."""
    now_ms = round((BEGUN + timedelta(minutes=90)).timestamp() * 1000) + 2 * HOUR_MS
    rows = Look(verbs.settings, Watch(verbs.warehouse)).at(of_reconciliation(), now_ms)
    topic = Topics.load(verbs.settings.topic_prefix).name("internal")
    ends = {partition: mark.high - 1 for partition, mark in enumerate(watermarks(verbs.settings, topic))}
    wait_with_bar(verbs.settings, {}, ends, WAIT_SECONDS)
    return rows


def of_reconciliation() -> Scheduled:
    return next(one for one in schedule() if one.kind == "RECONCILIATION_DIFFERENCE")


def test_a_statement_loaded_is_compared_with_what_was_on_hand_at_its_time(verbs: Verbs) -> None:
    (row,) = verbs.told["first"]
    assert (row["author"], row["quantities"], row["parts"]) == ("ada", 2, 1)
    found = {(row["item"], row["site"]): (row["erp"], row["ledger"], row["finding"]) for row in verbs.told["before"]}
    assert found == {(PUMP, "plant"): (3, 3, "AGREES"), (FAN, "plant"): (4, 1, "ERP_HAS_MORE")}


def test_the_difference_is_an_alert_of_the_site_until_a_newer_statement_agrees(verbs: Verbs) -> None:
    (opened,) = verbs.told["opened"]
    assert (opened["kind"], opened["subject"], opened["holds"]) == ("RECONCILIATION_DIFFERENCE", "site:plant", True)
    assert f"{FAN}: stated 4, on hand 1" in str(opened["evidence"])
    assert [(one["kind"], one["subject"], one["status"]) for one in verbs.told["alerts"]] == [
        ("RECONCILIATION_DIFFERENCE", "site:plant", "OPEN")
    ]
    assert [row["finding"] for row in verbs.told["after"]] == ["AGREES", "AGREES"]
    assert [row["holds"] for row in verbs.told["retracted"]] == [False]
    assert [one["status"] for one in verbs.told["later alerts"]] == ["RETRACTED"]


def test_a_statement_of_several_records_is_one_statement(verbs: Verbs) -> None:
    (row,) = verbs.told["second"]
    assert (row["author"], row["quantities"], row["parts"]) == ("bob", 2, 2)
    listed = verbs.json(erp.app, "list")
    assert [one["author"] for one in listed] == ["bob", "ada"]


@pytest.mark.parametrize(
    ("rows", "as_of", "said"),
    [
        (["widget,plant,1"], "2024-01-01", "'widget' is no item"),
        ([f"{PUMP},plant,1"], "soon", "'soon' is no time"),
        ([f"{PUMP},plant,1"], "2298-01-01", "still to come"),
        ([], "2024-01-01", "has no rows, so nothing was sent"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_sent(verbs: Verbs, rows: list[str], as_of: str, said: str) -> None:
    before = verbs.json(erp.app, "list")
    result = verbs.run(erp.app, "load", str(a_file(verbs, "wrong.csv", *rows)), "--as-of", as_of)
    assert result.exit_code != 0
    assert said in " ".join((result.output + str(result.exception)).split())
    assert verbs.json(erp.app, "list") == before
