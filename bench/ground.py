"""The ground every benchmark stands on: a temporary home, a real Kafka in it, topics of its own, the parts it starts.

    with standing(scale=0.1) as ground:
        settings = ground.fresh("mix")
        worker = ground.worker(settings)

Everything it started is ended when the block is left, also by Ctrl-C or SIGTERM, and the home is deleted.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from bench.part import Part
from pipeline.broker.admin import create_topics, watermarks
from pipeline.broker.topics import Topics
from pipeline.errors import BrokerUnreachable
from pipeline.local.kafka import running_kafka
from pipeline.local.ports import free_ports
from pipeline.settings import Settings, load_settings

PARTITIONS: Final = 4
ROOT: Final = Path(__file__).resolve().parents[1]
_OURS: Final = ("SCANLEDGER_", "KAFKA_", "CLICKHOUSE_", "SCHEMA_REGISTRY_")
# A paused worker keeps its partitions, and the time it was paused costs it nothing.
_SESSION_SECONDS: Final = 300
_LEADER_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1

Say = Callable[[str], None]


@dataclass
class Ground:
    """Where benchmarks run; `scale` is the share of the full sizes.

    `mix` is where the benchmark's mix of scans was loaded, `accounted` where a worker has also accounted for it, `sunk`
    where all of that is in the home's ClickHouse too.
    """

    home: Path
    bootstrap: str
    kafka_pid: int
    scale: float
    say: Say
    closing: ExitStack
    mix: Settings | None = None
    accounted: Settings | None = None
    sunk: Settings | None = None
    _topics: int = 0
    _parts: list[Part] = field(default_factory=list)

    def scaled(self, count: int, least: int = 1) -> int:
        """Return the share of a full size."""
        return max(least, round(count * self.scale))

    def fresh(self, name: str) -> Settings:
        """Create topics nobody has used, of PARTITIONS partitions; `name` begins theirs."""
        self._topics += 1
        settings = self.settings(f"{name}-{self._topics}")
        create_topics(settings)
        _wait_for_leaders(settings)
        return settings

    def settings(self, name: str) -> Settings:
        """Return settings of topics by this name and a home beside the others'."""
        chosen = {"kafka_bootstrap": self.bootstrap, "topic_prefix": f"{name}-", "partitions": PARTITIONS}
        return load_settings(home=self.home / name, app=f"bench-{name}", **chosen)

    def worker(self, settings: Settings, **variables: str) -> Part:
        """Start a worker; it answers for its metrics a second later."""
        session = {"SCANLEDGER_SESSION_TIMEOUT_SECONDS": str(_SESSION_SECONDS)}
        return self.verb(("worker",), settings, **session, **variables)

    def verb(self, words: Sequence[str], settings: Settings, **variables: str) -> Part:
        """Start `scanledger WORDS` with a port for its metrics."""
        (port,) = free_ports(1)
        return self.start(
            (sys.executable, "-P", "-m", "jobs", *words),
            environment(settings) | {"SCANLEDGER_HEALTH_PORT": str(port)} | variables,
            port,
        )

    def start(self, command: Sequence[str], variables: dict[str, str], port: int = 0) -> Part:
        """Start a process that ends with the benchmark at the latest."""
        part = Part(command, variables, self.home / f"part-{len(self._parts)}.log", port)
        self._parts.append(part)
        self.closing.callback(part.stop)
        return part


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a part: nothing of ours from outside, these settings, and the source tree."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {
        "SCANLEDGER_HOME": str(settings.home),
        "SCANLEDGER_APP": settings.app,
        "SCANLEDGER_TOPIC_PREFIX": settings.topic_prefix,
        "SCANLEDGER_PARTITIONS": str(PARTITIONS),
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "CLICKHOUSE_URL": settings.clickhouse_url,
        "PYTHONPATH": str(ROOT),
    }


def _wait_for_leaders(settings: Settings) -> None:
    """Return when each new partition answers: for a moment after its creation it may not."""
    deadline = time.monotonic() + _LEADER_SECONDS
    for topic in Topics.load(settings.topic_prefix).all():
        while True:
            try:
                watermarks(settings, topic.name)
            except BrokerUnreachable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_POLL_SECONDS)
            else:
                break


@contextmanager
def standing(scale: float, say: Say) -> Iterator[Ground]:
    """Start Kafka in a temporary home for the length of the block."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]
    signal.signal(signal.SIGTERM, _leave)
    with ExitStack() as closing:
        home = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="scanledger-bench-")))
        say("starting Kafka")
        kafka = closing.enter_context(running_kafka(home / "kafka", heap_mb=1024))
        yield Ground(home, kafka.bootstrap, kafka.pid, scale, say, closing)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
