"""Where compiled code is kept."""

from pathlib import Path

import pytest

from pipeline.domain.compiled import _cache_folder


def test_compiled_code_is_kept_where_the_standard_variable_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = Path(_cache_folder())
    assert folder.is_dir()
    assert folder.parent == tmp_path / "scanledger"


def test_compiled_code_is_kept_elsewhere_where_that_folder_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "taken"))
    assert Path(_cache_folder()).is_dir()
