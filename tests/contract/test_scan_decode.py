"""The scan decoder against fastavro: good bodies, and every way to damage one."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.scan import ORIGINS, STEPS
from pipeline.wire.body import decode_body, encode_body
from pipeline.wire.framing import FRAME_BYTES, Undecodable, frame
from pipeline.wire.scan import ERRORS, EVENT_TIME, FIELDS, SITE, decode_scans
from pipeline.wire.scan_fields import CAPS, RECORD_CAP
from pipeline.wire.schemas import catalogue
from tests.contract.scan_rows import a_scan, framed, row_of

COMPILING = settings(deadline=None)  # the first example pays for the compiler

PARSED = catalogue().version("scan").parsed
OPTIONAL = {field["name"] for field in PARSED["fields"] if isinstance(field["type"], list)}
LONGS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(max_size=16)
PAIRS = st.lists(st.fixed_dictionaries({"name": TEXTS, "value": TEXTS}), max_size=3)
CHOICES = {
    "step": st.sampled_from(STEPS),
    "origin": st.sampled_from(ORIGINS),
    "event_time": LONGS,
    "capture_time": LONGS,
    "expiry": st.none() | st.integers(-(2**31), 2**31 - 1),
    "attributes": PAIRS,
}
SCANS = st.fixed_dictionaries(
    {name: CHOICES.get(name, st.none() | TEXTS if name in OPTIONAL else TEXTS) for name in FIELDS}
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good scan, cut, stretched, overwritten or doubled in up to three places."""
    value = catalogue().encode("scan", draw(SCANS))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(value)))
        end = draw(st.integers(at, min(at + 4, len(value))))
        value = (
            value[:at] + draw(st.binary(max_size=4) | st.sampled_from([value[at:end] * 2, b"\xff" * 10])) + value[end:]
        )
    return value


def is_beyond_avro(scan: dict[str, object]) -> bool:
    """Whether it breaks a rule of ours that Avro, or fastavro's reading of it, does not have."""
    expiry = scan["expiry"]
    sizes = {name: len(str(scan[name]).encode()) for name in CAPS if name != "attributes" and scan[name] is not None}
    is_long = any(size > CAPS[name] for name, size in sizes.items())
    return is_long or (isinstance(expiry, int) and not -(2**31) <= expiry < 2**31)


def agrees_with_fastavro(value: bytes, code: int, row: dict[str, object]) -> bool:
    if value[:FRAME_BYTES] != frame(catalogue().id("scan")):
        return code != 0
    try:
        expected = decode_body(PARSED, value[FRAME_BYTES:])
    except Undecodable:
        return code != 0
    if code == 0:
        return row == expected
    return is_beyond_avro(expected) or encode_body(PARSED, expected) != value[FRAME_BYTES:]


@COMPILING
@given(st.lists(SCANS, max_size=6))
def test_whatever_is_encoded_is_decoded(scans: list[dict[str, object]]) -> None:
    columns = decode_scans([catalogue().encode("scan", scan) for scan in scans])
    assert not columns.error.any()
    assert [row_of(columns, row) for row in range(len(scans))] == scans


@settings(max_examples=600, deadline=None)
@given(damaged())
def test_a_damaged_scan_is_read_as_fastavro_reads_it_or_refused_and_its_neighbours_stay(value: bytes) -> None:
    columns = decode_scans([framed(scan_id="before"), value, framed(scan_id="after")])
    assert agrees_with_fastavro(value, int(columns.error[1]), row_of(columns, 1))
    assert [row_of(columns, row) for row in (0, 2)] == [a_scan(scan_id="before"), a_scan(scan_id="after")]


@COMPILING
@given(st.binary(max_size=60))
def test_a_text_is_taken_exactly_if_python_takes_it_as_utf8(text: bytes) -> None:
    good = framed(scan_id="x")
    value = good[:FRAME_BYTES] + bytes([2 * len(text)]) + text + good[FRAME_BYTES + 2 :]
    (code,) = decode_scans([value]).error
    try:
        text.decode()
        assert ERRORS[code] == ""
    except UnicodeDecodeError:
        assert ERRORS[code] == "BAD_UTF8"


@COMPILING
@given(st.integers(0, 0x10FFFF), st.sampled_from(["", "a", "é" * 7]))
def test_utf8_of_every_length_is_taken_and_surrogates_are_not(point: int, before: str) -> None:
    text = before.encode() + chr(point).encode("utf-8", "surrogatepass")
    good = framed(scan_id="x")
    value = good[:FRAME_BYTES] + bytes([2 * len(text)]) + text + good[FRAME_BYTES + 2 :]
    assert ERRORS[decode_scans([value]).error[0]] == ("BAD_UTF8" if 0xD800 <= point <= 0xDFFF else "")


def errors_of(values: Sequence[bytes | None]) -> list[str]:
    return [ERRORS[code] for code in decode_scans(values).error]


def test_a_null_value_is_named_and_an_empty_batch_is_no_trouble() -> None:
    assert errors_of([framed(), None, framed(), None]) == ["", "NO_VALUE", "", "NO_VALUE"]
    assert errors_of([None]) == ["NO_VALUE"]
    assert len(decode_scans([])) == 0


def test_each_text_may_be_as_long_as_its_cap_and_no_longer() -> None:
    names = [name for name in CAPS if name != "attributes"]
    assert errors_of([framed(**{name: "x" * CAPS[name]}) for name in names]) == [""] * len(names)
    assert errors_of([framed(**{name: "x" * (CAPS[name] + 1)}) for name in names]) == ["TOO_LONG"] * len(names)


def test_a_field_of_a_megabyte_is_too_long_and_so_are_too_many_attributes() -> None:
    many = [{"name": "n", "value": "v" * 100}] * 320
    assert errors_of([framed(site="x" * 1_000_000), framed(attributes=many), framed()]) == ["TOO_LONG", "TOO_LONG", ""]
    assert len(framed(attributes=many)) < RECORD_CAP


def test_an_error_says_where_its_field_begins() -> None:
    columns = decode_scans([framed(scan_id="abc", item="x" * 201)])
    assert columns.error_at[0] == FRAME_BYTES + 1 + len("abc")


def test_texts_are_slices_of_the_buffer() -> None:
    columns = decode_scans([framed(site="a"), framed(site="Zürich", event_time=-5)])
    begin, size = columns.number[SITE, 1], columns.length[SITE, 1]
    assert columns.buffer[begin : begin + size].tobytes().decode() == "Zürich" == columns.text(SITE, 1)
    assert columns.number[EVENT_TIME, 1] == -5
    assert columns.buffer[columns.starts[0] : columns.ends[0]].tobytes() == framed(site="a")
    assert columns.number.dtype == np.int64
    assert columns.length.dtype == np.int32
