"""The verb `sink`: rows from the worker's topics to ClickHouse, until SIGTERM; settings come from the environment."""

import os
import threading

import typer

from jobs.process_log import keep_log
from jobs.told_to_end import when_told_to_end
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.errors import SettingsWrong
from pipeline.faults import arm
from pipeline.metrics import Health, serve
from pipeline.settings import Settings, load_settings
from pipeline.sink.events import EventSink
from pipeline.sink.sink import Sink
from pipeline.warehouse.client import Warehouse, connect

app = typer.Typer(help="Run the sink to ClickHouse.", add_completion=False)

# Longer than any insert of 100,000 rows takes, shorter than Kafka waits for a silent member.
TIMEOUT_SECONDS = 120.0


@app.callback(invoke_without_command=True)
def sink() -> None:
    """Write the worker's streams and EPCIS events to ClickHouse; several sinks share the work.

    While ClickHouse is down, slow or full it waits, with its lag in the metrics and the reason at /health.
    """
    keep_log()
    stop = threading.Event()
    when_told_to_end(stop.set)
    settings = load_settings()
    if not settings.clickhouse_url:
        message = "No ClickHouse: start the local stack with `scanledger up`, or set CLICKHOUSE_URL=http://host:8123."
        raise SettingsWrong(message)
    check_topics(settings)
    registry.join(settings)
    running = Sink(settings, lambda: _connect(settings), arm(os.environ.get("SCANLEDGER_FAULT", "")))
    events = _Beside(EventSink(settings, lambda: _connect(settings)), stop)

    def health() -> Health:
        return _both(running.health(), events.sink.health())

    server = serve(settings.health_port, health, settings.health_host) if settings.health_port else None
    running.run(stop)
    events.join()
    if server is not None:
        server.close()


class _Beside:
    """The sink of EPCIS events on a thread of its own; where it breaks, the whole process ends as broken."""

    def __init__(self, sink: EventSink, stop: threading.Event) -> None:
        self.sink, self._stop = sink, stop
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="epcis-events", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for its end; raises what broke it."""
        self._stop.set()
        self._thread.join()
        if self._broken is not None:
            raise self._broken

    def _run(self) -> None:
        try:
            self.sink.run(self._stop)
        except BaseException as error:  # noqa: BLE001  raised again by the main thread
            self._broken = error
            self._stop.set()


def _both(one: Health, other: Health) -> Health:
    facts = {**other.facts, **one.facts}
    return Health(one.ok and other.ok, [*one.reasons, *other.reasons], facts)


def _connect(settings: Settings) -> Warehouse:
    return connect(
        settings.clickhouse_url,
        user=settings.clickhouse_user,
        password=settings.clickhouse_password.get_secret_value(),
        database=settings.clickhouse_database,
        timeout_seconds=TIMEOUT_SECONDS,
    )
