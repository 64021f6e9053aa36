"""The verb `statistics`: its output's keys, what it says to bad rows and to options that do not go together."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jobs.cli import VERBS
from pipeline.errors import FileUnreadable, ScanledgerError, TableWrong

ROWS = "unit,age,failed,entry,lot\nu1,3,1,,A\nu2,5,0,0,A\nu3,6,true,2,B\nu4,9,FALSE,,B\nu5,7,1,1.5,B\n"
COLUMNS = ("--time", "age", "--event", "failed", "--entry", "entry")
HEAD = ("kind", "level", "method", "n", "events", "excluded")
CURVE = ("group", "time", "at_risk", "events", "censored", "entered")
FIT = (
    "group", "n", "events", "shape", "shape_low", "shape_high", "scale", "scale_low", "scale_high", "log_likelihood",
    "b10", "b10_low", "b10_high", "reason",
)  # fmt: skip


def run(*arguments: str) -> Result:
    return CliRunner().invoke(importlib.import_module(VERBS["statistics"].module).app, list(arguments))


def asked(folder: Path, kind: str, *options: str, text: str = ROWS) -> dict[str, Any]:
    file = folder / "own.csv"
    file.write_text(text, encoding="utf-8")
    result = run(kind, str(file), *options, "--json")
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    assert tuple(answer)[: len(HEAD)] == HEAD or set(HEAD) <= set(answer)
    assert answer["kind"] == kind
    return answer


@pytest.mark.parametrize(("kind", "column"), [("survival", "survival"), ("hazard", "cumulative_hazard")])
def test_a_curve_has_a_point_per_exit_time_and_group(kind: str, column: str, tmp_path: Path) -> None:
    answer = asked(tmp_path, kind, *COLUMNS, "--group", "lot")
    assert tuple(answer["points"][0]) == (*CURVE, column, "std_err", "low", "high")
    assert [(row["group"], row["time"]) for row in answer["points"]] == [
        ("A", 3),
        ("A", 5),
        ("B", 6),
        ("B", 7),
        ("B", 9),
    ]
    assert (answer["n"], answer["events"], answer["level"]) == (5, 3, 0.95)
    assert answer["excluded"] == {"zero_weight": 0}


def test_numbers_are_unrounded_and_null_where_undefined(tmp_path: Path) -> None:
    points = asked(tmp_path, "survival", *COLUMNS, text="age,failed,entry\n3,1,\n3,1,\n3,1,\n7,0,\n8,1,\n")["points"]
    assert points[0]["survival"] == 1 - 3 / 5
    assert (points[-1]["survival"], points[-1]["std_err"], points[-1]["low"]) == (0, None, None)
    assert isinstance(points[0]["at_risk"], int)


def test_mcf_counts_every_event_of_a_unit_until_its_end(tmp_path: Path) -> None:
    text = "unit,age,failed\nu1,2,1\nu1,4,1\nu1,6,0\nu2,5,0\n"
    answer = asked(tmp_path, "mcf", "--time", "age", "--event", "failed", "--unit", "unit", text=text)
    assert tuple(answer["points"][0]) == ("group", "time", "at_risk", "events", "mcf", "std_err", "low", "high")
    assert [(row["time"], row["at_risk"], row["mcf"]) for row in answer["points"]] == [
        (2, 2, 0.5), (4, 2, 1.0), (5, 2, 1.0), (6, 1, 1.0),
    ]  # fmt: skip
    assert (answer["n"], answer["events"]) == (2, 2)


def test_weibull_has_a_fit_per_group_and_the_points_of_its_plot(tmp_path: Path) -> None:
    answer = asked(tmp_path, "weibull", *COLUMNS, "--group", "lot")
    assert [tuple(fit) for fit in answer["fits"]] == [FIT, FIT]
    assert "fewer than 2 failures" in answer["fits"][0]["reason"]
    assert answer["fits"][1]["shape"] > 0
    assert answer["points"][0] == {"group": "A", "time": 3.0, "probability": 0.25}


def test_logrank_has_each_group_s_observed_and_expected(tmp_path: Path) -> None:
    answer = asked(tmp_path, "logrank", *COLUMNS, "--group", "lot")
    assert set(answer) > {"chi2", "df", "p"}
    assert [tuple(group) for group in answer["groups"]] == [("group", "n", "observed", "expected")] * 2
    assert sum(group["expected"] for group in answer["groups"]) == pytest.approx(3)


def test_nevada_has_ages_a_fit_and_a_forecast(tmp_path: Path) -> None:
    text = "ship,quantity,1,2,3\n1,100,2,3,4\n2,50,,1,2\n3,20,,,0\n"
    answer = asked(tmp_path, "nevada", "--cost-per-return", "10", "--periods", "2", text=text)
    assert tuple(answer["ages"][0]) == ("age", "returns", "suspensions")
    assert tuple(answer["fit"]) == FIT
    assert tuple(answer["forecast"][0])[:4] == ("period", "expected", "low", "high")
    assert len(answer["forecast"]) == 2


def test_cumulative_incidence_takes_2_for_a_competing_end(tmp_path: Path) -> None:
    text = "age,failed,entry\n1,1,\n2,2,\n3,1,\n4,0,\n"
    file = tmp_path / "own.csv"
    file.write_text(text, encoding="utf-8")
    result = run("survival", str(file), *COLUMNS, "--cumulative-incidence", "--json")
    points = json.loads(result.stdout)["points"]
    assert [row["cumulative_incidence"] for row in points] == pytest.approx([0.25, 0.25, 0.5, 0.5])
    assert points[1]["competing"] == 1
    assert isinstance(run("survival", str(file), *COLUMNS, "--json").exception, TableWrong)


def test_from_an_age_those_who_left_before_are_excluded_and_counted(tmp_path: Path) -> None:
    answer = asked(tmp_path, "survival", *COLUMNS, "--from-age", "5")
    assert answer["excluded"]["ended_before_from_age"] == 2
    assert [row["time"] for row in answer["points"]] == [6, 7, 9]
    assert answer["points"][0]["at_risk"] == 3


@pytest.mark.parametrize("kind", ["survival", "hazard", "weibull", "logrank"])
def test_a_weight_is_as_many_rows(kind: str, tmp_path: Path) -> None:
    rows = ROWS.splitlines()
    heavy = "\n".join([f"{rows[0]},w", *(f"{row},{place % 3}" for place, row in enumerate(rows[1:]))])
    long = "\n".join([rows[0], *(row for place, row in enumerate(rows[1:]) for _ in range(place % 3))])
    options = (*COLUMNS, "--group", "lot")
    ours, theirs = (
        asked(tmp_path, kind, *options, "--weight", "w", text=heavy),
        asked(tmp_path, kind, *options, text=long),
    )
    assert ours.pop("excluded") == {"zero_weight": 2}
    assert theirs.pop("excluded") == {"zero_weight": 0}
    assert ours == theirs


def test_a_table_without_rows_has_no_points(tmp_path: Path) -> None:
    for kind in ("survival", "hazard", "weibull"):
        answer = asked(tmp_path, kind, *COLUMNS, text="age,failed,entry\n")
        assert (answer["n"], answer["points"]) == (0, [])
    empty = asked(tmp_path, "logrank", *COLUMNS, "--group", "lot", text="age,failed,entry,lot\n")
    assert (empty["chi2"], empty["groups"]) == (None, [])
    assert asked(tmp_path, "nevada", text="ship,quantity,1\n")["n"] == 0
    assert asked(tmp_path, "mcf", *COLUMNS, "--unit", "u", text="age,failed,entry,u\n")["points"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("age,failed,entry\n3,1,\nx,1,\n", "line 3 (row 2 of the data), column 'age': 'x' is no number"),
        ("age,failed,entry\nnan,1,\n", "'nan' is no number"),
        ("age,failed,entry\n1e999,1,\n", "'1e999' is no number"),
        ('age,failed,entry\n"1,5",1,\n', "'1,5' is no number; a time is a number greater than the entry, as 12.5"),
        ("age,failed,entry\n3,maybe,\n", "'maybe' is none of 1, true, 0, false"),
        ("age,failed,entry\n3,,\n", "'' is none of 1, true, 0, false"),
        ("age,failed,entry\n3,1,3\n", "'3' is not greater than the entry 3; a unit is at risk on (entry, time]"),
        ("age,failed,entry\n0,1,\n", "'0' is not greater than the entry 0"),
        ("age,failed,entry\n3,1,-1\n", "'-1' is no entry; it is a number from 0, blank for 0"),
        ("age,failed,entry\n3,1\n", "line 2 (row 1 of the data): 2 cells where the header has 3"),
        ("age,failed,entri\n3,1,0\n", "no column 'entry'; did you mean 'entri'?"),
        ("age,failed,age\n3,1,0\n", "two columns 'age'"),
        ("age,failed,\n3,1,0\n", "column 3 has no name"),
        ("", "the first line must name the columns"),
    ],
)
def test_a_bad_row_exits_2_with_its_number_and_what_would_be_right(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(text, encoding="utf-8")
    wrong = run("survival", str(file), *COLUMNS).exception
    assert isinstance(wrong, TableWrong)
    assert said in str(wrong)
    assert str(file) in str(wrong)


def test_many_bad_rows_are_told_at_once_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("age,failed,entry\n" + "x,1,\n" * 30, encoding="utf-8")
    wrong = str(run("survival", str(file), *COLUMNS).exception)
    assert "30 faults" in wrong
    assert "… and 10 more" in wrong


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("u1,2,1,,\nu1,6,0,,\nu1,7,1,,\n", "'7' is after the end of unit 'u1' at 6"),
        ("u1,2,0,,\nu1,2,0,,\n", "ends unit 'u1' a second time"),
        ("u1,2,1,,A\nu1,6,0,,B\n", "'B' differs from A in line 2; rows of one unit must agree"),
        ("u1,2,1,,\nu1,6,0,1,\n", "'1' differs from 0.0 in line 2"),
    ],
)
def test_rows_of_one_unit_must_agree(rows: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(f"unit,age,failed,entry,lot\n{rows}", encoding="utf-8")
    wrong = run("mcf", str(file), *COLUMNS, "--unit", "unit", "--group", "lot").exception
    assert isinstance(wrong, TableWrong)
    assert said in str(wrong)


def test_a_row_that_names_no_unit_is_refused_by_mcf_with_its_number(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("unit,age,failed\nA,6,1\n,5,1\n,7,0\n", encoding="utf-8")
    wrong = run("mcf", str(file), "--time", "age", "--event", "failed", "--unit", "unit").exception
    assert isinstance(wrong, TableWrong)
    assert "2 faults" in str(wrong)
    assert "line 3 (row 2 of the data), column 'unit': '' names no unit; write whose event or end" in str(wrong)


def test_rows_of_one_unit_must_agree_on_a_weight_of_0_too(tmp_path: Path) -> None:
    options = ("--time", "age", "--event", "failed", "--unit", "unit", "--weight", "w")
    file = tmp_path / "own.csv"
    file.write_text("unit,age,failed,w\nA,5,1,1\nA,9,0,0\nB,7,0,1\n", encoding="utf-8")
    wrong = run("mcf", str(file), *options).exception
    assert isinstance(wrong, TableWrong)
    assert "line 3 (row 2 of the data), column 'w': '0' differs from 1.0 in line 2" in str(wrong)
    left_out = asked(tmp_path, "mcf", *options, text="unit,age,failed,w\nA,5,1,0\nA,9,0,0\nB,7,0,1\n")
    assert (left_out["n"], left_out["events"], left_out["excluded"]) == (1, 0, {"zero_weight": 2})


def test_other_kinds_than_mcf_say_that_they_take_each_row_for_a_unit(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(ROWS, encoding="utf-8")
    result = run("survival", str(file), *COLUMNS, "--unit", "unit", "--json")
    assert "--unit goes with mcf alone: survival takes each row for a unit of its own" in result.stderr
    assert json.loads(result.stdout)["n"] == 5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'age,failed,entry\n5,1,\n"6"x,0,\n', "line 3: ',' expected after"),
        (b'age,failed,entry\n5,1,\n"6,0,\n7,1,\n8,1,\n', "line 3: unexpected end of data"),
        (b'age,failed,"entry"s\n', "line 1: ',' expected after"),
        (b"age,failed,entry\n5,1,\n6,0,\xe9\n", "line 3: 'utf-8' codec can't decode byte 0xe9"),
        (b"\xef\xbb\xbfage,failed,entry\r\n5,1,\r\n\xe9,0,\r\n", "line 3: 'utf-8' codec can't decode byte 0xe9"),
    ],
)
def test_what_breaks_the_rules_of_a_csv_file_is_told_with_its_line(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_bytes(content)
    wrong = run("survival", str(file), *COLUMNS).exception
    assert isinstance(wrong, FileUnreadable)
    assert f"{file} cannot be read as a CSV file in UTF-8: {said}" in str(wrong)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["survival", "--event", "e"], "survival needs --time: which column"),
        (["mcf", "--time", "t", "--event", "e"], "mcf needs --unit"),
        (["logrank", "--time", "t", "--event", "e"], "logrank needs --group"),
        (["nevada", "--time", "t"], "nevada reads its columns by their place"),
        (["weibull", "--time", "t", "--event", "e", "--from-age", "3"], "--from-age goes with survival and hazard"),
        (
            ["hazard", "--time", "t", "--event", "e", "--cumulative-incidence"],
            "--cumulative-incidence goes with survival",
        ),
        (["survival", "--time", "t", "--event", "e", "--level", "95"], "--level is between 0 and 1, as 0.95"),
        (["survival", "--time", "t", "--event", "e", "--from-age", "inf"], "--from-age is a finite number from 0"),
        (["nevada", "--cost-per-return", "inf"], "--cost-per-return is a finite number from 0, as 12.5, not inf"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    result = run(arguments[0], "nowhere.csv", *arguments[1:])
    assert result.exit_code == 2
    assert said in result.output


def test_what_is_no_file_of_text_says_so(tmp_path: Path) -> None:
    binary = tmp_path / "own.csv"
    binary.write_bytes(b"age,failed,entry\n\xff\xfe,1,\n")
    for file in (binary, tmp_path / "nowhere.csv", tmp_path):
        wrong = run("survival", str(file), *COLUMNS).exception
        assert isinstance(wrong, FileUnreadable | ScanledgerError)
        assert "cannot be read as a CSV file in UTF-8" in str(wrong)


def test_without_json_the_points_are_a_table_and_the_rest_is_said_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("\ufeff" + ROWS, encoding="utf-8")
    result = run("survival", str(file), "--time", "age", "--event", "failed", "--format", "csv")
    assert result.stdout.splitlines()[0] == "group,time,at_risk,events,censored,entered,survival,std_err,low,high"
    assert "events: 3" in result.stderr


@pytest.mark.parametrize("kind", ["survival", "hazard", "weibull", "mcf", "logrank"])
@pytest.mark.parametrize("rows", ["", "u1,1,1,a,0\nu2,2,0,b,0\n"])
def test_a_table_of_which_no_row_counts_is_told_nothing_of_a_ledger(tmp_path: Path, kind: str, rows: str) -> None:
    options = ("--time", "age", "--event", "failed", "--group", "group", "--weight", "w")
    answer = asked(
        tmp_path,
        kind,
        *options,
        *(("--unit", "unit") if kind == "mcf" else ()),
        text=f"unit,age,failed,group,w\n{rows}",
    )
    assert (answer["n"], answer["reason"]) == (0, "No unit counts.")


def test_mcf_says_of_how_many_units_no_row_is_the_end(tmp_path: Path) -> None:
    text = "unit,age,failed,w\nu1,2,1,3\nu1,6,0,3\nu2,5,1,2\nu2,7,1,2\nu3,4,1,1\nu4,4,1,0\n"
    options = ("--time", "age", "--event", "failed", "--unit", "unit")
    assert asked(tmp_path, "mcf", *options, text=text)["ended_at_last_event"] == 3
    assert asked(tmp_path, "mcf", *options, "--weight", "w", text=text)["ended_at_last_event"] == 3
    assert asked(tmp_path, "mcf", *options, text="unit,age,failed\nu1,6,0\n")["ended_at_last_event"] == 0


@pytest.mark.parametrize(
    ("kind", "options", "text"),
    [
        ("survival", (*COLUMNS, "--weight", "w"), "age,failed,entry,w\n1,1,,{}\n"),
        ("nevada", (), "ship,quantity,1\n1,{},2\n"),
        ("nevada", (), "ship,quantity,1\n1,5,{}\n"),
    ],
)
def test_a_whole_number_that_is_too_large_is_called_that(
    kind: str, options: tuple[str, ...], text: str, tmp_path: Path
) -> None:
    file = tmp_path / "own.csv"
    file.write_text(text.format("9" * 20), encoding="utf-8")
    wrong = run(kind, str(file), *options).exception
    assert isinstance(wrong, TableWrong)
    assert "is too large; the largest is 999999999999999" in str(wrong)
    assert "is no " not in str(wrong)


def test_zeros_in_front_make_no_number_too_large(tmp_path: Path) -> None:
    text = f"age,failed,entry,w\n1,1,,{'0' * 20}7\n"
    assert asked(tmp_path, "survival", *COLUMNS, "--weight", "w", text=text)["n"] == 7
