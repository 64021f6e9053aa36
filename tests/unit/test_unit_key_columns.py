"""The compiled grammar of unit keys says what the plain one says."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.domain.unit_key import PARTS_OF_ITEM, BadUnitKey, UnitKey
from pipeline.domain.unit_key_columns import check_identifiers
from tests.unit.test_unit_key import BAD, GOLDEN

COMPILING = settings(deadline=None)  # the first example pays for the compiler


def bad_rows(pairs: list[tuple[bytes, bytes]]) -> list[bool]:
    texts = [text for pair in pairs for text in pair]
    buffer = np.frombuffer(b"".join(texts) + b"\xff", np.uint8)
    lengths = np.array([len(text) for text in texts], np.int32)
    places = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64) if texts else np.zeros(0, np.int64)
    bad = np.zeros(len(pairs), np.bool_)
    check_identifiers(buffer, places[::2].copy(), lengths[::2].copy(), places[1::2].copy(), lengths[1::2].copy(), bad)
    return [bool(flag) for flag in bad]


def is_refused(item: bytes, serial: bytes) -> bool:
    try:
        UnitKey.checked(item.decode(), serial.decode())
    except (BadUnitKey, UnicodeDecodeError):
        return True
    return False


def test_every_golden_key_is_good() -> None:
    assert not any(bad_rows([(item.encode(), serial.encode()) for _, item, serial in GOLDEN]))


def test_every_bad_key_is_bad() -> None:
    parts = (text.encode(errors="surrogatepass").rpartition(b"/") for text in BAD.values())
    pairs = [(head, serial) for head, _, serial in parts]
    assert all(bad_rows(pairs))


def test_a_missing_text_is_bad_and_nothing_is_read() -> None:
    bad = np.zeros(1, np.bool_)
    minus = np.full(1, -1, np.int32)
    check_identifiers(np.zeros(0, np.uint8), np.zeros(1, np.int64), minus, np.zeros(1, np.int64), minus, bad)
    assert bad.all()


schemes = st.sampled_from([*PARTS_OF_ITEM, "asset", "Sku", "a1", "", "averylongscheme"])
numbers = st.sampled_from(
    [
        "09506000134352",
        "106141412345678908",
        "49015420323751",
        "1HGCM82633A004352",
        "0614141123452",
        "095060001343520102",
    ]
)
letters = st.text("aZ09 %2F2f5:/\t\x7f\x85Äe\u0301\xa0", max_size=6)
parts = letters | numbers | st.sampled_from(["%2F", "%25", "%41", "%C2%85", "a%2Fb", "%0", "%"])
items = st.builds(lambda scheme, rest: f"{scheme}:{'/'.join(rest)}", schemes, st.lists(parts, min_size=1, max_size=3))
pairs = st.tuples(items | st.just("") | letters, parts | items)


@COMPILING
@given(st.lists(pairs, max_size=8))
@example([("", "sku:a")])
@example([("gtin:09506000134352", "a%2F")])
@example([("sku:A/Ä", " ")])
def test_the_compiled_grammar_agrees_with_the_plain_one(texts: list[tuple[str, str]]) -> None:
    encoded = [(item.encode(), serial.encode()) for item, serial in texts]
    assert bad_rows(encoded) == [is_refused(*pair) for pair in encoded]


@COMPILING
@given(st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), max_size=8))
def test_any_bytes_are_judged_alike(texts: list[tuple[bytes, bytes]]) -> None:
    assert bad_rows(texts) == [is_refused(*pair) for pair in texts]
