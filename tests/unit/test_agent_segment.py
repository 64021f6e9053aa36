"""The format of a segment: whatever becomes of its tail, what was taken before is read, and nothing else is."""

import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.agent.segment import (
    ENTRY_BYTES,
    LARGEST_TEXT,
    MARK,
    Damage,
    Entry,
    build_entry,
    build_head,
    read_entries,
    read_head,
)

SALT = b"saltsalt"
TEXTS = st.lists(st.binary(max_size=40) | st.just(MARK * 3), max_size=8)


def built(texts: list[bytes], first: int = 1, safe: int = 0, salt: bytes = SALT) -> bytes:
    """Returns the bytes of entries that were all written at once."""
    return b"".join(build_entry(salt, number, text, safe=safe) for number, text in enumerate(texts, first))


def entries(texts: list[bytes], first: int = 1) -> list[Entry]:
    return [Entry(number, text) for number, text in enumerate(texts, first)]


@given(st.integers(1, 2**40), st.binary(max_size=100))
def test_a_head_reads_back(first: int, note: bytes) -> None:
    data = build_head(first, note)
    head = read_head(data + b"whatever follows")
    assert head is not None
    assert (head.first, head.note, head.end) == (first, note, len(data))


@given(st.binary(max_size=30), st.data())
def test_a_head_cut_anywhere_or_changed_anywhere_is_none(note: bytes, data: st.DataObject) -> None:
    head = build_head(7, note)
    at = data.draw(st.integers(0, len(head) - 1))
    assert read_head(head[:at]) is None
    assert read_head(head[:at] + bytes([head[at] ^ data.draw(st.integers(1, 255))]) + head[at + 1 :]) is None


@given(TEXTS, st.integers(1, 2**40))
def test_entries_read_back_in_order(texts: list[bytes], first: int) -> None:
    data = built(texts, first)
    assert read_entries(data, SALT, first) == (entries(texts, first), first + len(texts), len(data))


@given(TEXTS, TEXTS, st.data())
def test_a_cut_tail_loses_only_what_it_cuts(taken: list[bytes], unsure: list[bytes], data: st.DataObject) -> None:
    safe = built(taken)
    tail = built(unsure, 1 + len(taken), safe=len(taken))
    cut = data.draw(st.integers(0, len(tail)))
    parsed = read_entries(safe + tail[:cut], SALT, 1)
    assert parsed.found[: len(taken)] == entries(taken)
    whole = read_entries(tail[:cut], SALT, 1 + len(taken))
    assert parsed.found[len(taken) :] == whole.found == entries(unsure, 1 + len(taken))[: len(whole.found)]
    assert parsed.end == len(safe) + whole.end <= len(safe) + cut


@given(TEXTS, TEXTS.filter(bool), st.data())
def test_a_spoiled_tail_loses_only_what_nobody_was_told_of(
    taken: list[bytes], unsure: list[bytes], data: st.DataObject
) -> None:
    safe = built(taken)
    tail = bytearray(built(unsure, 1 + len(taken), safe=len(taken)))
    begin = data.draw(st.integers(0, len(tail) - 1))
    end = data.draw(st.integers(begin + 1, len(tail)))
    spoiled = data.draw(st.binary(min_size=end - begin, max_size=end - begin))
    tail[begin:end] = spoiled
    parsed = read_entries(safe + bytes(tail), SALT, 1)
    assert parsed.found[: len(taken)] == entries(taken)
    assert parsed.found == entries(taken + unsure)[: len(parsed.found)]


@given(st.lists(st.binary(max_size=20), min_size=3, max_size=8), st.data())
def test_what_was_on_disk_once_and_is_unreadable_is_damage_and_the_rest_counts(
    texts: list[bytes], data: st.DataObject
) -> None:
    pieces = [build_entry(SALT, number, text, safe=number - 1) for number, text in enumerate(texts, 1)]
    spoiled = data.draw(st.integers(0, len(texts) - 2))
    at = data.draw(st.integers(0, len(pieces[spoiled]) - 1))
    piece = bytearray(pieces[spoiled])
    piece[at] ^= data.draw(st.integers(1, 255))
    parsed = read_entries(b"".join([*pieces[:spoiled], bytes(piece), *pieces[spoiled + 1 :]]), SALT, 1)
    right: list[Entry | Damage] = [*entries(texts)]
    right[spoiled] = Damage(spoiled + 1, spoiled + 1)
    assert parsed.found == right
    assert parsed.next_number == len(texts) + 1


def test_whole_entries_behind_a_hole_in_one_write_are_torn_and_not_damage() -> None:
    before, tail = built([b"a", b"b"]), built([b"c", b"d", b"e"], 3, safe=2)
    hole = before + bytes(ENTRY_BYTES + 1) + tail[ENTRY_BYTES + 1 :]
    assert read_entries(hole, SALT, 1) == (entries([b"a", b"b"]), 3, len(before))
    assert read_entries(hole, SALT, 1, safe=3).found == [
        *entries([b"a", b"b"]),
        Damage(3, 3),
        *entries([b"d", b"e"], 4),
    ]


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=6), st.binary(min_size=1, max_size=60), st.data())
def test_bytes_put_between_entries_take_none_of_them_away(texts: list[bytes], junk: bytes, data: st.DataObject) -> None:
    pieces = [build_entry(SALT, number, text, safe=0) for number, text in enumerate(texts, 1)]
    at = data.draw(st.integers(0, len(pieces) - 1))
    again = data.draw(st.sampled_from([junk, *pieces]))  # an entry that is there already is junk as well
    parsed = read_entries(b"".join([*pieces[:at], again, *pieces[at:]]), SALT, 1)
    assert parsed.found == entries(texts)


@given(TEXTS.filter(bool))
def test_entries_of_another_segment_are_none_here(texts: list[bytes]) -> None:
    assert read_entries(built(texts, salt=b"othersal"), SALT, 1).found == []


def test_at_most_so_many_are_read() -> None:
    data = built([b"a", b"b", b"c"])
    assert read_entries(data, SALT, 1, most=2) == (entries([b"a", b"b"]), 3, 2 * (ENTRY_BYTES + 1))


@given(st.binary(max_size=300), st.integers(0, 2**20))
def test_any_bytes_can_be_read(data: bytes, seed: int) -> None:
    garbage = random.Random(seed).randbytes(len(data))  # noqa: S311  no secret
    for one in (data, garbage, MARK + data, built([data]) + garbage):
        assert read_entries(one, SALT, 1).end <= len(one)


def test_a_length_beyond_all_sense_is_no_entry() -> None:
    data = bytearray(build_entry(SALT, 1, b"a", safe=0))
    data[8:12] = (LARGEST_TEXT + 1).to_bytes(4, "little")
    assert read_entries(bytes(data), SALT, 1).found == []
