"""Apache Kafka on this machine: one KRaft node on loopback, its folder, its command line, its start and stop."""

import base64
import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import LocalStackUnusable
from pipeline.local.java import find_java
from pipeline.local.kafka_jars import Say, kafka_jars
from pipeline.local.kafka_ping import kafka_answers
from pipeline.local.ports import LOOPBACK, free_ports, is_free

_READY_SECONDS = 90.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.05

_SERVER_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={log_dirs}
auto.create.topics.enable=false
# One node keeps one copy of everything.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# Few partitions of the broker's own topics: a start creates and a stop closes each of them.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
# A group of one machine is complete at once, and what its dead members left is settled soon.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
transaction.max.timeout.ms=900000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
# A broker killed and started again is kept out until the session of its former self is over.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
log.cleaner.dedupe.buffer.size=67108864
"""

_JVM_OPTIONS = ("-Xms128m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-Djava.awt.headless=true")

_LOG_PROPERTIES = """\
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
logger.server.name=kafka.server
logger.server.level=INFO
logger.config.name=org.apache.kafka.common.config
logger.config.level=WARN
"""


@dataclass(frozen=True)
class KafkaNode:
    """Where one node lives: its folder, its two loopback ports, its heap."""

    folder: Path
    port: int
    controller_port: int
    heap_mb: int = 512

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{LOOPBACK}:{self.port}"


def prepare_kafka(node: KafkaNode, say: Say) -> list[str]:
    """Makes the node's folder ready, formatting it at first use, and returns the command that runs the node.

    Raises:
        LocalStackUnusable: No Java, no jars, or a folder that cannot be written.
    """
    properties = _SERVER_PROPERTIES.format(
        host=LOOPBACK, port=node.port, controller_port=node.controller_port, log_dirs=node.folder / "log"
    )
    return kafka_command(node.folder, properties, heap_mb=node.heap_mb, say=say)


def kafka_command(folder: Path, properties: str, *, heap_mb: int, say: Say) -> list[str]:
    """Returns the command that runs a broker of these properties, whose log.dirs is `log` in the folder.

    Raises:
        LocalStackUnusable: No Java, no jars, or a folder that cannot be written.
    """
    java = str(find_java())
    classpath = ["-cp", os.pathsep.join(map(str, kafka_jars(say)))]
    server_file, log_file, log_dirs = folder / "server.properties", folder / "log4j2.properties", folder / "log"
    try:
        log_dirs.mkdir(parents=True, exist_ok=True)
        server_file.write_text(properties)
        log_file.write_text(_LOG_PROPERTIES)
    except OSError as error:
        message = f"Kafka's folder {folder} cannot be written: {error.strerror}. Choose another with SCANLEDGER_HOME."
        raise LocalStackUnusable(message) from error
    if not (log_dirs / "meta.properties").exists():
        _format([java, *classpath], server_file)
    options = [f"-Xmx{heap_mb}m", *_JVM_OPTIONS, f"-Dlog4j2.configurationFile={log_file}"]
    return [java, *options, *classpath, "kafka.Kafka", str(server_file)]


def _format(java: list[str], properties: Path) -> None:
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    java = [java[0], "-XX:TieredStopAtLevel=1", *java[1:]]  # it ends before better code would pay
    command = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "--config", str(properties)]
    formatted = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if formatted.returncode != 0:
        message = f"Kafka's storage could not be formatted: {formatted.stderr.strip() or formatted.stdout.strip()}"
        raise LocalStackUnusable(message)


class LocalKafka:
    """A node run as a child of this process, for tests and benchmarks: start, stop, kill, start again."""

    def __init__(self, folder: Path, *, heap_mb: int = 512, say: Say = lambda _line: None) -> None:
        port, controller_port = free_ports(2)
        self.node = KafkaNode(folder, port, controller_port, heap_mb)
        self.log_file = folder / "kafka.log"
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients; the same after every start."""
        return self.node.bootstrap

    @property
    def is_started(self) -> bool:
        """Whether a node was ever started, so that there is one to stop."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The process id of the running node."""
        return self._running().pid

    def start(self) -> None:
        """Starts the node and returns when it serves clients.

        Raises:
            LocalStackUnusable: The port is taken, or the node ended or did not answer in time; with the end of its log.
        """
        if not is_free(self.node.port):
            message = f"Kafka cannot start: port {self.node.port} is in use."
            raise LocalStackUnusable(message)
        command = prepare_kafka(self.node, self._say)
        with self.log_file.open("ab") as log:
            # Its own session: Ctrl-C in a terminal is for the owner, who then stops the node in order.
            self._process = subprocess.Popen(  # noqa: S603
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stops the node gracefully, by force where it does not end in time."""
        process = self._running()
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Ends the node at once, as a power cut would."""
        process = self._running()
        process.kill()
        process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not kafka_answers(self.node.port):
            ended = self._running().poll() is not None
            if ended or time.monotonic() > deadline:
                if not ended:
                    self.kill()
                what = "ended while starting" if ended else f"did not answer within {_READY_SECONDS:.0f} s"
                tail = "\n".join(self.log_file.read_text(errors="replace").splitlines()[-5:])
                message = f"Kafka {what}; see {self.log_file}, which ends:\n{tail}"
                raise LocalStackUnusable(message)
            time.sleep(_POLL_SECONDS)


@contextmanager
def running_kafka(folder: Path, *, heap_mb: int = 512) -> Iterator[LocalKafka]:
    """Runs a node in the folder for the length of a `with` block."""
    kafka = LocalKafka(folder, heap_mb=heap_mb)
    try:
        kafka.start()
        yield kafka
    finally:
        if kafka.is_started:  # also where Ctrl-C came while it was starting
            kafka.stop()
