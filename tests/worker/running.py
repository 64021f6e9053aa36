"""Worker processes for tests, a ledger of their own, and what is sent to it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pipeline.broker.admin import create_topics
from pipeline.broker.clients import producer
from pipeline.broker.topics import Topics
from pipeline.domain.routing import partition_of
from pipeline.local.ports import free_ports
from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from tests.oracle.arrivals import Arrival

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 90.0
_COMPILE_SECONDS = 240.0
Found = TypeVar("Found")
Pair = tuple[bytes | None, bytes | None]


def a_ledger(bootstrap: str, folder: Path, partitions: int = 1, **changes: object) -> Settings:
    """Creates the topics of a ledger of its own and returns its settings."""
    given: dict[str, object] = {"kafka_bootstrap": bootstrap, "topic_prefix": f"t{uuid.uuid4().hex[:12]}-"}
    given |= {"partitions": partitions, "home": folder, "session_timeout_seconds": 6, "batch_records": 500}
    settings = Settings.model_validate(given | changes)
    create_topics(settings)
    return settings


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Returns the environment under which a process has these settings and no others."""
    told = {
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "SCANLEDGER_HOME": str(settings.home),
        "SCANLEDGER_WORKER": settings.worker,
        "SCANLEDGER_TOPIC_PREFIX": settings.topic_prefix,
        "SCANLEDGER_PARTITIONS": str(settings.partitions or 1),
        "SCANLEDGER_SESSION_TIMEOUT_SECONDS": str(settings.session_timeout_seconds),
        "SCANLEDGER_BATCH_RECORDS": str(settings.batch_records),
        "SCANLEDGER_HEALTH_PORT": str(settings.health_port),
    }
    if settings.store is not None:
        told["SCANLEDGER_STORE"] = str(settings.store)
    return os.environ | told | more


class WorkerProcess:
    """One worker of the command line; its log is in its home."""

    def __init__(self, settings: Settings, name: str = "worker-1", fault: str = "") -> None:
        self.settings = settings.model_copy(update={"worker": name, "health_port": free_ports(1)[0]})
        self.log = settings.home / f"{name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jobs", "worker"],
                env=environment(self.settings, SCANLEDGER_FAULT=fault),
                cwd=ROOT,
                stderr=log,
                stdout=log,
            )

    def health(self) -> dict[str, Any]:
        """Returns what the worker says about itself; not ok where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.settings.health_port}/health", timeout=5) as answer:  # noqa: S310
                return dict(json.load(answer))
        except urllib.error.HTTPError as red:
            return dict(json.load(red))
        except OSError:
            return {"ok": False, "reasons": ["no answer"]}

    def counted(self, metric: str) -> float:
        """Returns a metric's sum over its labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.settings.health_port}/metrics", timeout=5) as answer:  # noqa: S310
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(metric))

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self.process.send_signal(number)

    def stop(self) -> int:
        """Stops it gracefully; returns its exit code."""
        self.process.terminate()
        return self.process.wait(WAIT_SECONDS)

    def kill(self) -> None:
        """Kills it, asleep or awake, and waits until it is gone."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(settings: Settings, name: str = "worker-1", fault: str = "") -> Iterator[WorkerProcess]:
    """Runs a worker as long as the block runs, once it is ready for it."""
    worker = WorkerProcess(settings, name, fault)
    try:
        wait_for(lambda: worker.health()["ok"] or worker.process.poll() is not None, _COMPILE_SECONDS)
        yield worker
    finally:
        worker.kill()


def wait_for(found: Callable[[], Found], seconds: float = WAIT_SECONDS) -> Found:
    """Returns the first true answer."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
    return answer


def send(settings: Settings, topic: str, pairs: Iterable[Pair], partition: int = 0) -> list[int]:
    """Sends records as they are, null or not, to one partition; returns their offsets."""
    offsets: list[int] = []
    client = producer(settings, **{"linger.ms": 5})
    name = Topics.load(settings.topic_prefix).name(topic)
    for key, value in pairs:
        client.produce(name, value, key, partition, on_delivery=lambda _, sent: offsets.append(sent.offset() or 0))
    assert client.flush(WAIT_SECONDS) == 0
    return offsets


def send_arrivals(settings: Settings, arrivals: Iterable[Arrival], partitions: int = 1) -> None:
    """Sends scans where their keys belong and a copy of every other record to each partition, in their order."""
    small = {"linger.ms": 5, "batch.num.messages": 25}  # a worker's batches end where a producer's do
    client, topics = producer(settings, **small), Topics.load(settings.topic_prefix)
    for arrival in arrivals:
        topic = "internal" if arrival.is_internal else "scans"
        value = encode("scan" if arrival.is_scan else "internal", arrival.record)
        places = [partition_of(arrival.key or b"", partitions)] if arrival.is_scan else range(partitions)
        for place in places:
            client.produce(topics.name(topic), value, arrival.key, place)
    assert client.flush(WAIT_SECONDS) == 0
