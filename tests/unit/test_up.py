"""The verb `up`: what is wrong with its routes is said before anything is started."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs import up
from pipeline.errors import RoutesWrong


@pytest.mark.parametrize("by", ["option", "setting"])
def test_routes_that_make_no_sense_start_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    routes = tmp_path / "routes.toml"
    routes.write_text("[recipients]")
    monkeypatch.setenv("SCANLEDGER_ROUTES", str(routes) if by == "setting" else "")
    words = ["--home", str(tmp_path / "home"), *(["--routes", str(routes)] if by == "option" else [])]
    result = CliRunner().invoke(up.app, words)
    assert isinstance(result.exception, RoutesWrong)
    assert "routes: Field required" in str(result.exception)
