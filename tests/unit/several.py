"""Several partitions' ledgers that tell each other things, run until nobody has anything left to say."""

from collections import deque
from collections.abc import Iterable, Sequence

from pipeline.ledger.batch import WHOLE, Most
from pipeline.wire.schemas import encode
from tests.oracle.arrivals import Arrival
from tests.oracle.choose import Chooser
from tests.oracle.routing import partition_of
from tests.oracle.rules import Record
from tests.unit.ledgering import Columns, Ledgering

Told = tuple[bytes | None, bytes, int]
"""Key, value and append time of a record."""
_MOST_STEPS = 20_000


class NeverQuiet(Exception):  # noqa: N818  an outcome
    """They go on telling each other."""


class Several:
    """Partitions with both their inputs; `told` counts the records they told each other."""

    def __init__(self, partitions: int, choose: Chooser) -> None:
        self.ledgers = [Ledgering(partitions, partition) for partition in range(partitions)]
        self.told = 0
        self.taken: list[list[tuple[bool, Told]]] = [[] for _ in range(partitions)]
        """By partition, what it took, in that order; and whether that came in `internal`."""
        self._choose = choose
        self._waiting: dict[tuple[int, bool], deque[Told]] = {
            (partition, is_internal): deque() for partition in range(partitions) for is_internal in (True, False)
        }

    def arrive(self, arrivals: Iterable[Arrival]) -> None:
        """Let records arrive where they belong; those for everybody at every partition."""
        count = len(self.ledgers)
        for arrival in arrivals:
            value = encode("scan" if arrival.is_scan else "internal", arrival.record)
            places = [partition_of(arrival.key or b"", count)] if arrival.is_scan else range(count)
            for place in places:
                self._waiting[place, arrival.is_internal].append((arrival.key, value, arrival.received_at))

    def put(self, partition: int, record: Record, received_at: int) -> None:
        """Let a record of `internal` arrive at one partition."""
        key = str(record["subject"]).encode()
        self._waiting[partition, True].append((key, encode("internal", record), received_at))

    def send(self, partition: int, key: bytes, value: bytes, received_at: int) -> None:
        """Let a scan arrive as it was encoded."""
        self._waiting[partition, False].append((key, value, received_at))

    def step(self) -> bool:
        """Let one partition take some of what waits for it; returns whether there was anything."""
        places = [place for place, waiting in self._waiting.items() if waiting]
        if not places:
            return False
        partition, is_internal = self._choose.pick(places)
        ledger, taken = self.ledgers[partition], self._some(partition, is_internal=is_internal)
        beside = self._some(partition, is_internal=False) if is_internal and self._choose.chance(2) else []
        if self._choose.chance(3) and ledger.kept:
            ledger.hand_over()
        ledger.most = Most(self._choose.pick((1, 5, WHOLE.taken)), self._choose.pick((1, 5, WHOLE.told)))
        told, now = len(ledger.sent), taken[-1][2]
        before = len(taken)
        if beside:
            before = ledger.take_both(_columns(taken), _columns(beside))
        else:
            ledger.take_bytes(*_columns(taken), is_internal=is_internal)
        self.taken[partition] += [(is_internal, one) for one in taken[:before]]
        self.taken[partition] += [(False, one) for one in beside]
        self.taken[partition] += [(is_internal, one) for one in taken[before:]]
        for other, key, value in ledger.sent[told:]:
            self._waiting[other, True].append((key, value, now))
        self.told += len(ledger.sent) - told
        return True

    def _some(self, partition: int, *, is_internal: bool) -> list[Told]:
        """Take some of what waits."""
        waiting = self._waiting[partition, is_internal]
        return [waiting.popleft() for _ in range(min(len(waiting), self._choose.pick((1, 2, 3, 7, 50))))]

    def settle(self) -> None:
        """Go on until nothing waits.

        Raises:
            NeverQuiet: there is always more.
        """
        for _ in range(_MOST_STEPS):
            if not self.step():
                return
        raise NeverQuiet

    def again(self, partition: int, choose: Chooser) -> Ledgering:
        """Returns a partition's ledger anew over what it took, cut into other batches."""
        ledger, taken, at = Ledgering(len(self.ledgers), partition), self.taken[partition], 0
        while at < len(taken):
            is_internal, most = taken[at][0], choose.pick((1, 2, 5, 40))
            ends = [place for place, one in enumerate(taken[at : at + most]) if one[0] != is_internal]
            batch = [one for _, one in taken[at : at + (ends or [most])[0]]]
            ledger.take_bytes(*_columns(batch), is_internal=is_internal)
            at += len(batch)
        return ledger

    def units(self) -> dict[str, Record]:
        """Returns every unit of every partition."""
        return {key: unit for ledger in self.ledgers for key, unit in ledger.units().items()}


def _columns(told: Sequence[Told]) -> Columns:
    return [key for key, _, _ in told], [value for _, value, _ in told], [at for _, _, at in told]
