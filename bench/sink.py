"""The sink's cost per row into the embedded ClickHouse, of everything the worker made of the benchmark's mix."""

from typing import Final

from bench import worker as worker_bench
from bench.ground import PARTITIONS, Ground
from bench.part import Part, PartFailed, Sample
from bench.worker import Figures
from pipeline.broker.admin import watermarks
from pipeline.broker.topics import Topics
from pipeline.local.checks import Check, ask
from pipeline.local.home import StackHome
from pipeline.local.ports import LOOPBACK, free_ports
from pipeline.settings import Settings, load_settings
from pipeline.warehouse.client import Warehouse, connect
from pipeline.warehouse.marks import Target, wait_for

_ROWS: Final = "scanledger_sink_rows_total"
_OWNED: Final = "scanledger_sink_partitions"
_START_SECONDS: Final = 120.0
_RUN_SECONDS: Final = 900.0


def run(ground: Ground) -> Figures:
    """Measure the sink from its take-over of the partitions to the last mark; the rows have been waiting on the log."""
    if ground.accounted is None:
        worker_bench.run(ground)
    assert ground.accounted is not None
    settings, clickhouse = with_clickhouse(ground, ground.accounted)
    migrate(ground, settings)
    ground.say("the sink writes what the worker made of the mix")
    sink = ground.verb(("sink",), settings)
    server = clickhouse.sample()
    before = sink.wait("assignment", lambda now: now.total(_OWNED) == PARTITIONS, _START_SECONDS)
    with open_warehouse(settings) as warehouse:
        wait_for(warehouse, _targets(settings), timeout_seconds=_RUN_SECONDS)
    figures = _figures(before, sink.sample(), server, clickhouse)
    sink.stop()
    clickhouse.stop()
    ground.sunk = settings
    return figures


def with_clickhouse(ground: Ground, settings: Settings) -> tuple[Settings, Part]:
    """Start ClickHouse on the folder that belongs to these settings; returns settings that name it."""
    (port,) = free_ports(1)
    told = _with_clickhouse(settings, port)
    ground.say("starting ClickHouse")
    clickhouse = ground.verb(("clickhouse", "--port", str(port)), told)
    _wait_for(clickhouse, port)
    return told, clickhouse


def _figures(before: Sample, after: Sample, server: Sample, clickhouse: Part) -> Figures:
    rows = after.total(_ROWS)
    return {
        "sink_cpu_us_per_row": 1e6 * (after.cpu - before.cpu) / rows,
        "sink_rows_per_s": rows / (after.wall - before.wall),
        "clickhouse_cpu_us_per_row": 1e6 * (clickhouse.sample().cpu - server.cpu) / rows,
    }


def _with_clickhouse(settings: Settings, port: int) -> Settings:
    home = StackHome(settings.home)
    home.create()
    home.passwords()
    chosen = settings.model_dump(include={"kafka_bootstrap", "topic_prefix", "partitions", "app"})
    return load_settings(home=settings.home, clickhouse_url=f"http://{LOOPBACK}:{port}", **chosen)


def _wait_for(clickhouse: Part, port: int) -> None:
    clickhouse.wait("answer", lambda _: ask(Check("http", port, "/ping")) == "ok", _START_SECONDS)


def migrate(ground: Ground, settings: Settings) -> None:
    """Make the ledger's tables."""
    verb = ground.verb(("migrate", "up"), settings)
    if verb.process.wait(_START_SECONDS):
        message = f"migrate: {verb.last_words()}"
        raise PartFailed(message)


def open_warehouse(settings: Settings) -> Warehouse:
    """Return a client of the ledger's database."""
    return connect(
        settings.clickhouse_url,
        user=settings.clickhouse_user,
        password=settings.clickhouse_password.get_secret_value(),
        database=settings.clickhouse_database,
    )


def _targets(settings: Settings) -> dict[int, Target]:
    """Return the last offsets of both inputs by partition."""
    topics = Topics.load(settings.topic_prefix)
    scans, internal = (watermarks(settings, topics.name(key)) for key in ("scans", "internal"))
    return {p: Target(scans[p].high - 1, internal[p].high - 1) for p in range(PARTITIONS)}
