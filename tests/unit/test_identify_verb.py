"""The verb `identify`: one object a line with the keys that others rely on, whatever the lines hold."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.identify import app

KEYS = [
    "input", "ok", "syntax", "unit_key", "class_key", "element_string", "unbracketed", "digital_link", "epc_uri",
    "epc_tag_uri", "epc_hex", "attributes", "warnings", "errors",
]  # fmt: skip
CODE = "(01)12312312312333(10)ABC123(21)XYZ(99)XYZ"
Json = dict[str, object]


def run(*arguments: str, given: bytes = b"") -> tuple[int, str]:
    found = CliRunner().invoke(app, list(arguments), input=given)
    return found.exit_code, found.stdout


def lines_of(given: bytes, *arguments: str) -> list[Json]:
    code, out = run("--lines", "--json", *arguments, given=given)
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


def test_a_line_is_an_object_with_exactly_these_keys() -> None:
    found = lines_of(CODE.encode() + b"\n")[0]
    assert list(found) == KEYS
    assert found == {
        "input": CODE,
        "ok": True,
        "syntax": "element_string",
        "unit_key": "gtin:12312312312333/XYZ",
        "class_key": "gtin:12312312312333",
        "element_string": CODE,
        "unbracketed": "^011231231231233310ABC123^21XYZ^99XYZ",
        "digital_link": "https://id.gs1.org/01/12312312312333/10/ABC123/21/XYZ?99=XYZ",
        "epc_uri": None,
        "epc_tag_uri": None,
        "epc_hex": None,
        "attributes": {"10": "ABC123", "99": "XYZ"},
        "warnings": found["warnings"],
        "errors": [],
    }


def test_every_line_is_answered_whatever_it_holds() -> None:
    given = b"\n^0109506000134352\r\n\xff\xfe\n\x00\n\x1d0109506000134352\nlast line without an end"
    found = lines_of(given)
    assert [one["ok"] for one in found] == [False, True, False, False, True, False]
    assert found[2]["errors"] == [
        {"where": "byte 1", "rule": "utf8", "message": "these bytes are no UTF-8", "nearest": None}
    ]
    assert lines_of(b"") == []


def test_a_wrong_code_says_where_which_rule_and_what_would_be_right() -> None:
    found = lines_of(b"(01)12312312312334(21)A\n")[0]
    assert found["errors"] == [
        {
            "where": "(01) character 14",
            "rule": "csum",
            "message": "(01) check digit 4 should be 3",
            "nearest": "(01)12312312312333(21)A",
        }
    ]
    assert (found["unit_key"], found["class_key"], found["element_string"]) == (None, None, None)


def test_the_length_of_the_company_prefix_and_leniency_are_asked_for(tmp_path: Path) -> None:
    given = b"(01)80614141123458(21)6789\n018061414112345821A\n"
    assert [one["epc_hex"] for one in lines_of(given, "--company-prefix", "7")] == ["3014257BF7194E4000001A85", None]
    assert [one["ok"] for one in lines_of(given, "--lenient")] == [True, True]
    table = tmp_path / "prefixes"
    table.write_text("0614141,7\n")
    assert lines_of(given, "--company-prefixes", str(table))[0]["epc_uri"] == "urn:epc:id:sgtin:0614141.812345.6789"


def test_answers_are_streamed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "from jobs.identify import app; app()", "--lines", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin and process.stdout
        for code in (b"9506000134352", b"106141412345678908"):
            process.stdin.write(code + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["input"] == code.decode()
        process.stdin.close()
    assert process.returncode == 0


def test_people_see_what_is_wrong_and_scripts_the_exit_code() -> None:
    assert run("9506000134352")[0] == 0
    code, out = run("(01)12312312312334", "9506000134352")
    assert code == 1
    assert "check digit 4 should be 3" in out
    code, out = run("--json", "9506000134352")
    assert (code, json.loads(out)[0]["class_key"]) == (0, "gtin:09506000134352")


def test_conventions_are_declared_in_a_file_and_gaps_reported_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "conventions.toml"
    file.write_text('[[convention]]\nname = "tag"\npattern = "T{sequence:N4}"\nkey = "asset:{code}"\n')
    found = CliRunner().invoke(app, ["--conventions", str(file), "T0001", "T0004"])
    assert found.exit_code == 0
    assert "asset:T0001" in found.stdout
    assert "tag: 2 to 3 are missing" in found.stderr


@pytest.mark.parametrize("text", [None, "[[convention]]\nname = 'x'", "\xff"])
def test_what_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "conventions.toml"
    if text is not None:
        file.write_text(text, encoding="latin-1")
    found = CliRunner().invoke(app, ["--conventions", str(file), "x"])
    assert found.exit_code == 2
    assert "conventions.toml" in "".join(letter for letter in found.output if letter not in "│ \n")
    assert run()[0] == 2


def test_a_table_of_company_prefixes_without_any_is_refused(tmp_path: Path) -> None:
    for name, text in (("garbage.txt", "garbage"), ("empty.json", "{}"), ("nothing", "")):
        file = tmp_path / name
        file.write_text(text)
        found = CliRunner().invoke(app, [CODE, "--company-prefixes", str(file), "--company-prefix", "7"])
        assert found.exit_code == 2
        assert "has no company prefix" in " ".join(found.output.replace("│", " ").split())


def test_where_the_table_knows_nothing_the_prefix_given_counts(tmp_path: Path) -> None:
    table = tmp_path / "prefixes.csv"
    table.write_text("0614141,7\n2,0\n")
    options = ("--json", "--company-prefixes", str(table), "--company-prefix", "9")
    code, out = run("(00)106141412345678908", "(00)109506000134352005", "(00)120000000000000005", *options)
    assert [one["epc_uri"] for one in json.loads(out)] == [
        "urn:epc:id:sscc:0614141.1234567890", "urn:epc:id:sscc:095060001.13435200", None,
    ]  # fmt: skip
    assert code == 0
