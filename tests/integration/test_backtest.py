"""backtest on a real ledger: with the rules as they were nothing changes; with others, what would, with the alerts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jobs.backtest import app
from pipeline.domain.lifecycle import Lifecycle
from pipeline.errors import RulesWrong
from pipeline.ledger.built_in import built_in_lifecycles
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.logged_ledger import Logged, a_copy, a_logged_ledger, environment_of

RETAIL = built_in_lifecycles()[0]


@pytest.fixture(scope="module")
def whole(kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Logged]:
    with a_logged_ledger(kafka_bootstrap, embedded_clickhouse) as ledger:
        yield ledger


def told(ledger: Logged, *words: str, code: int = 0) -> Any:  # noqa: ANN401  JSON
    result = CliRunner().invoke(app, ["--json", *words], env=environment_of(ledger.settings))
    assert result.exit_code == code, (result.output, result.exception)
    return json.loads(result.stdout)


def a_file(folder: Path, lifecycle: Lifecycle) -> str:
    file = folder / "candidate.json"
    file.write_text(lifecycle.to_json())
    return str(file)


def a_ledger_that_never_sells(folder: Path) -> str:
    rows = {state: {k: v for k, v in row.items() if k != "SELL"} for state, row in RETAIL.transitions.items()}
    states = (*RETAIL.states, "LOST")  # as the history loads it, so that nothing is dropped whenever it is tried
    return a_file(folder, replace(RETAIL, transitions=rows, states=states))


def test_the_rules_as_they_were_change_nothing(whole: Logged) -> None:
    found = told(whole)
    assert (found["changed"], found["first_changed"], found["revisions_changed"]) == (0, 0, 0)
    ((scans,),) = whole.warehouse.query_rows("SELECT count() FROM unit_events")
    ((records, revisions),) = whole.warehouse.query_rows(
        "SELECT count(), (SELECT count() FROM unit_revisions) FROM acts"
    )
    assert (found["scans"], found["folded"]) == (scans, scans + records)
    assert (scans > 300, records > 30, revisions > 30) == (True, True, True)
    derived = "SELECT count() FROM unit_events WHERE topic != {topic:String}"
    ((moved,),) = whole.warehouse.query_rows(derived, {"topic": whole.worker.topics.name("scans")})
    assert moved >= 2 * 12  # every unit on the pallet went with it, twice
    assert found["alerts"]
    assert all(alert["opened"] == alert["would_open"] for alert in found["alerts"])


def test_a_changed_decision_is_a_difference_even_with_the_rules_as_they_were(
    whole: Logged, embedded_clickhouse: EmbeddedClickHouse
) -> None:
    with a_copy(whole, embedded_clickhouse) as ledger:
        ledger.warehouse.command(
            "DELETE FROM unit_revisions WHERE caused_by = (SELECT min(caused_by) FROM unit_revisions)"
        )
        assert told(ledger, code=1)["revisions_changed"] >= 1


def test_what_a_lifecycle_would_reject_is_told_by_item_and_site(whole: Logged, tmp_path: Path) -> None:
    found = told(whole, "--lifecycle", a_ledger_that_never_sells(tmp_path), "--most", "1000")
    assert found["rejected"] > 0
    assert sum(change["scans"] for change in found["changes"]) == found["changed"]
    for change in found["changes"]:
        assert (change["change"] == "rejected") == (
            change["would_be"].startswith("REJECTED") and not change["now"].startswith("REJECTED")
        )
        ((site, key, now),) = whole.warehouse.query_rows(
            "SELECT site, unit_key, if(reason = 'NONE', outcome, concat(outcome, ' ', reason)) AS now"
            " FROM v_unit_events WHERE scan_id = {scan:String} AND unit_key = {unit:String}"
            " ORDER BY now = {now:String} DESC LIMIT 1",
            {"scan": change["example_scan"], "unit": change["example_unit"], "now": change["now"]},
        )
        assert (site, key.rpartition("/")[0], now) == (change["site"], change["item"], change["now"])


def a_table(folder: Path, *rows: dict[str, str]) -> str:
    file = folder / "modes.json"
    file.write_text(json.dumps(list(rows)))
    return str(file)


def test_what_modes_would_reject_flag_or_allow_is_told_alone_and_with_a_lifecycle(
    whole: Logged, tmp_path: Path
) -> None:
    ((flagged, rejected),) = whole.warehouse.query_rows(
        "SELECT countIf(outcome = 'FLAGGED' AND reason = 'UNKNOWN_SITE'),"
        " countIf(outcome = 'REJECTED' AND reason = 'ILLEGAL_TRANSITION') FROM v_unit_events"
    )
    assert min(flagged, rejected) > 0
    strict = a_table(tmp_path, {"rule": "UNKNOWN_SITE", "mode": "block"})
    found = told(whole, "--modes", strict)
    assert any(change["would_be"] == "REJECTED UNKNOWN_SITE" for change in found["decisions"])
    loose = a_table(tmp_path, {"rule": "ILLEGAL_TRANSITION", "mode": "observe"})
    found = told(whole, "--modes", loose, "--lifecycle", a_ledger_that_never_sells(tmp_path))
    assert found["allowed"] > 0
    assert any(change["would_be"] == "ACCEPTED ILLEGAL_TRANSITION" for change in found["decisions"])
    assert not any(change["would_be"] == "REJECTED ILLEGAL_TRANSITION" for change in found["decisions"])


def test_a_table_that_is_none_is_refused_with_its_file_and_row(whole: Logged, tmp_path: Path) -> None:
    words = ["--modes", a_table(tmp_path, {"rule": "SPEEDING", "mode": "block"})]
    refused = CliRunner().invoke(app, words, env=environment_of(whole.settings)).exception
    assert isinstance(refused, RulesWrong)
    assert "modes.json: row 1" in str(refused)


def test_since_leaves_what_came_before_as_it_was(whole: Logged, tmp_path: Path) -> None:
    ((middle, after),) = whole.warehouse.query_rows(
        "WITH (SELECT min(received_at) FROM unit_events WHERE ordinal >= 300) AS moment"
        " SELECT moment, countIf(received_at >= moment) FROM unit_events"
    )
    candidate = a_ledger_that_never_sells(tmp_path)
    later = told(whole, "--lifecycle", candidate, "--since", middle.isoformat())
    assert later["scans"] == after
    assert 0 < later["changed"] <= told(whole, "--lifecycle", candidate)["changed"]
    assert told(whole, "--lifecycle", candidate, "--since", "2099-01-01T00:00:00Z")["scans"] == 0


def test_a_lifecycle_that_drops_states_could_not_be_loaded(whole: Logged, tmp_path: Path) -> None:
    turned = replace(RETAIL, states=RETAIL.states[::-1])
    words = ["--lifecycle", a_file(tmp_path, turned)]
    refused = CliRunner().invoke(app, words, env=environment_of(whole.settings)).exception
    assert isinstance(refused, RulesWrong)


def test_a_history_whose_beginning_is_gone_leaves_out_the_units_that_are_older(
    whole: Logged, embedded_clickhouse: EmbeddedClickHouse
) -> None:
    with a_copy(whole, embedded_clickhouse) as ledger:
        ledger.warehouse.command("DELETE FROM unit_events WHERE ordinal <= 40")
        found = told(ledger)
        ((remaining,),) = ledger.warehouse.query_rows("SELECT count() FROM unit_events")
    assert found["missing_ordinals"] == 40 - _acts_up_to(whole, 40)
    assert found["changed"] == 0
    assert found["left_out"] > 0
    assert found["scans"] + found["left_out"] == remaining


def _acts_up_to(ledger: Logged, ordinal: int) -> int:
    ((count,),) = ledger.warehouse.query_rows("SELECT count() FROM acts WHERE ordinal <= {o:UInt64}", {"o": ordinal})
    return int(count)


def test_tables_say_the_totals_the_changes_and_the_alerts(whole: Logged, tmp_path: Path) -> None:
    words = ["--lifecycle", a_ledger_that_never_sells(tmp_path), "--most", "1"]
    shown = CliRunner().invoke(app, words, env=environment_of(whole.settings) | {"COLUMNS": "300"})
    assert shown.exit_code == 0, shown.output
    for text in ("would newly be", "rejected", "would_open", "example_unit"):
        assert text in shown.stdout
    assert "more changes of fewer scans" in shown.stderr
    assert "scans compared in" in shown.stderr
