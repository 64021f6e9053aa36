"""Rows printed in every format, and the command line's overview."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from jobs.output import Format, show
from jobs.recall_shown import write_csv

ROWS = [
    {"item": "sku:ACME/W-1", "units": 12345, "rate": 0.5, "first": datetime(2026, 1, 2, tzinfo=UTC), "note": None},
    {"item": "a|b, [bold]c[/bold]", "units": 1, "rate": 0.25, "first": None, "note": "x"},
]


def test_json_is_a_list_of_objects_with_plain_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown[0] == {
        "item": "sku:ACME/W-1",
        "units": 12345,
        "rate": 0.5,
        "first": "2026-01-02T00:00:00+00:00",
        "note": None,
    }


def test_no_rows_are_an_empty_list_in_json_and_a_header_in_csv(capsys: pytest.CaptureFixture[str]) -> None:
    show([], as_json=True)
    show([], fmt="csv", columns=["item", "units"])
    assert capsys.readouterr().out == "[]\nitem,units\n"


def test_csv_reads_back(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, fmt=Format.CSV)
    back = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["item"] for row in back] == [row["item"] for row in ROWS]


@pytest.mark.parametrize("fmt", [Format.CSV, Format.TSV])
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r,\tx"])
def test_a_text_is_no_formula_to_a_spreadsheet_and_a_number_stays_one(
    text: str, fmt: Format, capsys: pytest.CaptureFixture[str]
) -> None:
    show([{"site": text, "change": -1}], fmt=fmt)
    out = io.StringIO(capsys.readouterr().out, newline="")
    (row,) = csv.DictReader(out, delimiter="\t" if fmt is Format.TSV else ",")
    assert row == {"site": f"'{text}", "change": "-1"}


def test_the_units_of_a_recall_hold_no_formula(tmp_path: Path) -> None:
    row = {"unit_key": "sku:A/B/1", "item": "sku:A/B", "serial": "1", "lot": "=cmd|' /C calc'!A0", "holds_now": True}
    row |= {"place": "on hand", "site": "@S1", "held_from": [None], "held_to": [None]}
    write_csv(tmp_path / "units.csv", pl.DataFrame([row]))
    (back,) = csv.DictReader(io.StringIO((tmp_path / "units.csv").read_text()))
    assert (back["lot"], back["site"], back["unit_key"]) == ("'=cmd|' /C calc'!A0", "'@S1", "sku:A/B/1")


def test_a_table_in_a_pipe_cuts_nothing_and_takes_brackets_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"long": "x" * 300, "text": "[bold]c[/bold]"}], title="Rows")
    shown = capsys.readouterr().out
    assert "x" * 300 in shown
    assert "[bold]c[/bold]" in shown


def test_a_table_shows_what_a_site_sent_without_obeying_it(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"site": "\x1b]0;owned\x07\x9b31mS1\0"}])
    shown = capsys.readouterr().out
    assert "\\x1b]0;owned\\x07\\x9b31mS1\\x00" in shown
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\0"}


@pytest.mark.parametrize("fmt", list(Format))
def test_every_format_names_every_column(fmt: Format, capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, fmt=fmt)
    shown = capsys.readouterr().out
    assert all(name in shown for name in ROWS[0])
