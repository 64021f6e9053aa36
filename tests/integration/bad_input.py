"""What the tests of bad input share: a worker that must end well, keys by partition, and what became of a record."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.domain.routing import partition_of
from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from tests.oracle.arrivals import T0, a_scan
from tests.worker.account import Account, Accounted, wait_until_accounted
from tests.worker.running import Pair, WorkerProcess, a_ledger, running, send

PARTITIONS = 2
KEPT_BYTES = 64 * 1024
LARGEST = 1024 * 1024


def a_ledger_for_bad_input(bootstrap: str, folder: Path) -> Settings:
    """Creates a ledger whose batches may be as large as the largest test's input."""
    return a_ledger(bootstrap, folder, partitions=PARTITIONS, batch_records=60_000)


@contextmanager
def running_to_the_end(settings: Settings) -> Iterator[WorkerProcess]:
    """Runs a worker that has to stop well, and without a traceback in its log."""
    with running(settings) as process:
        yield process
        assert process.stop() == 0
    assert "Traceback" not in process.log.read_text()


def framed(key: str, **fields: object) -> bytes:
    """Returns the bytes of a unit's scan."""
    return encode("scan", a_scan(key, **fields))  # type: ignore[arg-type]


def key_of(partition: int, name: str) -> str:
    """Returns a unit key that belongs to this partition."""
    keys = (f"sku:ACME/{name}/{serial}" for serial in range(100))
    return next(key for key in keys if partition_of(key.encode(), PARTITIONS) == partition)


KEY = key_of(0, "BAD")
BODY = framed(KEY, scan_id="AAAA", site="berlin", event_time=T0)


def fates_of(settings: Settings, topic: str, pairs: Sequence[Pair]) -> list[Accounted]:
    """Returns what became of records sent to partition 0 at once."""
    offsets = send(settings, topic, pairs)
    wait_until_accounted(settings, 0)
    fates = Account(settings, 0).fates()
    return [fates[topic, offset] for offset in offsets]


def assert_nothing_was_lost(settings: Settings, worker: WorkerProcess) -> None:
    """Asserts that every record was accounted for once, as one ledger would write it, and that the worker is well."""
    written: Counter[str] = Counter()
    for partition in range(PARTITIONS):
        account = Account(settings, partition)
        account.assert_whole()
        written.update({stream: len(records) for stream, records in account.streams.items()})
        values = [record.value or b"" for records in account.streams.values() for record in records]
        assert max(map(len, values), default=0) <= LARGEST
    for stream in ("verdicts", "acts", "dead_letters", "alerts", "revisions"):
        assert worker.counted(f"scanledger_worker_{stream}_total") == written[stream]
    assert worker.health()["ok"]
