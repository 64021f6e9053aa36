"""The verb `up`: what it starts, and that what is wrong with its routes is said before anything is started."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jobs import up
from pipeline.errors import RoutesWrong
from pipeline.local.home import StackHome


@pytest.mark.parametrize("by", ["option", "setting"])
def test_routes_that_make_no_sense_start_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    routes = tmp_path / "routes.toml"
    routes.write_text("[recipients]")
    monkeypatch.setenv("SCANLEDGER_ROUTES", str(routes) if by == "setting" else "")
    words = ["--home", str(tmp_path / "home"), *(["--routes", str(routes)] if by == "option" else [])]
    result = CliRunner().invoke(up.app, words)
    assert isinstance(result.exception, RoutesWrong)
    assert "routes: Field required" in str(result.exception)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """Returns the commands of supervisors that would have been started; none is."""
    commands: list[Sequence[str]] = []
    monkeypatch.setattr(up, "fetch_parts", lambda _say: None)
    monkeypatch.setattr(up, "note_sign_in", lambda _settings: None)
    monkeypatch.setattr(up, "launch", lambda _home, command, _say: commands.append(command))
    return commands


@pytest.mark.parametrize(("words", "says"), [([], "--findings"), (["--no-findings"], "--no-findings")])
def test_the_scheduled_questions_are_asked_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[Sequence[str]], words: list[str], says: str
) -> None:
    home = ["--home", str(tmp_path / "home")]
    assert CliRunner().invoke(up.app, [*home, *words]).exit_code == 0
    (command,) = started
    assert says in command
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(up, "supervise", lambda _home, stages, _say: stages())
    monkeypatch.setattr(up, "local_stages", lambda _home, **asked: told.append(asked))
    inner = command[command.index("up") + 1 :]
    assert CliRunner().invoke(up.app, list(inner)).exit_code == 0
    assert told[0]["findings"] == (says == "--findings")


def test_a_demo_s_stack_has_no_scheduled_questions(tmp_path: Path, started: list[Sequence[str]]) -> None:
    up.start_stack(StackHome(tmp_path), workers=1)
    assert "--no-findings" in started[0]
