"""The metrics of every process, their names and labels in one closed table, and the endpoint that serves them.

    count("scanledger_worker_verdicts_total", 3, outcome="ACCEPTED", reason="NONE")
    observe("scanledger_worker_stage_seconds", 0.012, stage="decode")
    server = serve(9100, progress.health)   # /metrics for Prometheus, /health as JSON: 200 or 503

A name or a label that is not in the table is an error at the first call, so that tests find it.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from pipeline.errors import PortInUse

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
RECORDS = (1.0, 10.0, 100.0, 1_000.0, 3_000.0, 10_000.0, 20_000.0, 50_000.0, 100_000.0)

Name = Literal[
    "scanledger_worker_lag_records",
    "scanledger_worker_batch_records",
    "scanledger_worker_stage_seconds",
    "scanledger_worker_transaction_seconds",
    "scanledger_worker_takeover_seconds",
    "scanledger_worker_partitions",
    "scanledger_worker_store_paused",
    "scanledger_worker_verdicts_total",
    "scanledger_worker_revisions_total",
    "scanledger_worker_acts_total",
    "scanledger_worker_alerts_total",
    "scanledger_worker_dead_letters_total",
    "scanledger_worker_errors_total",
    "scanledger_sink_lag_records",
    "scanledger_sink_lag_seconds",
    "scanledger_sink_retention_used_ratio",
    "scanledger_sink_rows_total",
    "scanledger_sink_insert_seconds",
    "scanledger_sink_retries_total",
    "scanledger_sink_epochs_total",
    "scanledger_sink_partitions",
    "scanledger_capture_requests_total",
    "scanledger_capture_request_seconds",
    "scanledger_capture_scans_total",
    "scanledger_capture_skewed_scans_total",
    "scanledger_capture_in_hand_bytes",
    "scanledger_capture_waiting_requests",
    "scanledger_capture_errors_total",
    "scanledger_notify_changes_total",
    "scanledger_notify_attempts_total",
    "scanledger_notify_attempt_seconds",
    "scanledger_notify_latency_seconds",
    "scanledger_notify_deliveries",
    "scanledger_notify_errors_total",
    "scanledger_findings_errors_total",
]


class Metric(NamedTuple):
    """What a metric is: `kind` with the unit in the name, and the labels it must be given."""

    kind: type[Counter] | type[Gauge] | type[Histogram]
    labels: tuple[str, ...]
    purpose: str
    buckets: tuple[float, ...] = SECONDS


TABLE: Mapping[Name, Metric] = {
    "scanledger_worker_lag_records": Metric(Gauge, ("topic", "partition"), "records of an input not yet accounted for"),
    "scanledger_worker_batch_records": Metric(Histogram, (), "records in a batch", RECORDS),
    "scanledger_worker_stage_seconds": Metric(Histogram, ("stage",), "processor seconds a batch took in a stage"),
    "scanledger_worker_transaction_seconds": Metric(Histogram, (), "seconds from begin to committed"),
    "scanledger_worker_takeover_seconds": Metric(Histogram, (), "seconds from assignment to the first fetch"),
    "scanledger_worker_partitions": Metric(Gauge, (), "partitions owned"),
    "scanledger_worker_store_paused": Metric(Gauge, ("partition",), "1 while the store cannot be written"),
    "scanledger_worker_verdicts_total": Metric(Counter, ("outcome", "reason"), "scans decided"),
    "scanledger_worker_revisions_total": Metric(Counter, ("outcome", "reason"), "earlier decisions changed"),
    "scanledger_worker_acts_total": Metric(Counter, ("kind", "result"), "internal records accounted for"),
    "scanledger_worker_alerts_total": Metric(Counter, ("kind", "event"), "changes of an alert's status"),
    "scanledger_worker_dead_letters_total": Metric(Counter, ("error",), "records that could not be read or written"),
    "scanledger_worker_errors_total": Metric(Counter, ("where",), "errors met and survived"),
    "scanledger_sink_lag_records": Metric(Gauge, ("stream", "partition"), "records of a stream not yet in ClickHouse"),
    "scanledger_sink_lag_seconds": Metric(Gauge, ("stream", "partition"), "age of the oldest record not in ClickHouse"),
    "scanledger_sink_retention_used_ratio": Metric(
        Gauge, ("stream", "partition"), "age of that record by the topic's retention; alarm from 0.5"
    ),
    "scanledger_sink_rows_total": Metric(Counter, ("stream",), "rows written"),
    "scanledger_sink_insert_seconds": Metric(Histogram, ("stream",), "seconds of an insert"),
    "scanledger_sink_retries_total": Metric(Counter, ("error",), "waits for a ClickHouse that did not take rows"),
    "scanledger_sink_epochs_total": Metric(Counter, (), "epochs started: take-overs and doubts"),
    "scanledger_sink_partitions": Metric(Gauge, (), "partitions owned"),
    "scanledger_capture_requests_total": Metric(Counter, ("route", "status"), "requests answered"),
    "scanledger_capture_request_seconds": Metric(Histogram, ("route",), "seconds from a request to its answer"),
    "scanledger_capture_scans_total": Metric(Counter, ("result",), "scans queued and malformed"),
    "scanledger_capture_skewed_scans_total": Metric(Counter, (), "scans of senders whose clock is off"),
    "scanledger_capture_in_hand_bytes": Metric(Gauge, (), "bytes of bodies in hand"),
    "scanledger_capture_waiting_requests": Metric(Gauge, (), "requests that wait for verdicts"),
    "scanledger_capture_errors_total": Metric(Counter, ("where",), "errors met and survived"),
    "scanledger_notify_changes_total": Metric(Counter, ("event",), "changes of alerts read"),
    "scanledger_notify_attempts_total": Metric(Counter, ("outcome",), "attempts to deliver, by what came of them"),
    "scanledger_notify_attempt_seconds": Metric(Histogram, (), "seconds of an attempt"),
    "scanledger_notify_latency_seconds": Metric(
        Histogram, ("event",), "seconds from what caused a delivery, by the broker's clock, to its receiver's answer"
    ),
    "scanledger_notify_deliveries": Metric(Gauge, ("state",), "deliveries in the outbox"),
    "scanledger_notify_errors_total": Metric(Counter, ("where",), "errors met and survived"),
    "scanledger_findings_errors_total": Metric(Counter, ("where",), "errors met and survived"),
}

REGISTRY = CollectorRegistry()


_lock = threading.Lock()  # two threads must not register one name twice


@cache
def _registered(name: Name) -> Any:  # noqa: ANN401  one of three kinds
    metric = TABLE[name]
    if metric.kind is Histogram:
        return Histogram(name, metric.purpose, metric.labels, registry=REGISTRY, buckets=metric.buckets)
    return metric.kind(name, metric.purpose, metric.labels, registry=REGISTRY)


def _collector(name: Name) -> Any:  # noqa: ANN401
    with _lock:
        return _registered(name)


def _child(name: Name, labels: dict[str, str | int]) -> Any:  # noqa: ANN401
    collector = _collector(name)
    return collector.labels(**labels) if labels or TABLE[name].labels else collector


def count(name: Name, value: float = 1, **labels: str | int) -> None:
    """Add to a counter."""
    _child(name, labels).inc(value)


def gauge(name: Name, value: float, **labels: str | int) -> None:
    """Set a gauge."""
    _child(name, labels).set(value)


def observe(name: Name, value: float, **labels: str | int) -> None:
    """Add one observation to a histogram; its sum and count are the totals."""
    _child(name, labels).observe(value)


def forget(name: Name, **labels: str | int) -> None:
    """Drop one labelled child, for example of a partition that is no longer owned."""
    order = TABLE[name].labels
    _collector(name).remove(*(str(labels[label]) for label in order))


def read(sample: str, **labels: str | int) -> float:
    """Return the value of one sample as Prometheus would see it, 0 where nothing was recorded yet."""
    return REGISTRY.get_sample_value(sample, {key: str(value) for key, value in labels.items()}) or 0.0


@dataclass(frozen=True)
class Health:
    """Whether a process does its work: `reasons` says for people why not, `facts` what it knows about itself."""

    ok: bool
    reasons: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


class Progress:
    """Notices that work has stopped: who is watched must say `moved` or `idle` again before the limit has passed.

    Silence is the fault it looks for, so a loop that hangs turns red without its help. Safe to call from any thread.
    """

    def __init__(self, limit_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit_seconds
        self._clock = clock
        self._heard: dict[str, float] = {}
        self._troubles: dict[str, str] = {}
        self._lock = threading.Lock()

    def moved(self, name: str) -> None:
        """Note that `name` has got something done, or had nothing to do; a trouble it had is over."""
        with self._lock:
            self._heard[name] = self._clock()
            self._troubles.pop(name, None)

    idle = moved

    def trouble(self, name: str, reason: str) -> None:
        """Turn red at once because of `name`, until it moves again or is forgotten."""
        with self._lock:
            self._heard.setdefault(name, self._clock())
            self._troubles[name] = reason

    def forget(self, name: str) -> None:
        """Stop watching `name`."""
        with self._lock:
            self._heard.pop(name, None)
            self._troubles.pop(name, None)

    def health(self) -> Health:
        """Return green, or red with a reason per watched name that is in trouble or silent."""
        with self._lock:
            now = self._clock()
            silent = {name: now - heard for name, heard in self._heard.items() if now - heard > self._limit}
            reasons = [f"{name}: {reason}" for name, reason in sorted(self._troubles.items())]
        reasons += [f"{name}: no progress for {seconds:.0f} s" for name, seconds in sorted(silent.items())]
        return Health(ok=not reasons, reasons=reasons, facts={"watched": sorted(self._heard)})


class Server:
    """The endpoint of one process, on a thread of its own until closed."""

    def __init__(self, port: int, health: Callable[[], Health], host: str = "127.0.0.1") -> None:
        """Listen on `port`, or on a free one for 0.

        Raises:
            PortInUse: another process listens on it.
        """
        try:
            self._http = ThreadingHTTPServer((host, port), _endpoint(health))
        except OSError as error:
            message = f"port {port} is taken: set SCANLEDGER_HEALTH_PORT to a free one, or to 0 for none"
            raise PortInUse(message) from error
        self._http.daemon_threads = True
        self.port = int(self._http.server_address[1])
        self._thread = threading.Thread(target=self._http.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def serve(port: int, health: Callable[[], Health], host: str = "127.0.0.1") -> Server:
    """Serve /metrics and /health on `port`; containers pass host 0.0.0.0."""
    return Server(port, health, host)


def _endpoint(health: Callable[[], Health]) -> type[BaseHTTPRequestHandler]:
    class Endpoint(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))
            elif self.path == "/health":
                found = health()
                status = HTTPStatus.OK if found.ok else HTTPStatus.SERVICE_UNAVAILABLE
                body = {"ok": found.ok, "reasons": found.reasons, "facts": found.facts}
                self._answer(status, "application/json", json.dumps(body).encode())
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/metrics or /health\n")

        def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Probes every few seconds are no news."""

    return Endpoint
