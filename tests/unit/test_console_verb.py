"""`scanledger console`: what its pages are told of what runs beside it."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from analytics.console.desk import Desk
from jobs import console


@pytest.mark.parametrize(("words", "is_asked"), [(["--findings"], True), (["--no-findings"], False), ([], None)])
def test_whether_the_scheduled_questions_are_asked_is_told_to_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], *, is_asked: bool | None
) -> None:
    desks: list[Desk] = []
    monkeypatch.setenv("SCANLEDGER_HOME", str(tmp_path))
    monkeypatch.setattr(console, "build_app", desks.append)
    monkeypatch.setattr(console, "keep_log", lambda: None)

    def serve(*_: Any, **__: Any) -> None:  # noqa: ANN401
        """Serve nothing."""

    monkeypatch.setattr(console, "serve", serve)
    assert CliRunner().invoke(console.app, words).exit_code == 0
    assert [desk.are_questions_asked for desk in desks] == [is_asked]
