import json
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.lifecycle import app
from jobs.lifecycle_tables import all_transitions
from pipeline.domain.lifecycle import NO_STATE, Lifecycle
from pipeline.domain.lifecycle_tables import tables
from pipeline.domain.scan import STEPS
from pipeline.ledger.built_in import built_in_lifecycles

RETAIL = built_in_lifecycles()[0]


@pytest.mark.parametrize("lifecycle", built_in_lifecycles(), ids=lambda lifecycle: lifecycle.name)
def test_what_is_shown_to_be_legal_is_what_the_fold_reads(lifecycle: Lifecycle) -> None:
    rules = tables([lifecycle]).rules[1]
    states = [NO_STATE, *lifecycle.states]
    folded = {
        state: {step: states[to] for step, to in zip(STEPS, rules["next"][number].tolist(), strict=True) if to >= 0}
        for number, state in enumerate(states)
    }
    assert all_transitions(lifecycle) == folded


def test_json_has_all_of_it(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text(RETAIL.to_json())
    shown = json.loads(CliRunner().invoke(app, ["show", str(file), "--json"]).stdout)
    told = {"name", "applies_to", "states", "custody", "anywhere", "transitions"} | set(shown["settings"])
    assert {one.name for one in fields(RETAIL)} <= told | {"terminal"}
    assert shown["transitions"]["STORED"]["SHIP"] == "IN_TRANSIT"
    assert shown["transitions"]["SOLD"]["COUNT"] == "SOLD"
    assert [row["state"] for row in shown["states"] if row["ends"]] == list(RETAIL.terminal)


def test_tables_show_keys_windows_states_and_the_matrix_of_steps() -> None:
    shown = CliRunner().invoke(app, ["show", "asset"], env={"COLUMNS": "200"}).stdout
    for text in ("keys that begin with giai:", "travel_over_km", "always legal", "IN_SERVICE", "nothing known"):
        assert text in shown
    (fail,) = [line for line in shown.splitlines() if line.startswith("│ FAIL ")]
    assert [cell.strip() for cell in fail.strip("│").split("│")] == ["FAIL", "free", "", *["6"] * 5]


def test_csv_is_a_line_for_each_transition() -> None:
    shown = CliRunner().invoke(app, ["show", "asset", "--format", "csv"]).stdout.splitlines()
    assert shown[0] == "from,step,to,custody,ends"
    assert "IN_STORE,SHIP,IN_TRANSIT,give,False" in shown


def test_a_name_nobody_knows_is_told_the_built_in_ones() -> None:
    failed = CliRunner().invoke(app, ["show", "nonsense"]).exception
    assert "no built-in lifecycle; those are asset" in str(failed)
