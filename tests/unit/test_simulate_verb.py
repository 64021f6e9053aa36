"""The verb `simulate` where its folder cannot be written."""

from pathlib import Path

import pytest

from jobs.cli import run_verb
from pipeline.errors import FolderUnusable


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    out = tmp_path / "taken" / "simulation"
    with pytest.raises(FolderUnusable, match=rf"{out}: Not a directory\. Choose another with --out\."):
        run_verb("simulate", ["--scans", "100", "--no-send", "--out", str(out)])
