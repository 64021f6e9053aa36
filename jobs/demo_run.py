"""One run of the demo: a stack of its own, simulated scans through it, questions and proof; nothing is left running.

Flow: plan -> stack up, sites, documents, scans sent, followed until they are in ClickHouse -> what came of them.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.demo_found import Found, ask_everything
from jobs.demo_watch import Background, Watch
from jobs.derived_scans import wait_until_derived
from jobs.output import note
from jobs.papers import tell_papers
from jobs.reference import load
from jobs.up import start_stack
from jobs.warehouse import open_warehouse
from pipeline.broker.admin import check_topics
from pipeline.broker.send import Sender
from pipeline.ledger.warm import warm_up
from pipeline.local.home import StackHome
from pipeline.proof.verify import Ledger, verify
from pipeline.settings import Settings, load_settings
from pipeline.simulate.plan import Plan
from pipeline.simulate.sending import Pace, send_batches
from pipeline.simulate.simulation import Batch, Simulation, simulate
from pipeline.warehouse.client import Warehouse

_LOAD_SECONDS = 120.0
_DERIVED_SECONDS = 30.0
_LOOK_SECONDS = 0.1
_BATCH_ROWS = 10_000


class Demo:
    """Runs a plan in a home; `found` fills as it goes."""

    def __init__(self, home: StackHome, plan: Plan) -> None:
        self._home, self._plan = home, plan
        self.found = Found(units=plan.units, sites=plan.sites)

    def run(self) -> None:
        """Go through all of it; whoever calls takes the stack down.

        Raises:
            ScanledgerError: Some part of the stack could not do its work; the message names it.
        """
        told = simulate(self._plan)
        batches = Background(lambda: _prepare(told))  # while Kafka starts
        with self._timed("stack_up"):
            start_stack(self._home, workers=1)
        settings = load_settings(home=self._home.folder)
        with self._timed("sites"):
            _load_sites(settings, told)
        prepared = batches.result()
        with open_warehouse(settings) as warehouse:
            with self._timed("documents"):
                _tell_papers(settings, prepared)
            self._send(settings, warehouse, prepared)
            with self._timed("questions"):
                note("Asking the questions")
                truths = [truth for batch in prepared for truth in batch.truths]
                ask_everything(warehouse, truths, self.found)
            with self._timed("verify"):
                note("Proving that every scan is accounted for")
                report = verify(Ledger(settings, warehouse))
        self.found.verify = {"ok": report.is_ok, "checks": report.rows()}

    def _send(self, settings: Settings, warehouse: Warehouse, batches: list[Batch]) -> None:
        """Send everything and watch it until it is in ClickHouse."""
        started = time.perf_counter()
        total = self.found.scans = sum(map(len, batches))
        partitions = check_topics(settings)
        sender, stop = Sender(settings, "scans"), threading.Event()
        watch = Watch(settings, warehouse, total)
        sending = Background(lambda: _send_all(sender, batches, partitions, stop))
        try:
            with watch.bars:
                while not sending.is_done_within(_LOOK_SECONDS):
                    watch.look(sender.acknowledged)
                last_offsets = sending.result()
                self._note_seconds("send", started)
                watch.until_in_clickhouse(last_offsets)
            due = self.found.derived["due"] = sum(batch.derived for batch in batches)
            wait_until_derived(warehouse, due, _DERIVED_SECONDS)
        finally:
            stop.set()
        self._note_seconds("in_clickhouse", started)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._note_seconds(stage, started)

    def _note_seconds(self, stage: str, started: float) -> None:
        self.found.seconds[stage] = round(time.perf_counter() - started, 1)


def _prepare(told: Simulation) -> list[Batch]:
    """Make compiled code ready, for the worker too, and tell the simulation."""
    warm_up()
    return list(told.batches(_BATCH_ROWS))


def _load_sites(settings: Settings, told: Simulation) -> None:
    columns = ("name", "latitude", "longitude", "kind")
    sites = [dict(zip(columns, site, strict=True)) for site in told.world.sites()]
    load(settings, ("SITES", "sites"), [json.dumps(sites)], "demo", _LOAD_SECONDS)


def _tell_papers(settings: Settings, batches: list[Batch]) -> None:
    papers = [paper for batch in batches for paper in batch.papers]
    tell_papers(settings, papers, check_topics(settings), _LOAD_SECONDS)


def _send_all(sender: Sender, batches: list[Batch], partitions: int, stop: threading.Event) -> dict[int, int]:
    for _ in send_batches(sender, batches, partitions, pace=Pace(0), stopped=stop.is_set):
        pass
    return sender.finish()
