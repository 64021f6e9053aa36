"""A unit's state as bytes: format 1 is read, an ordinary unit takes no more room, all that one may say comes back."""

import json
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.links import ALIAS_LINK
from pipeline.domain.reference import Reference
from pipeline.domain.slices import Bytes, join
from pipeline.domain.unit_state import FACT, FORMAT, NEVER, STATED_FACT, Units
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.wire.revision import Keys
from pipeline.wire.schemas import contracts_folder, decode
from pipeline.wire.unit import Summary, encode_units
from pipeline.wire.unit_decode import decode_units
from pipeline.wire.verdict import Names
from tests.oracle.arrivals import SITES

_GOLDEN = contracts_folder() / "examples" / "unit" / "v1" / "format-1.json"
_KEY = b"sku:ACME/PUMP/1"
_NOT_KEPT = {"reserved", "spare", "format"}


def _encoded(units: Units, loaded: Bytes, scans: bytes = b"") -> bytes:
    """Return the record of the one unit; `scans` lies behind its key, and links may lie in it."""
    item, serial = np.array([0], np.int64), np.array([len(_KEY) - 1], np.int64)
    lengths = np.array([len(_KEY) - 2], np.int32), np.array([1], np.int32)
    keys = Keys(np.frombuffer(_KEY + scans, np.uint8), item, lengths[0], serial, lengths[1])
    return encode_units(units, np.zeros(1, np.int64), keys, *_names(), loaded)[0]


@cache
def _names() -> tuple[Names, Summary]:
    reference = Reference(built_in_lifecycles())
    for name in SITES:
        reference.sites.number_of(name.encode())
    names = Names(*reference.state_texts(), *reference.sites.texts())
    return names, Summary(*reference.lifecycle_texts(), np.array([44], np.int64), 0)


def _loaded(value: bytes | None, links: int = 0) -> tuple[Units, Bytes]:
    return decode_units([value], np.array([1], np.int64), np.array([links], np.int64))


def _told(records: npt.NDArray[np.void]) -> list[dict[str, Any]]:
    names = [name for name in records.dtype.names or () if name not in _NOT_KEPT]
    return [{name: int(record[name]) for name in names} for record in records]


def test_a_unit_of_format_1_is_read_and_written_as_format_2_in_as_many_bytes() -> None:
    former = bytes.fromhex(json.loads(_GOLDEN.read_text())["hex"])
    units, data = _loaded(former)
    now, then = decode(_encoded(units, data))[1], decode(former)[1]
    assert (now.pop("version"), then.pop("version")) == (FORMAT, 1)
    assert now["fold"][1:] == then["fold"][1:]
    assert {name: now[name] for name in now if name != "fold"} == {name: then[name] for name in then if name != "fold"}


def test_a_unit_of_format_1_has_none_of_what_is_new() -> None:
    units, _ = _loaded(bytes.fromhex(json.loads(_GOLDEN.read_text())["hex"]))
    facts = units.facts[: units.heads["facts"][0]]
    assert len(facts) == 32
    assert (facts["root"] == facts["scan_id"]).all()
    assert {name: set(facts[name].tolist()) for name in ("set", "unset", "plain", "link", "expiry", "empty")} == {
        "set": {0}, "unset": {0}, "plain": {-1}, "link": {0}, "expiry": {NEVER}, "empty": {0},
    }  # fmt: skip
    assert (
        _told(units.lives)[0] | {"flags": 0, "plain": 0, "sale": 0, "expiry": NEVER, "container": 0}
        == _told(units.lives)[0]
    )


_FACTS = st.fixed_dictionaries(
    {},
    optional={
        "set": st.integers(0, 2047), "unset": st.integers(0, 2047), "plain": st.integers(-1, 2047),
        "link": st.integers(0, 3), "depth": st.integers(0, 127), "root": st.integers(-(2**63), 2**63 - 1),
        "expiry": st.integers(-1, 2**31 - 1), "empty": st.integers(0, 1), "scan_id": st.integers(-9, 9),
    },
)  # fmt: skip
_LIVES = st.fixed_dictionaries(
    {},
    optional={
        "container": st.integers(0, 3), "alias": st.integers(0, 3), "parent": st.integers(0, 3),
        "flags": st.integers(0, 2047), "plain": st.integers(0, 2047), "expiry": st.integers(-1, 2**31 - 1),
        "sale": st.integers(-(2**31), 2**31 - 1),
    },
)  # fmt: skip


def _fill(records: npt.NDArray[np.void], said: dict[str, int]) -> None:
    for name, value in said.items():
        records[name] = value


@settings(max_examples=80, deadline=None)
@given(
    st.lists(_FACTS, max_size=32),
    _LIVES,
    st.none() | _LIVES,
    st.booleans(),
    st.integers(0, 9),
    st.integers(0, 1),
    st.integers(0, 3),
    st.text(max_size=16),
)
def test_whatever_a_unit_says_is_read_back(
    facts: list[dict[str, int]],
    life: dict[str, int],
    base: dict[str, int] | None,
    is_heir: bool,  # noqa: FBT001  drawn
    members: int,
    edges: int,
    aliases: int,
    lot: str,
) -> None:
    units, _ = decode_units([None], np.array([len(facts)], np.int64), np.array([3], np.int64))
    texts = [b"sscc:106141412345678908", "giai:Łódź".encode(), b"x" * 401]
    buffer, starts = join(texts)
    scans = buffer.tobytes() + lot.encode()
    for j in range(3):
        units.links[j]["start"], units.links[j]["length"] = len(_KEY) + int(starts[j]), len(texts[j])
        units.links[j]["kind"] = ALIAS_LINK if j < aliases else 0
    units.heads["facts"], units.heads["links"] = len(facts), 3
    units.heads["members"], units.heads["edges"] = members, edges
    units.places["lot_start"], units.places["lot_length"] = len(_KEY) + len(buffer), len(lot.encode())
    for j, said in enumerate(facts):
        fact = units.facts[j : j + 1]
        fact[:] = np.zeros(1, FACT)
        _fill(fact, {"plain": -1, "expiry": NEVER} | said)
        fact["root"] = said.get("root", fact["scan_id"])
        fact["flags"] = STATED_FACT if fact["plain"] == 0 else 0
    _fill(units.lives, life)
    if base is not None:
        _fill(units.bases, base)
        units.heads["heir" if is_heir else "has_base"] = 1
    value = _encoded(units, np.zeros(0, np.uint8), scans)
    again, loaded = _loaded(value)
    count = int(units.heads["facts"][0])
    assert _told(again.heads) == _told(units.heads)
    assert _told(again.lives) == _told(units.lives)
    assert _told(again.bases) == _told(units.bases)
    assert _told(again.facts[:count]) == _told(units.facts[:count])
    at, length = ~int(again.places["lot_start"][0]), int(again.places["lot_length"][0])
    assert loaded[at : at + length].tobytes() == lot.encode()
    assert _encoded(again, loaded) == value
    shown = decode(value)[1]
    container = 0 if units.lives["alias"][0] else units.lives["container"][0]
    links = units.links[: units.heads["links"][0]]
    named = [scans[link["start"] - len(_KEY) :][: link["length"]].decode() for link in links]
    assert shown["container"] == (named[container - 1] if container else None)
    assert shown["members"] == members
