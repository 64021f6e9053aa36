"""What one batch came to, as records ready to be written."""

from dataclasses import dataclass, field
from typing import Literal

from pipeline.domain.routing import partitions_of
from pipeline.domain.slices import join

Stream = Literal["verdicts", "revisions", "acts", "units", "alerts", "dead_letters"]
STREAMS: tuple[Stream, ...] = ("verdicts", "revisions", "acts", "units", "alerts", "dead_letters")

POSITION_KEY = b"\0position"
OWN_KEYS = b"\0"
"""Keys of the ledger's own records begin with it; no unit key does."""


RANGE_KEYS = b"\0~"
"""Own keys of which there may be millions begin with it: they are read where they are needed, never all at once."""


def range_of(key: bytes) -> bytes:
    """Return the range that such a key lies in: all of it but its last part."""
    return key[: key.rindex(b"\0") + 1]


def entry_key(kind: str, name: str) -> bytes:
    """Return the key under which an entry of the reference data in force is kept."""
    return b"\0" + kind.lower().encode() + b"\0" + name.encode()


def edges_of(container: bytes) -> bytes:
    """Return the range of the edges of a container or assembly."""
    return RANGE_KEYS + b"edge\0" + container + b"\0"


def edge_key(container: bytes, kind: str, member: bytes) -> bytes:
    """Return the key under which an edge is kept."""
    return edges_of(container) + kind[0].encode() + member


def moves_of(unit: bytes) -> bytes:
    """Return the range of the moves of a unit that are kept for members yet to become known."""
    return RANGE_KEYS + b"move\0" + unit + b"\0"


def move_key(unit: bytes, fact: int) -> bytes:
    """Return the key under which a move is kept."""
    return moves_of(unit) + f"{fact & 0xFFFFFFFFFFFFFFFF:016x}".encode()


def labels_of(unit: bytes) -> bytes:
    """Return the range of the labels retired for a unit."""
    return RANGE_KEYS + b"label\0" + unit + b"\0"


def label_key(unit: bytes, alias: bytes) -> bytes:
    """Return the key under which a label retired for a unit is kept with the unit."""
    return labels_of(unit) + alias


def forward_key(alias: bytes, unit: bytes) -> bytes:
    """Return the key under which is kept, with a retired label, what of its scans the unit was told."""
    return RANGE_KEYS + b"forward\0" + alias + b"\0" + unit


def finding_key(subject: bytes, kind: str) -> bytes:
    """Return the key under which the alert is kept that findings of a kind raise on a subject."""
    return RANGE_KEYS + b"finding\0" + subject + b"\0" + kind.encode()


def assigned_key(subject: bytes, kind: str) -> bytes:
    """Return the key under which is kept who looks after the alert of a kind on a subject."""
    return RANGE_KEYS + b"assigned\0" + subject + b"\0" + kind.encode()


@dataclass(slots=True)
class Records:
    """Keys and values of one stream, in order."""

    keys: list[bytes] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)

    def add(self, key: bytes, value: bytes) -> None:
        """Append one record."""
        self.keys.append(key)
        self.values.append(value)

    def extend(self, keys: list[bytes], values: list[bytes]) -> None:
        """Append many."""
        self.keys += keys
        self.values += values


@dataclass(slots=True)
class Sent:
    """Records for `internal`, each for the partition of its key: the one stream that leaves its own partition."""

    keys: list[bytes] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self.keys)

    def partitions(self, count: int) -> list[int]:
        """Return which of so many partitions each record goes to."""
        partitions: list[int] = partitions_of(*join(self.keys), count).tolist()
        return partitions

    def add(self, key: bytes, value: bytes) -> None:
        """Append one record."""
        self.keys.append(key)
        self.values.append(value)


@dataclass(slots=True)
class Outputs:
    """Every record that one batch writes, and what there is to count.

    `records["units"]` holds changed units and the ledger's own entries: it is also what the store keeps; `gone` are
    keys that it no longer keeps. `internal` goes to the partitions its keys belong to. `outcomes` counts verdicts by
    (outcome, reason), `revised` revisions by their newer ones; `seconds` says how long a stage took.
    """

    position: bytes
    gone: list[bytes] = field(default_factory=list)
    internal: Sent = field(default_factory=Sent)
    records: dict[Stream, Records] = field(default_factory=lambda: {stream: Records() for stream in STREAMS})
    outcomes: dict[tuple[str, str], int] = field(default_factory=dict)
    revised: dict[tuple[str, str], int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
