"""A line becomes a scan with a time and a name of its own, or is kept with what is wrong with it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agent.lines import Line, Place
from pipeline.agent.stamp import Stamp, moment
from pipeline.agent.taken import Taken

READ = "2026-11-26T10:00:00.123Z"
READ_MS = 1_795_687_200_123


def stamped(line: bytes | Line, **fixed: object) -> Taken:
    names = iter("abc")
    stamp = Stamp(fixed, clock=lambda: READ_MS, name=lambda: next(names))
    return stamp(line if isinstance(line, Line) else Line(line))


def scan_of(line: bytes, **fixed: object) -> dict[str, Any]:
    taken = stamped(line, **fixed)
    assert taken.is_scan, taken
    scan: dict[str, Any] = json.loads(taken.body)
    return scan


def test_a_moment_is_written_as_capture_reads_it() -> None:
    assert moment(READ_MS) == READ
    assert moment(0) == "1970-01-01T00:00:00.000Z"


def test_a_code_is_taken_as_it_was_read_with_the_time_a_name_and_what_is_fixed() -> None:
    own = {"scan_id": "a", "event_time": READ, "capture_time": READ}
    assert scan_of(b"\x1d0109506000134352", step="STORE") == own | {"code": "\x1d0109506000134352", "step": "STORE"}


def test_what_a_json_line_says_wins_and_what_it_leaves_open_is_filled_in() -> None:
    line = b'{"code": "x", "site": "own", "event_time": "2026-01-01T00:00:00Z", "scan_id": null, "capture_time": ""}'
    assert scan_of(line, site="fixed", reader="r1") == {
        "code": "x", "site": "own", "reader": "r1", "event_time": "2026-01-01T00:00:00Z", "scan_id": "a",
        "capture_time": READ,
    }  # fmt: skip
    assert scan_of(b'{"scan_id": "mine"}')["scan_id"] == "mine"


def test_fixed_attributes_are_joined_with_a_lines_own() -> None:
    fixed = {"shift": "late", "line": "4"}
    assert scan_of(b'{"attributes": {"line": "5", "temperature": "4.2"}}', attributes=fixed)["attributes"] == {
        "shift": "late", "line": "5", "temperature": "4.2",
    }  # fmt: skip
    assert scan_of(b'{"attributes": null}', attributes=fixed)["attributes"] is None
    assert scan_of(b"code", attributes=fixed)["attributes"] == fixed


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (Line(b"{"), "NOT_JSON"),
        (Line(b"{} {}"), "NOT_JSON"),
        (Line(b'{"a": NaN}'), "NOT_JSON"),
        (Line(b'{"a": 1e999}'), "NOT_JSON"),
        (Line(b'{"a": ' + b"9" * 5000 + b"}"), "NOT_JSON"),
        (Line(b'{"a":' * 20_000 + b"1" + b"}" * 20_000), "NOT_JSON"),
        (Line(b"caf\xe9"), "NOT_TEXT"),
        (Line(b"half", fault="UNFINISHED"), "UNFINISHED"),
        (Line(b"", fault="READER_OVERRUN"), "READER_OVERRUN"),
    ],
)
def test_a_line_that_is_no_scan_is_kept_with_the_reason_and_when_it_was_read(line: Line, reason: str) -> None:
    taken = stamped(line)
    assert taken.fault is not None
    assert (taken.body, taken.fault.reason, taken.fault.read_at, taken.is_scan) == (line.text, reason, READ, False)
    assert len(taken.fault.message) > 20


def test_a_line_without_text_only_notes_its_place() -> None:
    place = Place(1, 2, 3, "h", "t")
    assert stamped(Line(b"", place=place)) == Taken(b"", "", place)


@given(st.binary(max_size=60) | st.text(max_size=30).map(str.encode) | st.text('{}[]":,\\u0123nul ').map(str.encode))
def test_any_line_becomes_one_line_of_json_or_a_fault(text: bytes) -> None:
    taken = Stamp({"step": "STORE"})(Line(text.strip(b" \t\r\n").replace(b"\n", b"")))
    assert taken.fault is not None or b"\n" not in taken.body
    if taken.is_scan:
        assert json.loads(taken.body)["event_time"]


def test_names_are_never_given_twice() -> None:
    stamp = Stamp({})
    names = {json.loads(stamp(Line(b"x")).body)["scan_id"] for _ in range(1000)}
    assert len(names) == 1000
