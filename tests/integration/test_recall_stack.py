"""A recall on a real stack: products assembled, a component's lot recalled, its products seen, one recovered."""

import csv
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from jobs import recall, replay
from pipeline.proof.verify import Ledger, verify
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.sinks import WAIT_SECONDS
from tests.small_ledger import BEGUN, Verbs, small_ledger
from tests.worker.running import running

CELL, BIKE = "sku:ACME/CELL", "sku:ACME/BIKE"


@pytest.fixture(scope="module")
def verbs(
    kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Verbs]:
    with small_ledger(kafka_bootstrap, embedded_clickhouse, tmp_path_factory.mktemp("home")) as verbs:
        with running(verbs.settings):
            live(verbs)
        yield verbs


def live(verbs: Verbs) -> None:
    verbs.scans(
        *((f"{CELL}/{n}", "COMMISSION", 0, "L7" if n < 3 else "L8", "") for n in (1, 2, 3)),
        *((f"{BIKE}/{n}", "COMMISSION", 1, "B1", "") for n in (1, 2, 3)),
        *((f"{CELL}/{n}", "INSTALL", 10, "", f"{BIKE}/{n}") for n in (1, 2, 3)),
        (f"{CELL}/2", "REMOVE", 20, "", f"{BIKE}/2"),
        (f"{BIKE}/1", "SELL", 30, "", ""),
    )
    verbs.told["preview"] = verbs.json(recall.app, "start", "--lot", "L7", "--dry-run")
    verbs.run(recall.app, "start", "--lot", "L7", "--dry-run", "--csv", str(verbs.folder / "tried.csv"))
    begun = verbs.json(recall.app,
        "start", "--component-lot", "L7", "--author", "ada", "--reason", "cells swell",
        "--csv", str(verbs.folder / "list.csv"), "--epcis", str(verbs.folder / "list.json"),
    )  # fmt: skip
    verbs.told["begun"] = begun
    verbs.scans((f"{CELL}/2", "INSTALL", 60, "", f"{BIKE}/3"))
    minutes = int((datetime.now(UTC) - BEGUN) / timedelta(minutes=1)) + 2
    verbs.scans((f"{BIKE}/1", "RETURN", minutes, "", ""))
    verbs.told["shown"] = verbs.json(recall.app, "show", begun["recall"])
    verbs.told["closed"] = verbs.json(recall.app, "close", begun["recall"], "--author", "bob", "--reason", "all found")
    verbs.told["list"] = verbs.json(recall.app, "list")


def test_a_dry_run_counts_and_keeps_nothing(verbs: Verbs) -> None:
    seen = verbs.told["preview"]
    assert (seen["units"], seen["holds_now"], seen["held_before"]) == (4, 3, 1)
    assert [(part["place"], part["units"]) for part in seen["places"]] == [("on hand", 2), ("with customer", 2)]
    assert len(verbs.told["list"]) == 1


def test_a_dry_run_has_the_list_as_json_and_as_csv(verbs: Verbs) -> None:
    listed = [unit["unit_key"] for unit in verbs.told["preview"]["list"]]
    assert listed == [f"{BIKE}/1", f"{BIKE}/2", f"{CELL}/1", f"{CELL}/2"]
    with (verbs.folder / "tried.csv").open(newline="") as file:
        assert [row["unit_key"] for row in csv.DictReader(file)] == listed


def test_a_dry_run_makes_no_epcis_document_and_says_why(verbs: Verbs) -> None:
    file = verbs.folder / "tried.json"
    result = verbs.run(recall.app, "start", "--lot", "L7", "--dry-run", "--epcis", str(file))
    assert (result.exit_code, file.exists()) == (2, False)
    assert "recall that is started" in " ".join(result.output.split())


def test_what_concerns_nothing_says_which_condition_fits_no_unit(verbs: Verbs) -> None:
    wrong = ["--item", "cell", "--lot", "L77", "--supplier", "S", "--made-from", "2031-01-01"]
    tried = verbs.run(recall.app, "start", *wrong, "--dry-run")
    assert tried.exit_code == 0
    told = tried.stderr.splitlines()
    assert f"no unit has item cell; there is {CELL}" in told
    assert "no unit has lot L77; there is L7" in told
    assert "no scan of a unit states supplier S" in told
    assert "no unit was made from 2031-01-01" in told
    together = verbs.run(recall.app, "start", "--item", BIKE, "--lot", "L7", "--dry-run", "--json")
    assert "no unit fits all" in json.loads(together.stdout)["unfitting"][0]
    never = verbs.json(recall.app, "start", "--component-lot", "B1", "--dry-run")
    assert never["unfitting"] == ["no unit of lot B1 was built into anything"]
    started = verbs.run(recall.app, "start", *wrong)
    assert started.exit_code == 2
    said = " ".join(started.output.replace("│", " ").split())
    assert f"; no unit has item cell; there is {CELL}; no unit has lot L77; there is L7;" in said


def test_what_was_asked_is_json_where_a_cell_is_text(verbs: Verbs) -> None:
    for fmt, delimiter in (("csv", ","), ("tsv", "\t")):
        result = verbs.run(recall.app, "list", "--format", fmt)
        (row,) = csv.DictReader(result.stdout.splitlines(), delimiter=delimiter)
        assert json.loads(row["asked"]) == {"predicate": {"component_lots": ["L7"]}}
    assert verbs.told["list"][0]["asked"]["predicate"]["component_lots"] == ["L7"]


def test_a_component_s_lot_shows_the_products(verbs: Verbs) -> None:
    listed = {unit["unit_key"]: (unit["holds"], unit["place"]) for unit in verbs.told["begun"]["list"]}
    assert listed == {f"{BIKE}/1": ("now", "with customer"), f"{BIKE}/2": ("before", "on hand")}


def test_a_unit_that_joins_later_and_one_that_came_back_are_marked(verbs: Verbs) -> None:
    shown = verbs.told["shown"]
    assert (shown["units"], shown["joined"], shown["recovered"]) == (2, 1, 1)
    assert {unit["unit_key"] for unit in shown["list"] if unit["joined_later"]} == {f"{BIKE}/3"}
    assert {unit["unit_key"] for unit in shown["list"] if unit["recovered"]} == {f"{BIKE}/1"}


def test_who_started_and_who_closed_it_is_on_record(verbs: Verbs) -> None:
    (head,) = verbs.told["list"]
    assert (head["status"], head["started_by"], head["closed_by"]) == ("CLOSED", "ada", "bob")
    assert (head["reason"], head["closed_reason"], head["units"]) == ("cells swell", "all found", 2)


def test_the_list_is_written_as_csv_and_as_an_epcis_document(verbs: Verbs) -> None:
    with (verbs.folder / "list.csv").open(newline="") as file:
        assert [row["unit_key"] for row in csv.DictReader(file)] == [f"{BIKE}/1", f"{BIKE}/2"]
    document = json.loads((verbs.folder / "list.json").read_bytes())
    (event,) = document["epcisBody"]["eventList"]
    assert (event["action"], event["disposition"], len(event["epcList"])) == ("OBSERVE", "recalled", 2)


def test_the_proof_finds_nothing_wrong_and_a_replay_no_difference(verbs: Verbs) -> None:
    report = verify(Ledger(verbs.settings, verbs.warehouse, WAIT_SECONDS))
    assert [result.examples for result in report.results.values()] == [[]] * 6
    result = verbs.run(replay.app, "--into", f"side_{uuid.uuid4().hex[:12]}", "--json")
    assert json.loads(result.stdout)["ok"], result.output


def test_what_is_asked_wrongly_is_told(verbs: Verbs) -> None:
    long, wrong = ["start", "--lot", "L" * 2_000], ["start", "--lot", "L7", "--bad-from", "yesterday"]
    turned = ["start", "--lot", "L7", "--made-from", "2026-02-01", "--made-to", "2026-01-01"]
    for words in (["start"], ["show", "nope"], ["close", "nope"], ["show", ""], long, wrong, turned):
        result = verbs.run(recall.app, *words)
        assert result.exit_code == 2, result.output
        assert "Traceback" not in result.output
