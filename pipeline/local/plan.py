"""The plan of the default stack: Kafka and ClickHouse, then topics and tables, then workers, sink, capture and console.

Where KAFKA_BOOTSTRAP or CLICKHOUSE_URL is set, that one is used and none of our own is started.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.local.checks import Check
from pipeline.local.home import StackHome
from pipeline.local.java import find_java
from pipeline.local.kafka import KafkaNode, prepare_kafka
from pipeline.local.kafka_jars import kafka_jars
from pipeline.local.ports import LOOPBACK
from pipeline.local.processes import Child
from pipeline.local.supervisor import Stage, Task
from pipeline.local.taken import Taken, partitions_of

Say = Callable[[str], None]

_CAPTURE, _WORKERS, _SINK, _CLICKHOUSE, _KAFKA = range(5)  # the order of stopping
_KAFKA_HEAP_MB = 512


def fetch_parts(say: Say) -> None:
    """Makes sure that Java and Kafka's jars are there, before anything is started.

    Raises:
        LocalStackUnusable: One is missing and cannot be fetched.
    """
    if not os.environ.get("KAFKA_BOOTSTRAP"):
        find_java()
        kafka_jars(say)


def local_stages(
    home: StackHome, *, program: Sequence[str], workers: int, say: Say, findings: bool = False,
    routes: Path | None = None,
) -> list[Stage]:  # fmt: skip
    """Returns the stages of a stack in this home, and keeps its addresses in stack.json.

    Args:
        home: Where it lives.
        program: The command line of `scanledger` itself, in front of each verb.
        workers: How many workers share the partitions.
        say: Told what is fetched.
        findings: Whether the scheduled questions are asked too; the console is told.
        routes: By which alerts are told to people; nobody is told of any without.

    Raises:
        LocalStackUnusable: Something Kafka needs is missing.
    """
    names = [f"worker-{number}" for number in range(1, workers + 1)]
    more = [*(["findings"] if findings else []), *(["notify"] if routes else [])]
    ports = home.ports([*_own_parts(), *names, "sink", "capture", "capture-health", "console", *more])
    if "clickhouse" in ports:
        home.passwords()
    home.keep(settings=_addresses(ports))
    environment = {"SCANLEDGER_HOME": str(home.folder)}

    def verb(*words: str) -> tuple[str, ...]:
        return (*program, *words)

    def part(name: str, command: tuple[str, ...], stop_rank: int, **variables: str) -> Child:
        variables = {**environment, "SCANLEDGER_HEALTH_PORT": str(ports[name]), **variables}
        return Child(name, command, Check("http", ports[name]), variables, stop_rank=stop_rank)

    foundations = []
    if "kafka" in ports:
        foundations.append(_kafka(home, ports, say))
    if "clickhouse" in ports:
        check = Check("http", ports["clickhouse"], "/ping")
        foundations.append(Child("clickhouse", verb("clickhouse"), check, environment, stop_rank=_CLICKHOUSE))
    tasks = (Task("topics", verb("topics", "create"), environment), Task("migrate", verb("migrate", "up"), environment))
    running = [part(name, verb("worker"), _WORKERS, SCANLEDGER_WORKER=name) for name in names]
    told = {"SCANLEDGER_ROUTES": str(routes.resolve())} if routes else {}
    asking = [part(name, verb(name), _CAPTURE, **(told if name == "notify" else {})) for name in more]
    capture = _capture(verb("capture"), ports, environment)
    says = "--findings" if findings else "--no-findings"
    console = _console(verb("console", says), ports, environment)
    parts = (*running, part("sink", verb("sink"), _SINK), capture, console, *asking)
    if "kafka" not in ports:
        return [Stage(tuple(foundations), tasks), Stage(parts)]  # workers elsewhere may have partitions too
    taken = Taken({child.name: child.check for child in running}, lambda: partitions_of(home))
    return [Stage(tuple(foundations), tasks), Stage(parts, lagging=taken.lagging)]


def _own_parts() -> list[str]:
    own = []
    if not os.environ.get("KAFKA_BOOTSTRAP"):
        own += ["kafka", "kafka-controller"]
    if not os.environ.get("CLICKHOUSE_URL"):
        own += ["clickhouse"]
    return own


def _addresses(ports: dict[str, int]) -> dict[str, str]:
    """Returns the settings that other commands, run from another shell, take from stack.json."""
    own_kafka = f"{LOOPBACK}:{ports['kafka']}" if "kafka" in ports else ""
    own_clickhouse = f"http://{LOOPBACK}:{ports['clickhouse']}" if "clickhouse" in ports else ""
    return {
        "kafka_bootstrap": own_kafka or os.environ["KAFKA_BOOTSTRAP"],
        "clickhouse_url": own_clickhouse or os.environ["CLICKHOUSE_URL"],
        "capture_url": f"http://{LOOPBACK}:{ports['capture']}",
        "console_url": f"http://{LOOPBACK}:{ports['console']}",
    }


def _capture(command: tuple[str, ...], ports: dict[str, int], environment: dict[str, str]) -> Child:
    """Returns the way in over HTTP; status shows the port that scans go to, which answers for its health too."""
    variables = {
        **environment,
        "SCANLEDGER_CAPTURE_PORT": str(ports["capture"]),
        "SCANLEDGER_HEALTH_PORT": str(ports["capture-health"]),
    }
    return Child("capture", command, Check("http", ports["capture"]), variables, stop_rank=_CAPTURE)


def _console(command: tuple[str, ...], ports: dict[str, int], environment: dict[str, str]) -> Child:
    """Returns the console; it answers for its health where people find it."""
    variables = {
        **environment,
        "SCANLEDGER_CONSOLE_HOST": LOOPBACK,
        "SCANLEDGER_CONSOLE_PORT": str(ports["console"]),
        "SCANLEDGER_HEALTH_PORT": "0",
    }
    return Child("console", command, Check("http", ports["console"]), variables, stop_rank=_CAPTURE)


def _kafka(home: StackHome, ports: dict[str, int], say: Say) -> Child:
    node = KafkaNode(home.folder / "kafka", ports["kafka"], ports["kafka-controller"], _KAFKA_HEAP_MB)
    return Child("kafka", tuple(prepare_kafka(node, say)), Check("kafka", node.port), stop_rank=_KAFKA)
