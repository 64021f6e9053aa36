"""Units that records other than scans change one by one: each read once, and put back when a run of them ends.

Flow: unit keys -> units to be looked at and changed -> their records in the batch's overlay.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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

    @property
    def head(self) -> Record:
        """Its head."""
        return self.units.heads[0]

    @property
    def facts(self) -> npt.NDArray[np.void]:
        """Its facts in order."""
        return self.units.facts[: self.units.heads[0]["facts"]]

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

    def put_back(self) -> None:
        """Write the units that were changed to the overlay, and forget all: scans that follow change them too."""
        for key, unit in self._units.items():
            if unit.ordinal:
                self._overlay.put(key, self._encode(unit))
        self._units.clear()

    def _encode(self, unit: OneUnit) -> bytes:
        key = unit.key
        item_length = max(key.rfind(b"/"), 0)
        serial_at = item_length + 1 if item_length else 0
        starts, lengths = np.array([0, serial_at], np.int64), np.array([item_length, len(key) - serial_at], np.int32)
        keys = Keys(np.frombuffer(key, np.uint8), starts[:1], lengths[:1], starts[1:], lengths[1:])
        names = Names(*self._reference.state_texts(), *self._reference.sites.texts())
        ordinals: Any = np.array([unit.ordinal], np.int64)
        summary = Summary(*self._reference.lifecycle_texts(), ordinals, self._partition)
        return encode_units(unit.units, np.zeros(1, np.int64), keys, names, summary, unit.loaded)[0]
