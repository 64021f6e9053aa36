"""Files of rows, whatever their kind and size, give the same scans; shuffled or repeated they give the same ids."""

from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.capture.files import RowFile
from pipeline.capture.importing import Counts, RejectedFile, import_file
from pipeline.capture.mapping import Mapping, read_mapping
from pipeline.errors import FileUnreadable, MappingWrong
from pipeline.wire.schemas import decode
from tests.mutated_rows import MAPPINGS, Write, a_row, as_csv, as_ndjson, imported, spoiled_row

_DRIVES = Path(__file__).parents[1] / "integration" / "drives.toml"
_MONTHS = 150
_FIRST_YEAR = 2012


def _mapping() -> Mapping:
    return Mapping.model_validate(
        {
            "item": {"scheme": "sku", "issuer": "ACME", "columns": ["model"]},
            "serial": {"column": "serial"},
            "site": {"constant": "berlin"},
            "steps": [{"step": "COMMISSION", "time": {"column": "made"}}],
        }
    )


def _months() -> list[dict[str, Any]]:
    dates = [f"{_FIRST_YEAR + n // 12}-{n % 12 + 1:02}-01" for n in range(_MONTHS)]
    return [{"serial": f"0{n:03}", "model": "PUMP", "made": date} for n, date in enumerate(dates)]


def _import(file: Path, mapping: Mapping, rejected: Path | None = None) -> tuple[Counts, list[tuple[bytes, bytes]]]:
    sent: list[tuple[bytes, bytes]] = []
    counts = import_file(
        RowFile(file),
        mapping,
        lambda keys, values: sent.extend(zip(keys, values, strict=True)),
        RejectedFile(rejected or file.with_suffix(".rejected.csv")),
        progress=lambda _: None,
    )
    return counts, sent


def test_csv_ndjson_and_parquet_of_150_months_give_the_same_scans(tmp_path: Path) -> None:
    frame = pl.DataFrame(_months())
    frame.write_csv(tmp_path / "rows.csv")
    frame.write_ndjson(tmp_path / "rows.ndjson")
    frame.with_columns(pl.col("made").str.to_date()).write_parquet(tmp_path / "rows.parquet")

    told = [_import(tmp_path / f"rows.{kind}", _mapping()) for kind in ("csv", "ndjson", "parquet")]

    assert told[0] == told[1] == told[2]
    assert told[0][0] == Counts(rows=_MONTHS, scans=_MONTHS, rejected=0)
    assert told[0][1][7][0] == b"sku:ACME/PUMP/0007"  # leading zeros count
    assert len({decode(value)[1]["event_time"] for _, value in told[0][1]}) == _MONTHS


def test_rows_shuffled_and_repeated_give_the_same_scans_and_no_others(tmp_path: Path) -> None:
    rows = _months()
    pl.DataFrame(rows).write_csv(tmp_path / "rows.csv")
    again = pl.DataFrame(rows + rows[:20]).sample(fraction=1, shuffle=True, seed=5)
    again.write_csv(tmp_path / "again.csv")

    assert set(_import(tmp_path / "rows.csv", _mapping())[1]) == set(_import(tmp_path / "again.csv", _mapping())[1])


def test_rejected_rows_are_in_a_file_with_row_number_and_reason(tmp_path: Path) -> None:
    rows = _months()[:3]
    rows[1]["made"] = "soon"
    pl.DataFrame(rows).write_csv(tmp_path / "rows.csv")

    counts, _ = _import(tmp_path / "rows.csv", _mapping(), tmp_path / "bad.csv")
    _import(tmp_path / "rows.csv", _mapping(), tmp_path / "bad.ndjson")

    assert counts == Counts(rows=3, scans=2, rejected=1)
    assert (tmp_path / "bad.csv").read_text().splitlines() == [
        "rejected_row,rejected_because,serial,model,made",
        "2,made: 'soon' is no time of COMMISSION,0001,PUMP,soon",
    ]
    assert pl.read_ndjson(tmp_path / "bad.ndjson")["rejected_row"].to_list() == [2]


def test_rows_of_later_batches_keep_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _months()
    rows[140]["made"] = "soon"
    pl.DataFrame(rows).write_csv(tmp_path / "rows.csv")
    batches = RowFile.batches
    monkeypatch.setattr(RowFile, "batches", lambda self, needed: batches(self, 50, needed))

    _import(tmp_path / "rows.csv", _mapping(), tmp_path / "bad.csv")

    assert (tmp_path / "bad.csv").read_text().splitlines()[1].startswith("141,")


def test_nothing_is_sent_where_the_mapping_names_a_missing_column(tmp_path: Path) -> None:
    pl.DataFrame({"serial": ["1"], "made": ["2024-01-01"]}).write_csv(tmp_path / "rows.csv")
    with pytest.raises(MappingWrong, match=r"'model' \(item\).*It has: serial, made"):
        _import(tmp_path / "rows.csv", _mapping())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.xlsx", b"", "ends in .csv, .ndjson"),
        ("rows.csv", b"", "cannot be read"),
        (
            "rows.csv",
            b"serial,model,made\n1,A,2024-01-01,too,many\n",
            "the row of line 2 has 5 fields, the first line 3",
        ),
        ("rows.csv", b"serial,model,made\n1,\xff\xfe,2024-01-01\n", "line 2 is no UTF-8 from its byte 3 on"),
        ("rows.csv", b'serial,model,made\n1,"A,2024-01-01\n', "the row of line 2 is none: unexpected end"),
        ("rows.csv", b'serial,model,made\n1,A"B,2024-01-01\n2,A,2024-01-01\n', "line 2 has a quote too many"),
        ("rows.csv", "serial,model,made\n".encode("utf-16"), "line 1 is no UTF-8"),
        ("rows.csv", b"\0\1\2\n", "save it as CSV in UTF-8"),
        ("rows.csv", b"serial\xf7,model,made\n1,A,2024-01-01\n", "line 1 is no UTF-8 from its byte 7 on"),
        ("rows.ndjson", b"", "none of its lines is a JSON object with fields"),
        ("rows.ndjson", b'\n{"serial": "1", "model": "A", "made"\n', "row 1 is no JSON: .* at character 37 of"),
        ("rows.ndjson", b"[]\n{}\n", "row 1 is no JSON object, but a list"),
        ("rows.ndjson", b"{%s}" % b",".join(b'"%d":0' % n for n in range(1001)), "more than 1,000 different names"),
        ("rows.parquet", b"PAR2", "cannot be read"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_told_to_be_so(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileUnreadable, match=said):
        _import(tmp_path / name, _mapping())


def test_a_file_that_is_not_there_is_told_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="no file"):
        RowFile(tmp_path / "none.csv")


def test_a_folder_is_told_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").mkdir()
    with pytest.raises(FileUnreadable, match="is a folder: name a file in it"):
        RowFile(tmp_path / "rows.csv")


@pytest.mark.parametrize("depth", [985, 1000, 1021])
def test_a_line_of_ndjson_that_is_nested_too_deeply_is_rejected_and_ends_no_import(tmp_path: Path, depth: int) -> None:
    good = '{"serial": "%d", "model": "A", "made": "2024-01-01"%s}'
    deep = good % (2, ', "note": ' + "[" * depth + "]" * depth)
    (tmp_path / "rows.ndjson").write_text("\n".join([good % (1, ""), deep, good % (3, "")]))
    counts, sent = _import(tmp_path / "rows.ndjson", _mapping(), tmp_path / "bad.ndjson")
    assert counts == Counts(rows=3, scans=2, rejected=1)
    assert [key.decode() for key, _ in sent] == ["sku:ACME/A/1", "sku:ACME/A/3"]
    assert pl.read_ndjson(tmp_path / "bad.ndjson")["rejected_because"].to_list() == ["nested too deeply"]


def test_a_line_of_ndjson_that_is_no_row_is_rejected_and_changes_no_other(tmp_path: Path) -> None:
    lines = [
        '{"serial": "1", "model": "A", "made": "2024-01-01"}', "", "{", "[]", "7",
        '{"serial": 2.50, "model": true, "made": "2024-01-01", "note": [1]}',
        '{"serial": 123456789012345678901234567890, "model": "A", "made": "2024-01-01"}',
        '{"serial": "3", "model": ["A"], "made": "2024-01-01"}', '{"serial": "4", "model": "\\ud800"}',
    ]  # fmt: skip
    (tmp_path / "rows.ndjson").write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    counts, sent = _import(tmp_path / "rows.ndjson", _mapping(), tmp_path / "bad.ndjson")
    assert counts == Counts(rows=8, scans=3, rejected=5)
    assert [key.decode() for key, _ in sent] == [
        "sku:ACME/A/1", "sku:ACME/true/2.50", "sku:ACME/A/123456789012345678901234567890",
    ]  # fmt: skip
    assert pl.read_ndjson(tmp_path / "bad.ndjson").select("rejected_row", "rejected_because").rows() == [
        (2, "no JSON: unexpected end of data at character 2 of '{'"),
        (3, "no JSON object, but a list"),
        (4, "no JSON object, but a single value"),
        (7, "model: a list, no text"),
        (8, 'no JSON: no low surrogate in string at character 27 of \'{"serial": "4", "model": "\\\\ud800"}\''),
    ]


def test_columns_of_parquet_that_are_no_texts_are_left_out(tmp_path: Path) -> None:
    frame = pl.DataFrame(_months()).with_columns(tags=pl.lit([["a"]]), raw=pl.lit(b"\xff"), age=pl.duration(days=1))
    frame.write_parquet(tmp_path / "rows.parquet")
    assert RowFile(tmp_path / "rows.parquet").columns == ["serial", "model", "made"]
    counts, _ = _import(tmp_path / "rows.parquet", _mapping())
    assert counts.scans == _MONTHS


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.sampled_from(MAPPINGS), st.sampled_from([as_csv, as_ndjson]))
def test_spoiled_rows_are_listed_and_the_rows_beside_them_are_as_if_alone(
    tmp_path_factory: pytest.TempPathFactory, chance: Random, mapping: Mapping, write: Write
) -> None:
    file = tmp_path_factory.mktemp("spoiled") / ("rows.csv" if write is as_csv else "rows.ndjson")
    good = [a_row(number) for number in range(6)]
    file.write_bytes(write(good))
    alone = imported(file, mapping)
    spoiled = {number for number in range(1, 7) if chance.random() < 0.5}
    rows = [
        spoiled_row(row, chance, as_json=write is as_ndjson) if number in spoiled else row
        for number, row in enumerate(good, 1)
    ]
    file.write_bytes(write(rows))
    mixed = imported(file, mapping)
    assert alone is not None
    assert mixed is not None
    assert mixed.rejected.keys() <= spoiled
    assert all(mixed.scans[row] == alone.scans[row] for row in alone.scans.keys() - spoiled)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    pl.DataFrame([{"serial": "1", "model": "A", "made": "soon"}]).write_csv(tmp_path / "rows.csv")
    with pytest.raises(FileUnreadable, match="--rejected"):
        _import(tmp_path / "rows.csv", _mapping(), tmp_path / "no" / "bad.csv")


def test_the_drives_give_two_scans_each_and_one_more_for_each_failure() -> None:
    sample = _DRIVES.parents[3] / "shared" / "data" / "drives-sample.csv"
    if not sample.is_file():
        pytest.skip("the sample of drives is not there")
    counts, sent = _import(sample, read_mapping(_DRIVES))
    assert counts == Counts(rows=3252, scans=2 * 3252 + 39, rejected=0)
    assert {decode(value)[1]["site"] for _, value in sent} == {f"rack-{n}" for n in range(1, 6)}
    assert all(key.startswith(b"sku:BACKBLAZE/") for key, _ in sent)
