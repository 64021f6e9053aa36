"""A newcomer's mistakes at the command line: each is a sentence that says what to do, and never a traceback."""

import os
from pathlib import Path

import pytest

from jobs import cli

MAPPING = """
code = { column = "barcode" }
site = { constant = "berlin" }
steps = [{ step = "RECEIVE", time = { column = "at" } }]
"""
WRONG = ("none", "folder", "binary", "empty")
VERBS = (
    "import {}.csv --mapping mapping.toml --dry-run",
    "import {}.ndjson --mapping mapping.toml --dry-run",
    "import {}.parquet --mapping mapping.toml --dry-run",
    "import rows.csv --mapping {}.toml --dry-run",
    "expect {}.csv",
    "expect {}.json",
    "sites load {}.csv",
    "modes check {}.toml",
    "modes load {}.toml",
    "lifecycle check {}.toml",
    "lifecycle load {}.toml",
    "identify --conventions {}.toml X",
    "agent status --spool {}",
    "agent refused --spool {}",
)
CASES = [(verb, wrong) for verb in VERBS for wrong in WRONG if (verb[:8], wrong) != ("identify", "empty")]
"""No conventions are none, and no mistake."""
WITHOUT_A_STACK = (
    "import rows.csv --mapping mapping.toml", "import-epcis binary.json", "expect units.csv", "document asn:1",
    "capture", "modes show", "sites unknown", "unit sscc:106141412345678908", "query SELECT_1", "verify",
)  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in a folder of wrong files, where no stack runs."""
    for ending in ("csv", "ndjson", "parquet", "json", "toml"):
        (tmp_path / f"folder.{ending}").mkdir()
        (tmp_path / f"binary.{ending}").write_bytes(b"\x93\xf7\0\1\n\xff" * 50)
        (tmp_path / f"empty.{ending}").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "mapping.toml").write_text(MAPPING)
    (tmp_path / "rows.csv").write_text("barcode,at\n(01)09506000134352(21)A,2026-01-01T00:00:00Z\n")
    (tmp_path / "units.csv").write_text("document,unit\nasn:1,sscc:106141412345678908\n")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SCANLEDGER", "KAFKA", "CLICKHOUSE"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SCANLEDGER_HOME", str(tmp_path / "home"))


def run(monkeypatch: pytest.MonkeyPatch, words: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["scanledger", *words.split()])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    return exited.value.code


@pytest.mark.parametrize(("verb", "wrong"), CASES)
def test_a_file_that_is_not_what_is_asked_for_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str, wrong: str
) -> None:
    assert run(monkeypatch, verb.format(wrong)) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert wrong in said or "lifecycle" in said
    assert "Errno" not in said
    assert "codec" not in said or "TOML" in said


@pytest.mark.parametrize("words", WITHOUT_A_STACK)
def test_where_no_stack_runs_how_to_start_one_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert run(monkeypatch, words) == 2
    assert "start the local stack with `scanledger up`" in capsys.readouterr().err


def test_a_spool_whose_files_are_none_is_said_to_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "folder" / "cursor").touch()
    for kind in ("scans", "refused"):
        (tmp_path / "folder" / kind / "00000000000000000001.seg").mkdir(parents=True)
    for verb in ("status", "refused"):
        assert run(monkeypatch, f"agent {verb} --spool folder") == 2
        assert "The spool folder cannot be read: " in capsys.readouterr().err
