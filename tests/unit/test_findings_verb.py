"""`scanledger findings --once`: what it says where nothing is to be stated."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from jobs import findings


@pytest.mark.parametrize(("words", "printed"), [([], ""), (["--json"], "[]")])
def test_where_nothing_was_found_that_is_said(monkeypatch: pytest.MonkeyPatch, words: list[str], printed: str) -> None:
    @contextmanager
    def nothing(_: Any) -> Iterator[None]:  # noqa: ANN401
        yield

    monkeypatch.setattr(findings, "check_topics", lambda _settings: 1)
    monkeypatch.setattr(findings, "registry", SimpleNamespace(join=lambda _settings: None))
    monkeypatch.setattr(findings, "open_warehouse", nothing)
    monkeypatch.setattr(findings, "Look", lambda *_: SimpleNamespace(at=lambda *_: []))
    result = CliRunner().invoke(findings.app, ["--once", *words])
    assert (result.exit_code, result.stdout.strip()) == (0, printed)
    assert "nothing new, and what was found before still holds" in result.stderr
