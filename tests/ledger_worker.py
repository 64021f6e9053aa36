"""The real ledger on the real broker without Faust: one partition's inputs, decided and written in transactions."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from pipeline.broker.clients import transactional_producer
from pipeline.broker.send import Sender
from pipeline.broker.topics import Topics
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import Outputs
from pipeline.ledger.where import Where
from pipeline.settings import Settings
from pipeline.warehouse.marks import Target
from pipeline.wire.schemas import encode
from tests.oracle.arrivals import SKEW_MS, Arrival


class LedgerWorker:
    """Owns partition 0 of a ledger of one partition."""

    partition = 0

    def __init__(self, settings: Settings) -> None:
        self.topics = Topics.load(settings.topic_prefix)
        where = Where(0, 1, SKEW_MS, self.topics.name("scans"), self.topics.name("internal"))
        self.ledger = Ledger(where, built_in_lifecycles())
        self._memory = Held()
        self._senders = {True: Sender(settings, "scans"), False: Sender(settings, "internal")}
        self._producer = transactional_producer(settings, f"{settings.topic_prefix}ledger")
        self._producer.init_transactions(30)

    @property
    def ordinal(self) -> int:
        return self.ledger.position.ordinal

    @property
    def target(self) -> Target:
        return Target(self.ledger.position.scans_next - 1, self.ledger.position.internal_next - 1)

    def process(self, arrivals: Sequence[Arrival], batch_records: int = 50) -> None:
        """Send the arrivals and account for them, in batches of one topic."""
        for is_internal, run in groupby(arrivals, key=lambda arrival: arrival.is_internal):
            same = list(run)
            for at in range(0, len(same), batch_records):
                batch = same[at : at + batch_records]
                values = [encode("scan" if one.is_scan else "internal", one.record) for one in batch]
                self._account(not is_internal, [one.key for one in batch], values, [one.received_at for one in batch])

    def process_bytes(self, values: Sequence[bytes], received_at: int) -> None:
        """Send values that need not be scans, and account for them."""
        self._account(True, [b"k" for _ in values], list(values), [received_at for _ in values])

    def send_only(self, arrival: Arrival) -> None:
        """Send a scan that nobody accounts for."""
        self._senders[True].send([arrival.key or b""], [encode("scan", arrival.record)], 0)
        self._senders[True].finish()

    def _account(
        self, is_scan: bool, keys: Sequence[bytes | None], values: Sequence[bytes], received_at: Sequence[int]
    ) -> None:
        sender = self._senders[is_scan]
        sender.send([key or b"" for key in keys], values, 0)
        last = sender.finish()[0]
        offsets = np.arange(last + 1 - len(values), last + 1, dtype=np.int64)
        batch = Batch(list(keys), list(values), offsets, np.array(received_at, np.int64))
        if is_scan:
            self._write(self.ledger.take_scans(batch, self._memory.load))
        else:
            self._write(self.ledger.take_internal(batch, self._memory))

    def _write(self, outputs: Outputs) -> None:
        self._producer.begin_transaction()
        for stream, records in outputs.records.items():
            for key, value in zip(records.keys, records.values, strict=True):
                self._producer.produce(self.topics.name(stream), key=key, value=value, partition=0)
        self._memory.keep_outputs(outputs)
        self._producer.commit_transaction(30)
