"""The HTTP way in without Kafka and ClickHouse: a log that is a list, a ledger that accepts, a warehouse of rows."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from starlette.testclient import TestClient

from pipeline.broker.deliver import Delivery
from pipeline.broker.tail import Followed
from pipeline.capture.http.app import build_app
from pipeline.capture.http.house import House
from pipeline.capture.http.intake import Intake
from pipeline.capture.http.keys import KeyRing, Role
from pipeline.capture.http.questions import Asked, Cursor, Row, Warranty
from pipeline.capture.http.reading import Reading
from pipeline.capture.http.receipts import Receipts
from pipeline.capture.http.room import Room
from pipeline.capture.http.verdicts import Verdicts
from pipeline.capture.http.waits import Waits
from pipeline.domain.routing import partition_of
from pipeline.domain.unit_key import UnitKey
from pipeline.errors import BrokerUnreachable, QueueFull, WarehouseDown
from pipeline.metrics import Progress
from pipeline.wire.schemas import decode, encode

PARTITIONS = 4
SITE = "shop-oslo"
Fields = dict[str, Any]


class Answer(Protocol):
    """An answer, of whichever client."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def json(self) -> Any: ...  # noqa: ANN401  JSON


def a_scan(**fields: object) -> Fields:
    """Return a scan as a site sends it; a field given as None is left out."""
    usual = {"code": "(01)09506000134352(21)ABC123", "step": "RECEIVE", "event_time": "2026-11-02T09:20:00Z"}
    return {name: value for name, value in (usual | fields).items() if value is not None}


class ListedLog:
    """A log that takes scans at once; `mood` says what else it does."""

    def __init__(self) -> None:
        self.keys: list[bytes] = []
        self.values: list[bytes] = []
        self.mood = "up"
        self.was_asked = threading.Event()
        self.heard: Callable[[bytes, bytes], None] = lambda _key, _value: None

    @property
    def scans(self) -> list[Fields]:
        return [decode(value)[1] for value in self.values]

    def send(self, keys: list[bytes], values: list[bytes], done: Callable[[], None]) -> Delivery:
        self.was_asked.set()
        if self.mood == "full":
            raise QueueFull(self.mood)
        if self.mood == "crash":
            raise RuntimeError(self.mood)
        delivery = Delivery(len(keys), done, threading.Event())
        if self.mood == "silent":
            return delivery
        if self.mood == "refusing":
            delivery.refused = "Broker: Topic authorization failed"
        else:
            self.keys += keys
            self.values += values
        for key, value in zip(keys, values, strict=True):
            delivery.settle(None)
            if self.mood == "up":
                self.heard(key, value)
        return delivery


class QueuedVerdicts:
    """Followed partitions whose records come from a queue; `decide` says what is made of each scan of a log."""

    def __init__(self, log: ListedLog) -> None:
        self.followed: frozenset[int] = frozenset()
        self.records: queue.SimpleQueue[Followed | Exception] = queue.SimpleQueue()
        self.decide: Callable[[Fields], Fields | None] = lambda _scan: {}
        self.is_down = False
        self._ordinal = 0
        log.heard = self._hear

    def follow(self, partitions: Iterable[int], seconds: float) -> None:
        if self.is_down:
            raise BrokerUnreachable(str(seconds))
        self.followed |= frozenset(partitions)

    def leave(self) -> None:
        self.followed = frozenset()

    def read(self, seconds: float) -> list[Followed]:
        try:
            record = self.records.get(timeout=seconds)
        except queue.Empty:
            return []
        if isinstance(record, Exception):
            raise record
        return [record]

    def close(self) -> None:
        """Nothing is open."""

    def _hear(self, key: bytes, value: bytes) -> None:
        scan, partition = decode(value)[1], partition_of(key, PARTITIONS)
        decision = self.decide(scan)
        if decision is not None and partition in self.followed:
            self._ordinal += 1
            verdict = {"scan": scan, "decision": a_decision(partition=partition, ordinal=self._ordinal) | decision}
            self.records.put(Followed(partition, key, encode("verdict", verdict)))


def a_decision(**fields: object) -> Fields:
    return {
        "outcome": "ACCEPTED", "reason": "NONE", "state_before": "IN_TRANSIT", "state_after": "RECEIVED", "sequence": 3,
        "previous_site": "factory-lyon", "previous_event_time": 1_793_000_000_000, "commissioned_at": None,
        "shipped_at": None, "sold_at": None, "returned_at": None, "failed_at": None, "lot": None, "rules_version": "r",
        "reference_version": 0, "received_at": 1_793_611_200_500, "topic": "scans", "partition": 0, "offset": 0,
        "ordinal": 1,
    } | fields  # fmt: skip


class KeptRows:
    """A warehouse of rows given by hand; while it `is_down` it answers nothing."""

    def __init__(self) -> None:
        self.is_down = False
        self.rows: list[Row] = []
        self.dead: list[Row] = []
        self.held: Row | None = None
        self.awaited: dict[str, frozenset[str]] = {}
        self.done: dict[tuple[str, str], frozenset[str]] = {}
        self.known: Row | None = None
        self.alerted: list[Row] = []
        self.seen: list[Row] = []
        self.guaranteed: Warranty | None = None

    def counts(self, asked: Asked) -> dict[str, int]:
        self._answer()
        outcomes = [row["outcome"] for row in self.rows]
        return {outcome: outcomes.count(outcome) for outcome in set(outcomes)}

    def scans(self, asked: Asked, after: int, most: int) -> list[Row]:
        self._answer()
        return [row for row in self.rows if row["place"] > after][:most]

    def dead_letters(self, asked: Asked) -> list[Row]:
        self._answer()
        return self.dead

    def repeated(self, verdict: Row) -> Row | None:
        self._answer()
        return self.held

    def expected(self, document: str) -> frozenset[str]:
        self._answer()
        return self.awaited.get(document, frozenset())

    def answered(self, document: str, step: str, units: Sequence[str]) -> frozenset[str]:
        self._answer()
        return self.done.get((document, step), frozenset()).intersection(units)

    def unit(self, key: UnitKey) -> Row | None:
        self._answer()
        return self.known

    def alerts(self, key: UnitKey) -> list[Row]:
        self._answer()
        return self.alerted

    def history(self, key: UnitKey, cursor: Cursor, most: int) -> list[Row]:
        self._answer()
        return [row for row in self.seen if (row["event_ms"], row["ordinal"]) < cursor][:most]

    def warranty(self, key: UnitKey, unit: Row) -> Warranty | None:
        self._answer()
        return self.guaranteed

    def _answer(self) -> None:
        if self.is_down:
            raise WarehouseDown(str(self.is_down))


class Opened:
    """A house with everything a test looks at."""

    def __init__(self, home: Path, room: Room | None = None) -> None:
        self.home = home
        self.log, self.questions = ListedLog(), KeptRows()
        self.verdicts = QueuedVerdicts(self.log)
        self.keys, self.receipts, self.room = KeyRing(home), Receipts(home), room or Room()
        self.progress = Progress(60)
        self._closing: list[Callable[[], None]] = [self.receipts.close]
        intake = Intake(self.log, self.receipts, self.progress)
        verdicts, reading = Verdicts(lambda: self.verdicts), Reading()
        self.waits = Waits(verdicts, self.questions, reading, PARTITIONS)
        self._closing += [intake.close, verdicts.close, reading.close]
        self.house = House(
            self.keys, self.room, self.receipts, self.log, intake, self.waits, self.questions, reading,
            self.progress.health,
        )  # fmt: skip
        self.app = build_app(self.house)

    def key(self, role: Role = "site", *sites: str) -> str:
        """Make an API key; one for a site where no sites are named."""
        return self.keys.create("test", role, (sites or (SITE,)) if role == "site" else None)[1]

    def client(self, role: Role = "site", *sites: str) -> TestClient:
        """Return a client with a key of its own."""
        return TestClient(self.app, headers={"Authorization": f"Bearer {self.key(role, *sites)}"})

    def close(self) -> None:
        for close in reversed(self._closing):
            close()


@contextmanager
def opened(home: Path, room: Room | None = None) -> Iterator[Opened]:
    """Open a house for the length of the block."""
    house = Opened(home, room)
    try:
        yield house
    finally:
        house.close()
