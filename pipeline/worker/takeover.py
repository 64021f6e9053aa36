"""Taking over a partition: fence the former owner, learn what it knew, say where to read on.

Flow: settings, partition -> writer, store and ledger, at the position the last committed batch left.

In this order, always: first `take_over` of the writer (until then an open transaction of a dead owner hides records),
then `units` from the store's offset to its end, then the position.
"""

import time
from dataclasses import dataclass, field

from pipeline.broker.changelog import read_to_end
from pipeline.broker.identity import identity_of
from pipeline.broker.topics import Topics
from pipeline.broker.transactions import TransactionalWriter
from pipeline.faults import Fault
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.outputs import POSITION_KEY
from pipeline.ledger.position import decode_entry, decode_position
from pipeline.ledger.where import where_of
from pipeline.settings import Settings
from pipeline.worker.closings import Closings
from pipeline.worker.gap import refuse_gap
from pipeline.worker.store import Store


@dataclass(frozen=True, slots=True)
class Means:
    """What every partition of a worker shares."""

    settings: Settings
    partitions: int
    fault: Fault


@dataclass(slots=True)
class Holding:
    """Everything the owner of a partition holds."""

    writer: TransactionalWriter
    store: Store
    ledger: Ledger
    closings: Closings = field(default_factory=Closings)

    def close(self) -> None:
        """Let go of producer and store."""
        try:
            self.writer.close()
        finally:
            self.store.close()


def transactional_id(settings: Settings, partition: int) -> str:
    """Return the id under which a partition's owners fence each other."""
    scans = Topics.load(settings.topic_prefix).name("scans")
    return f"{settings.app}-{scans}-{partition}"


def take_over(means: Means, partition: int) -> Holding:
    """Take a partition over.

    Raises:
        GapFound: records are missing; `scanledger accept-gap` is needed.
        StoreUnusable: the store cannot be written.
        OwnershipLost: try again.
    """
    settings = means.settings
    topics = Topics.load(settings.topic_prefix)
    writer = TransactionalWriter(settings, transactional_id(settings, partition))
    try:
        writer.take_over()
        means.fault("worker.takeover")
        names = [topics.name(key) for key in ("scans", "internal", "units")]
        identity = identity_of(settings, names) | {"partition": str(partition), "worker": settings.worker}
        store = Store(settings.store_folder / topics.name("scans") / str(partition), identity)
    except BaseException:
        writer.close()
        raise
    holding = Holding(writer, store, Ledger(where_of(settings, partition, means.partitions), built_in_lifecycles()))
    try:
        catch_up(means, store, topics.name("units"), partition)
        restore(holding.ledger, store)
        refuse_gap(settings, holding.ledger.where, holding.ledger.position)
        if holding.ledger.position.ordinal:
            holding.closings.begin(time.monotonic())
    except BaseException:
        holding.close()
        raise
    return holding


def catch_up(means: Means, store: Store, topic: str, partition: int) -> None:
    """Read what was committed to `units` since the store was last written."""
    for keys, values, units_next in read_to_end(means.settings, topic, partition, store.units_next):
        store.save(keys, values, units_next)
        means.fault("worker.recovery")


def restore(ledger: Ledger, store: Store) -> None:
    """Put position and reference data back as the last committed batch left them."""
    own = dict(store.own_records())
    value = own.pop(POSITION_KEY, None)
    if value is not None:
        ledger.restore(decode_position(value), [decode_entry(entry) for entry in own.values()])
