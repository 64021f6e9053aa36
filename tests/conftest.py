"""What every test may ask for: one Kafka broker shared by the whole run, and topic names nobody else uses."""

import fcntl
import json
import os
import shutil
import signal
import uuid
from pathlib import Path

import psutil
import pytest
from hypothesis import settings

from pipeline.local.kafka import LocalKafka

# The brokers of single tests live for seconds: compiling them well costs more than it brings.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

pytest_plugins = ["tests.fixtures_clickhouse"]

# The same examples in every run: a run that fails says something of the change, not of chance.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

_STOP_SECONDS = 30
_started: list[LocalKafka] = []  # kept alive: the node outlives the test that asked first


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects what is marked slow, unless asked for with --slow or -m."""
    if config.getoption("--slow") or config.getoption("-m"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(scope="session")
def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """Returns the address of a real broker: KAFKA_BOOTSTRAP if set, else one that all workers of this run share."""
    given = os.environ.get("KAFKA_BOOTSTRAP")
    if given:
        return given
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "shared-kafka"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _running_broker(shared)


@pytest.fixture
def topic_prefix() -> str:
    """Returns a prefix for topics and transactional ids that no other test uses."""
    return f"t{uuid.uuid4().hex[:12]}-"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stops the shared broker once every worker is done, also after Ctrl-C or a worker that crashed."""
    if hasattr(session.config, "workerinput"):
        return
    factory = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None:
        for record in factory.getbasetemp().glob("shared-kafka/broker.json"):
            _stop_broker(record)
            for kafka in _started:
                kafka.stop()  # in a run without workers it is a child of this process, and must be waited for
            shutil.rmtree(record.parent / "node" / "log", ignore_errors=True)  # pytest keeps the folders of three runs


def _running_broker(shared: Path) -> str:
    record = shared / "broker.json"
    if not record.exists():
        kafka = LocalKafka(shared / "node")
        kafka.start()
        _started.append(kafka)
        started = psutil.Process(kafka.pid).create_time()
        record.write_text(json.dumps({"pid": kafka.pid, "started": started, "bootstrap": kafka.bootstrap}))
    return str(json.loads(record.read_text())["bootstrap"])


def _stop_broker(record: Path) -> None:
    broker = json.loads(record.read_text())
    record.unlink()
    try:
        process = psutil.Process(broker["pid"])
        if process.create_time() != broker["started"]:
            return  # another process got the number
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_SECONDS)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        process.kill()
