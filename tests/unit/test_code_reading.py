"""How codes are read at every way in: the same conventions, by option or by the environment that parts inherit."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from jobs import capture, expect, import_files
from pipeline.capture.codes import CodeReader
from pipeline.capture.documents import documents_of, read_documents
from pipeline.domain.identifiers import read_conventions
from pipeline.errors import DocumentWrong, SettingsWrong
from pipeline.local.processes import spawn

TOML = """
[[convention]]
name = "asset tag"
pattern = "{year:YYYY}-{category:PUMP|VALVE}-{sequence:N6}"
key = "asset:{category}/{code}"
first_year = 2019
"""
TAG, KEY = "2024-PUMP-000001", "asset:PUMP/2024-PUMP-000001"
READER = CodeReader(conventions=read_conventions(TOML))
LOST_FNC1 = "010950600013435221A"
CODES = [TAG, "2018-PUMP-000001", LOST_FNC1, "(01)09506000134352(10)L(21)A", "nothing", "", "]Q12024-VALVE-000002"]


@pytest.fixture
def tags(tmp_path: Path) -> Path:
    file = tmp_path / "tags.toml"
    file.write_text(TOML)
    return file


def units_of(*units: str, codes: CodeReader = READER) -> list[str]:
    (document,) = documents_of([("row", {"document": "asn:1", "unit": unit}) for unit in units], codes)
    return [unit.key for unit in document.units]


@pytest.mark.parametrize("lenient", [False, True])
def test_one_code_is_read_as_among_many(lenient: bool) -> None:
    reader = CodeReader(lenient, READER.conventions)
    assert [reader.read_one(code) for code in CODES] == reader.read(CODES)


def test_documents_know_the_conventions_and_codes_without_their_fnc1() -> None:
    assert units_of(TAG, LOST_FNC1) == [KEY, "gtin:09506000134352/A"]
    with pytest.raises(DocumentWrong, match="'2018-PUMP-000001' names no unit: part year: asset tag: 2018 is not"):
        units_of("2018-PUMP-000001")
    with pytest.raises(DocumentWrong, match="names no unit"):
        units_of(TAG, codes=CodeReader())


def test_a_file_of_documents_is_read_with_them(tmp_path: Path) -> None:
    file = tmp_path / "asn.csv"
    file.write_text(f"document,unit\nasn:1,{TAG}\n")
    assert [unit.key for unit in read_documents(file, READER)[0].units] == [KEY]


@pytest.mark.parametrize(
    ("options", "rejected"),
    [
        ({}, 2),
        ({"SCANLEDGER_LENIENT": "1"}, 1),
        ({"SCANLEDGER_CONVENTIONS": "tags.toml"}, 1),
        ({"SCANLEDGER_LENIENT": "1", "SCANLEDGER_CONVENTIONS": "tags.toml"}, 0),
        ({"SCANLEDGER_LENIENT": "", "SCANLEDGER_CONVENTIONS": ""}, 2),
    ],
)
def test_an_import_reads_codes_as_the_environment_says(
    tmp_path: Path, tags: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], rejected: int
) -> None:
    monkeypatch.chdir(tags.parent)
    rows = tmp_path / "rows.csv"
    pl.DataFrame({"barcode": [TAG, LOST_FNC1], "at": ["2026-01-01T10:00:00Z"] * 2}).write_csv(rows)
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        'code = {column = "barcode"}\nsite = {constant = "S1"}\n[[steps]]\nstep = "RECEIVE"\ntime = {column = "at"}\n'
    )
    found = CliRunner().invoke(
        import_files.app, [str(rows), "--mapping", str(mapping), "--dry-run", "--json"], env=options
    )
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)[0]["rejected"] == rejected


def test_capture_and_expect_take_the_conventions_of_the_environment(tmp_path: Path) -> None:
    env = {"SCANLEDGER_CONVENTIONS": str(tmp_path / "none.toml")}
    document = tmp_path / "asn.csv"
    document.write_text("document,unit\n")
    for app, arguments in ((capture.app, []), (expect.app, [str(document)])):
        found = CliRunner().invoke(app, arguments, env=env)
        assert isinstance(found.exception, SettingsWrong)
        assert "none.toml cannot be read" in str(found.exception)


def test_the_parts_of_a_stack_inherit_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANLEDGER_CONVENTIONS", "tags.toml")
    told, code = tmp_path / "told", "import os; print(os.environ['SCANLEDGER_CONVENTIONS'], os.environ['OWN'])"
    assert spawn([sys.executable, "-c", code], {"OWN": "1"}, told).wait(timeout=60) == 0
    assert told.read_text() == "tags.toml 1\n"
