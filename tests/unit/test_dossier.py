"""A dossier is whole or its fault is named: any byte changed, any line dropped, moved, doubled or added is found."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from analytics.dossier import dossier_lines, faults, seal

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
UNIT = "sku:ACME/W/ÄØ 1"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def a_row(ordinal: int, **others: object) -> dict[str, object]:
    return {"ordinal": ordinal, "received_at": WHEN, "site": "Straße\u2028\n", "lot": None, "attributes": []} | others


EVENTS = [a_row(1, step="COMMISSION"), a_row(2, step="SHIP"), a_row(9, step="SELL", attributes=[{"name": "a"}])]
WHOLE = "".join(
    seal(dossier_lines(UNIT, {"state": "SOLD"}, {"event": EVENTS, "revision": [a_row(2, n=0)], "alert": []}), KEY)
).encode()


def test_a_sealed_dossier_has_no_fault_and_a_line_for_every_row() -> None:
    assert faults(WHOLE, KEY.public_key()) == []
    assert WHOLE.count(b"\n") == 1 + len(EVENTS) + 1 + 1


def test_rows_stand_in_the_order_in_which_the_ledger_came_to_know_them() -> None:
    kinds = [line["line"] for line in dossier_lines(UNIT, None, {"event": EVENTS, "revision": [a_row(2)], "alert": []})]
    assert kinds == ["unit", "event", "event", "revision", "event"]


def test_an_alert_of_another_partition_stands_where_its_time_is() -> None:
    events = [a_row(number, partition=1, received_at=WHEN + timedelta(hours=number)) for number in (5, 7, 900)]
    found = a_row(12, partition=0, received_at=WHEN + timedelta(hours=8), opening=1)
    own = a_row(7, partition=1, received_at=WHEN + timedelta(hours=7))
    lines = dossier_lines(UNIT, None, {"event": events, "revision": [], "alert": [found, own]})
    told = [(line["line"], line["ordinal"]) for line in lines if line["line"] != "unit"]
    assert told == [("event", 5), ("event", 7), ("alert", 7), ("alert", 12), ("event", 900)]


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_changed_byte_is_found(at: int, difference: int) -> None:
    changed = bytearray(WHOLE)
    changed[at] ^= difference
    assert faults(bytes(changed), KEY.public_key())


def test_any_cut_is_found() -> None:
    assert all(faults(WHOLE[:cut], KEY.public_key()) for cut in range(len(WHOLE)))


@given(st.permutations(range(WHOLE.count(b"\n"))), st.integers(0, WHOLE.count(b"\n")))
def test_lines_dropped_or_moved_are_found(order: list[int], kept: int) -> None:
    lines = WHOLE.split(b"\n")[:-1]
    chosen = b"".join(lines[place] + b"\n" for place in order[:kept])
    assert (faults(chosen, KEY.public_key()) == []) == (chosen == WHOLE)


def test_a_line_added_after_the_signature_is_found() -> None:
    assert faults(WHOLE + WHOLE.split(b"\n")[0] + b"\n", KEY.public_key())
    assert faults(WHOLE + b"\n", KEY.public_key())


def test_another_ones_signature_is_not_believed_whatever_key_the_file_names() -> None:
    forged = "".join(seal(dossier_lines(UNIT, None, {"event": EVENTS}), OTHER)).encode()
    assert faults(forged, KEY.public_key()) == ["the signature is not of this key"]
    assert faults(forged, OTHER.public_key()) == []


@given(st.binary())
def test_any_bytes_at_all_are_judged(content: bytes) -> None:
    assert faults(content, KEY.public_key())
