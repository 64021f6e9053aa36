"""What a replayed ledger tells units by `internal`, against what `internal` holds: nothing told was lost on the way.

Flow: what batches told, the records of `internal` in every partition -> what was told and is not there.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator

from pipeline.broker.group import Place
from pipeline.broker.sweep import first_offsets, sweep
from pipeline.ledger.outputs import Sent
from pipeline.ledger.where import Where
from pipeline.proof.differing import Difference
from pipeline.settings import Settings

STREAM = "internal"


class Told:
    """Every record that a replay of all partitions told."""

    def __init__(self) -> None:
        self._told: Counter[bytes] = Counter()
        self._causes: dict[bytes, tuple[int, int, str]] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return self._told.total()

    def add(self, sent: Sent, where: Where, ordinal: int) -> None:
        """Take in what a batch of a partition told, which begins at an ordinal."""
        for to, key, value in zip(sent.partitions(where.partitions), sent.keys, sent.values, strict=True):
            digest = _digest(to, key, value)
            self._told[digest] += 1
            self._causes.setdefault(digest, (where.partition, ordinal, f"{to}.{key.decode(errors='replace')}"))

    def missing(self, settings: Settings, partitions: int) -> list[Difference] | None:
        """Return what is not in the log; None where the log has let records go, so that nobody can know.

        Raises:
            BrokerUnreachable: Kafka does not answer.
        """
        starts = first_offsets(settings, [Place(STREAM, partition) for partition in range(partitions)])
        if any(starts.values()):
            return None
        left = self._told.copy()
        if left:
            left.subtract(digest for digest in _logged(settings, starts) if digest in left)
        return [self._difference(digest) for digest, count in left.items() for _ in range(count)]

    def _difference(self, digest: bytes) -> Difference:
        partition, ordinal, identity = self._causes[digest]
        return Difference(STREAM, partition, ordinal, identity, "missing")


def _logged(settings: Settings, starts: dict[Place, int]) -> Iterator[bytes]:
    for run in sweep(settings, starts):
        for key, value in zip(run.keys(), run.values, strict=True):
            yield _digest(run.place.partition, key or b"", value or b"")


def _digest(partition: int, key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(b"%d %d %b%b" % (partition, len(key), key, value), digest_size=16).digest()
