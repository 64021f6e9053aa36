"""What a ledger remembers between batches, by key: in a worker the store, in a proof or a test a dict.

Flow: keys, or the beginning of keys -> records; records of a batch at hand over those of the batches before.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable
from typing import Protocol

from pipeline.ledger.outputs import RANGE_KEYS, Outputs, range_of

Found = list[tuple[bytes, bytes]]


class Memory(Protocol):
    """Unit records, and the ledger's own, as the batches before left them."""

    def load(self, keys: list[bytes]) -> list[bytes | None]:
        """Return the record of each key, None where there is none."""

    def following(self, prefix: bytes, after: bytes, most: int) -> Found:
        """Return the first records, so many at most, whose keys begin with the prefix and come after a key.

        The prefix is a whole range of the ledger's own keys, see `range_of`; keys are in their byte order.
        """


class Held:
    """A memory that is a dict."""

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] = {}
        self._ranges: dict[bytes, list[bytes]] = {}

    def load(self, keys: list[bytes]) -> list[bytes | None]:
        """Return the record of each key."""
        return [self.records.get(key) for key in keys]

    def following(self, prefix: bytes, after: bytes, most: int) -> Found:
        """Return the first records of a range after a key."""
        keys = self._ranges.get(prefix, [])
        first = bisect_right(keys, after)
        return [(key, self.records[key]) for key in keys[first : first + most]]

    def keep(self, keys: Iterable[bytes], values: Iterable[bytes | None]) -> None:
        """Take records in; None takes one away."""
        for key, value in zip(keys, values, strict=True):
            if value is None:
                self._drop(key)
                continue
            if key not in self.records and key.startswith(RANGE_KEYS):
                insort(self._ranges.setdefault(range_of(key), []), key)
            self.records[key] = value

    def keep_outputs(self, outputs: Outputs) -> None:
        """Take in what a batch wrote to `units`."""
        units = outputs.records["units"]
        self.keep(units.keys, units.values)
        self.keep(outputs.gone, [None] * len(outputs.gone))

    def _drop(self, key: bytes) -> None:
        if self.records.pop(key, None) is not None and key.startswith(RANGE_KEYS):
            self._ranges[range_of(key)].remove(key)


class Overlay:
    """The records of the batch at hand over the memory of those before; `changed` holds them, None for one gone."""

    def __init__(self, memory: Memory) -> None:
        self.changed: dict[bytes, bytes | None] = {}
        self._memory = memory
        self._ranges: dict[bytes, set[bytes]] = {}

    def load(self, keys: list[bytes]) -> list[bytes | None]:
        """Return the record of each key."""
        if not self.changed:
            return self._memory.load(keys)
        older = [key for key in keys if key not in self.changed]
        found = dict(zip(older, self._memory.load(older), strict=True)) if older else {}
        return [self.changed[key] if key in self.changed else found[key] for key in keys]

    def following(self, prefix: bytes, after: bytes, most: int) -> Found:
        """Return the first records of a range after a key."""
        newer = [key for key in self._ranges.get(prefix, ()) if key > after]
        found: dict[bytes, bytes | None] = dict(self._memory.following(prefix, after, most + len(newer)))
        found |= {key: self.changed[key] for key in newer}
        return [(key, value) for key, value in sorted(found.items()) if value is not None][:most]

    def keep(self, keys: Iterable[bytes], values: Iterable[bytes | None]) -> None:
        """Take records in; None takes one away."""
        records = dict(zip(keys, values, strict=True))
        for key in records:
            self._note_range(key)
        self.changed |= records

    def put(self, key: bytes, value: bytes | None) -> None:
        """Take one record in; None takes it away."""
        self._note_range(key)
        self.changed[key] = value

    def _note_range(self, key: bytes) -> None:
        if key.startswith(RANGE_KEYS) and key not in self.changed:
            self._ranges.setdefault(range_of(key), set()).add(key)
