"""The verbs that ask and send: what they say to wrong input, before anything is opened."""

import importlib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from jobs.cli import VERBS
from jobs.one_scan import build_scan
from pipeline.domain.unit_key import parse
from pipeline.errors import RulesWrong, SettingsWrong

VERBS_HERE = ("unit", "rates", "alerts", "query", "sites", "lifecycle", "scan", "dead-letters")
UNIT = "sku:ACME/WIDGET-1/ABC123"
WRONG_USE = 2


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KAFKA_BOOTSTRAP", "CLICKHOUSE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SCANLEDGER_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")


def run(*arguments: str) -> Result:
    app = importlib.import_module(VERBS[arguments[0]].module).app
    return CliRunner().invoke(app, list(arguments[1:]))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["unit", "ABC123"], "names no unit"),
        (["unit", "gtin:09506000134353/1"], "check digit"),
        (["rates", "failure", "--by", "items"], "did you mean item?"),
        (["rates", "failure", "--exposure", "seen"], "'observed', 'in-service'"),
        (["rates", "return", "--exposure", "observed"], "No such option"),
        (["rates", "damage", "--whole", "--format", "csv"], "--whole is one JSON object, and no csv"),
        (["rates", "return", "--within", "30,soon"], "'soon' is no number of days"),
        (["rates", "return", "--within", "0"], "the form is 30,90,365"),
        (["rates", "damage", "--by", "suplier"], "did you mean supplier?"),
        (["rates", "failure", "--as-of", "yesterday"], "2026-11-23T14:05:00Z"),
        (["rates", "damage", "--as-of", "0001-01-01"], "is not between 1970 and 2299"),
        (["hazard", "--as-of", "9999-12-31T23:59:59-12:00"], "is not between 1970 and 2299"),
        (["report", "dwell", "--as-of", "2300-01-01"], "is not between 1970 and 2299"),
        (["survival", "--by", "colour"], "'colour' is none of item, site, lot, month"),
        (["alerts", "list", "--status", "opened"], "did you mean open?"),
        (["alerts", "list", "--kind", "clone"], "SEEN_AFTER_END"),
        (["alerts", "list", "--unit", "x"], "names no unit"),
        (["alerts", "ack"], "Missing argument"),
        (["query"], "Missing argument"),
        (["query", "@nowhere.sql"], "cannot be read"),
        (["query", "SELECT 1", "--param", "novalue"], "NAME=VALUE"),
        (["scan", UNIT, "--step", "SELL"], "Missing option '--site'"),
        (["scan", UNIT, "--step", "RECIEVE", "--site", "S"], "did you mean RECEIVE?"),
        (["scan", UNIT, "--step", "SELL", "--site", "S", "--time", "noon"], "2026-11-23T14:05:00Z"),
        (["scan", UNIT, "--step", "SELL", "--site", "S", "--expiry", "2026-02-30"], "the form is 2026-11-23"),
        (["scan", UNIT, "--step", "SELL", "--site", " "], "a scan needs a site"),
        (["scan", UNIT, "--step", "SELL", "--site", "ä" * 65], "site has 130 bytes, at most 128 fit"),
        (["scan", UNIT, "--step", "SELL", "--site", "S", "--container", "x"], "names no unit"),
        (["scan", UNIT, "--step", "SELL", "--site", "S", "--attribute", "x"], "NAME=VALUE"),
        (["scan", UNIT, "--step", "VOID", "--site", "S"], "--corrects"),
        (["dead-letters", "show", "0"], "Missing argument"),
    ],
)
def test_wrong_use_is_told_what_would_be_right(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == WRONG_USE
    assert said in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["unit", UNIT], ["rates", "failure"], ["rates", "return"], ["alerts"], ["alerts", "list"],
        ["alerts", "ack", "a"], ["query", "SELECT 1"], ["sites", "unknown"], ["dead-letters", "list"],
        ["dead-letters", "show", "0", "1"],
    ],
)  # fmt: skip
def test_without_a_warehouse_the_verbs_say_how_to_get_one(arguments: list[str]) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, SettingsWrong)
    assert "scanledger up" in str(result.exception)


def test_without_a_broker_a_scan_says_how_to_get_one() -> None:
    result = run("scan", UNIT, "--step", "sell", "--site", "S")
    assert isinstance(result.exception, SettingsWrong)
    assert "KAFKA_BOOTSTRAP" in str(result.exception)


@pytest.mark.parametrize("verb", VERBS_HERE)
def test_every_verb_explains_itself(verb: str) -> None:
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert "--json" in result.output or "Commands" in result.output


def test_a_built_in_lifecycle_is_sound_and_shown_as_a_table() -> None:
    result = run("lifecycle", "check", "schemas/lifecycles/asset.toml", "--format", "csv")
    assert result.exit_code == 0
    assert "IN_SERVICE,FAIL,FAILED,free,True" in result.stdout
    assert "Lifecycle asset is sound" in result.stderr


def test_a_faulty_lifecycle_is_told_its_faults(tmp_path: Path) -> None:
    text = Path("schemas/lifecycles/asset.toml").read_text(encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(text.replace('INSTALL = "IN_SERVICE"', 'INSTALL = "NOWHERE"'), encoding="utf-8")
    result = run("lifecycle", "check", str(file))
    assert isinstance(result.exception, RulesWrong)
    assert "NOWHERE, which is no state" in str(result.exception)


def test_a_lifecycle_that_is_not_there_lists_the_built_in_ones() -> None:
    result = run("lifecycle", "load", "no-such")
    assert isinstance(result.exception, RulesWrong)
    assert "asset, container, pharma, place, retail" in str(result.exception)


def test_a_correction_has_its_own_origin_and_left_out_texts_are_null() -> None:
    unit = parse(UNIT)
    plain = build_scan(unit, "SELL", event_time=5, texts={"site": "S", "reader": ""})
    assert (plain["origin"], plain["corrects"], plain["reader"], plain["event_time"]) == ("DEVICE", None, None, 5)
    correcting = build_scan(unit, "VOID", event_time=None, texts={"site": "S", "corrects": "scan-1"})
    assert (correcting["origin"], correcting["corrects"]) == ("CORRECTION", "scan-1")
    assert plain["scan_id"] != correcting["scan_id"]
    assert (plain["item"], plain["serial"]) == ("sku:ACME/WIDGET-1", "ABC123")
