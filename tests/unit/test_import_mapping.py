"""A mapping that makes no sense, or does not fit its file, is told with what would be right."""

from pathlib import Path

import pytest

from pipeline.capture.mapping import Mapping, check_columns, read_mapping
from pipeline.errors import MappingWrong

_DRIVES = Path(__file__).parents[1] / "integration" / "drives.toml"
_SMALL = """
[serial]
column = "s"
scheme = "giai"
[site]
constant = "berlin"
[[steps]]
step = "OBSERVE"
time = { column = "t" }
"""


def _read(folder: Path, text: str) -> Mapping:
    file = folder / "mapping.toml"
    file.write_text(text)
    return read_mapping(file)


def test_the_mapping_of_the_drives_reads_and_names_its_columns() -> None:
    mapping = read_mapping(_DRIVES)
    assert [step.step for step in mapping.steps] == ["COMMISSION", "OBSERVE", "FAIL"]
    assert {column for column, _ in mapping.uses()} == {
        "model", "serial_number", "capacity_bytes", "min_date", "max_date", "first_fail",
    }  # fmt: skip


def test_a_missing_column_is_named_with_its_purpose_and_the_columns_there_are(tmp_path: Path) -> None:
    mapping = _read(tmp_path, _SMALL)
    with pytest.raises(MappingWrong, match=r"'t' \(time of OBSERVE\).*It has: s, when"):
        check_columns(mapping, ["s", "when"], Path("rows.csv"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (_SMALL.replace("OBSERVE", "OBSERVED"), "'OBSERVED' is no step"),
        (_SMALL.replace('scheme = "giai"', ""), "the scheme is missing"),
        (_SMALL.replace('[site]\nconstant = "berlin"', ""), r"no \[site\]"),
        (_SMALL.replace('constant = "berlin"', 'constant = "b"\ncolumn = "c"'), "exactly one of column"),
        (_SMALL + 'when = { column = "t" }', "present"),
        (_SMALL + 'wenn = { column = "t" }', "wenn"),
        (_SMALL.replace("[[steps]]", "[[steps"), "is no TOML"),
        (_SMALL.split("[[steps]]", maxsplit=1)[0], "steps"),
        (
            _SMALL.replace('"t" }', '"t", zone = "Berlin" }'),
            "'Berlin' is no time zone; one is written as",
        ),
        (_SMALL.replace('"berlin"', '" "'), "a constant is a text, and not blank"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused_with_its_mistake(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(MappingWrong, match=said):
        _read(tmp_path, wrong)


def test_a_mapping_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(MappingWrong, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")


def test_a_mapping_that_is_no_text_or_no_file_is_told_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(MappingWrong, match="is no TOML"):
        read_mapping(tmp_path / "mapping.toml")
    with pytest.raises(MappingWrong, match="cannot be read: Is a directory"):
        read_mapping(tmp_path)


def test_of_very_many_columns_some_are_named(tmp_path: Path) -> None:
    with pytest.raises(MappingWrong, match=r"It has: c0, .*, c39 and 60 more\."):
        check_columns(_read(tmp_path, _SMALL), [f"c{n}" for n in range(100)], Path("rows.csv"))
