"""Units that records other than scans change one by one: each read once, and put back when a run of them ends.

Flow: unit keys -> units to be looked at and changed -> their records in the batch's overlay.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.domain.links import add_link
from pipeline.domain.reference import Reference
from pipeline.domain.slices import Bytes
from pipeline.domain.unit_state import Record, Units
from pipeline.ledger.memory import Overlay
from pipeline.wire.revision import Keys
from pipeline.wire.unit import Summary, encode_units
from pipeline.wire.unit_decode import decode_units
from pipeline.wire.verdict import Names


@dataclass(slots=True)
class OneUnit:
    """A unit taken out by itself: the only one of its arrays."""

    key: bytes
    units: Units
    loaded: Bytes
    ordinal: int = 0
    """Of the record that changed it last; 0 where none did."""
    texts: bytes = b""
    """Its key, and the links that were added."""

    @property
    def head(self) -> Record:
        """Its head."""
        return self.units.heads[0]

    @property
    def facts(self) -> npt.NDArray[np.void]:
        """Its facts in order."""
        return self.units.facts[: self.units.heads[0]["facts"]]

    @property
    def keys(self) -> Keys:
        """Its key, as the records of several units have it."""
        item_length, key = max(self.key.rfind(b"/"), 0), self.key
        serial_at = item_length + 1 if item_length else 0
        starts, lengths = np.array([0, serial_at], np.int64), np.array([item_length, len(key) - serial_at], np.int32)
        buffer = np.frombuffer(self.texts or key, np.uint8)
        return Keys(buffer, starts[:1], lengths[:1], starts[1:], lengths[1:])

    def text_of(self, link: int) -> str:
        """Return the key of the unit that a link names; empty for no link."""
        if link == 0:
            return ""
        text = self.units.links[self.units.places[0]["first_link"] + link - 1]
        start, length = int(text["start"]), int(text["length"])
        buffer, begin = (self.loaded, ~start) if start < 0 else (self.keys.buffer, start)
        return buffer[begin : begin + length].tobytes().decode()

    def link_to(self, key: str) -> int:
        """Return the link that names a unit, a new one where there is none; 0 for an empty key."""
        known = {self.text_of(link): link for link in range(1, int(self.head["links"]) + 1)}
        if not key or key in known:
            return known.get(key, 0)
        text = key.encode()
        return int(add_link(self.units, 0, self._add_text(text), len(text)))

    @property
    def lot(self) -> str | None:
        """Its lot."""
        start, length = (int(self.units.places[0][name]) for name in ("lot_start", "lot_length"))
        buffer, begin = (self.loaded, ~start) if start < 0 else (self.keys.buffer, start)
        return None if length < 0 else buffer[begin : begin + length].tobytes().decode()

    def give_lot(self, lot: str | None) -> None:
        """Give it another lot, or none."""
        place, text = self.units.places[0], (lot or "").encode()
        place["lot_start"], place["lot_length"] = self._add_text(text), -1 if lot is None else len(text)

    def _add_text(self, text: bytes) -> int:
        start = len(self.texts or self.key)
        self.texts = (self.texts or self.key) + text
        return start

    def touch(self, ordinal: int) -> None:
        """Note that a record changes it."""
        self.head["sequence"] += 1
        self.ordinal = ordinal


class UnitsAtHand:
    """The units that the records of a run concern."""

    def __init__(self, reference: Reference, overlay: Overlay, partition: int) -> None:
        self._reference, self._overlay, self._partition = reference, overlay, partition
        self._units: dict[bytes, OneUnit] = {}

    def known(self, key: bytes) -> OneUnit | None:
        """Return a unit, None where nothing was ever remembered of it."""
        if key not in self._units:
            value = self._overlay.load([key])[0]
            if value is None:
                return None
            self._units[key] = OneUnit(key, *decode_units([value], np.zeros(1, np.int64)))
        return self._units[key]

    def named(self, key: bytes) -> OneUnit:
        """Return a unit; one never heard of has no fact and no state, but a lifecycle."""
        found = self.known(key)
        if found is None:
            found = self._units[key] = OneUnit(key, *decode_units([None], np.zeros(1, np.int64)))
            found.head["lifecycle"] = self._reference.lifecycle_of(key)
        return found

    def apart(self, key: bytes, links: int) -> OneUnit:
        """Return a unit with room for so many more links; it is for the caller to put it back."""
        self.put_back()
        room = np.array([links], np.int64)
        unit = OneUnit(key, *decode_units([self._overlay.load([key])[0]], np.zeros(1, np.int64), room))
        if not unit.head["lifecycle"]:
            unit.head["lifecycle"] = self._reference.lifecycle_of(key)
        if self._reference.modes.modes:
            unit.units.places["modes"] = self._reference.modes.class_of(key)
        return unit

    def put(self, unit: OneUnit) -> None:
        """Write a unit to the overlay."""
        self._overlay.put(unit.key, self._encode(unit))

    def names(self) -> Names:
        """Return the texts behind numbers."""
        return Names(*self._reference.state_texts(), *self._reference.sites.texts())

    def put_back(self) -> None:
        """Write the units that were changed to the overlay, and forget all: scans that follow change them too."""
        for unit in self._units.values():
            if unit.ordinal:
                self.put(unit)
        self._units.clear()

    def _encode(self, unit: OneUnit) -> bytes:
        ordinals: Any = np.array([unit.ordinal], np.int64)
        summary = Summary(*self._reference.lifecycle_texts(), ordinals, self._partition)
        return encode_units(unit.units, np.zeros(1, np.int64), unit.keys, self.names(), summary, unit.loaded)[0]
