"""The verb `simulate`: supply chains with planted anomalies sent to Kafka, their truth and sites beside."""

import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from jobs.derived_scans import count_derived, wait_until_derived
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.papers import with_papers
from jobs.reference import sites_in_force
from jobs.site_table import read_sites
from jobs.sites import load_table
from jobs.until_sunk import wait_until_sunk
from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.broker.send import Sender
from pipeline.errors import FolderUnusable
from pipeline.settings import load_settings
from pipeline.simulate.plan import Plan
from pipeline.simulate.sending import Pace, send_batches
from pipeline.simulate.simulation import Batch, Simulation, simulate
from pipeline.simulate.truth import Truth, write_truth

app = typer.Typer(add_completion=False)

_SMALLEST_BATCH = 100  # at a rate, a batch is about a second
_PAPERS_SECONDS = 10.0  # for the workers to account the documents, where any runs
_DERIVED_SECONDS = 10.0  # a simulation sent again derives nothing anew


@app.command()
def simulation(  # noqa: PLR0913, PLR0917  one parameter per option
    units: Annotated[int, typer.Option(min=1, help="Units that live; scans follow from it.")] = 5_000,
    scans: Annotated[int, typer.Option(min=0, help="Exactly so many scans instead, by as many units as it takes.")] = 0,
    sites: Annotated[int, typer.Option(min=4, help="Factories, warehouses and shops together.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    rate: Annotated[float, typer.Option(min=0, help="Scans a second; 0 is as fast as it goes.")] = 0,
    anomalies: Annotated[float, typer.Option(min=0, max=0.25, help="Planted scans as a share of all.")] = 0.03,
    late: Annotated[float, typer.Option(min=0, max=0.5, help="Share of scans that arrive out of order.")] = 0.02,
    live: Annotated[bool, typer.Option("--live", help="Let the lives end now instead of in 2025.")] = False,
    send: Annotated[bool, typer.Option(help="Send them to Kafka, or only write the truth and the sites.")] = True,
    load_sites: Annotated[bool, typer.Option("--load-sites", help="Put the sites in force before sending.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Return when all of it is in ClickHouse.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for either.")] = 600,
    out: Annotated[Path, typer.Option(help="Folder of truth.csv and sites.csv.")] = Path("simulation"),
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Simulate supply chains with every anomaly planted, and write down what a correct ledger makes of it."""
    plan = Plan(units, sites=sites, seed=seed, anomalies=anomalies, late=late)
    if scans:
        plan = Plan.of_scans(scans, sites=sites, seed=seed, anomalies=anomalies, late=late)
    if live:
        plan = replace(plan, until=int(time.time() * 1000))
    told = simulate(plan)
    _write_sites(told, out)
    if send:
        _prepare_sites(out / "sites.csv", load_first=load_sites, timeout=timeout)
    derived_before = _count_derived() if send and wait else 0
    with _progress(plan.expected_scans(plan.units)) as bars:
        done = _send(told, rate, out / "truth.csv", bars) if send else _only_tell(told, out / "truth.csv", bars)
        if wait and done.offsets:
            wait_until_sunk(load_settings(), done.offsets, timeout, bars)
            _wait_until_derived(derived_before + done.derived)
    summary = {
        "scans": done.scans, "units": plan.units, "sites": sites, "planted": done.planted, "sent": send,
        "seconds": round(done.seconds, 3), "scans_per_s": round(done.scans / done.seconds), "out": str(out),
    }  # fmt: skip
    show([summary], as_json=as_json, fmt=fmt)
    if not send:
        note(f"Before the scans, tell the ledger the sites: scanledger sites load {out / 'sites.csv'}")


def _write_sites(told: Simulation, out: Path) -> None:
    """Make the folder and write the sites into it, before anything is sent.

    Raises:
        FolderUnusable: It cannot be made or written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        told.world.write_sites(out / "sites.csv")
    except OSError as error:
        message = f"Nothing can be written to the folder {out}: {error.strerror}. Choose another with --out."
        raise FolderUnusable(message) from error


def _prepare_sites(table: Path, *, load_first: bool, timeout: float) -> None:
    """Load the sites, or say before anything is sent that the ledger does not know as many."""
    settings, sites = load_settings(), read_sites(table)
    if load_first:
        load_table(settings, sites, "", timeout)
    elif (known := sites_in_force(settings)) < len(sites):
        note(
            f"The ledger knows {known:,} sites, the simulation has {len(sites):,}: it flags scans at others as"
            f" UNKNOWN_SITE. Load them before the scans with --load-sites, or with: scanledger sites load {table}"
        )


def _count_derived() -> int:
    with open_warehouse(load_settings()) as warehouse:
        return count_derived(warehouse).accepted


def _wait_until_derived(due: int) -> None:
    with open_warehouse(load_settings()) as warehouse:
        wait_until_derived(warehouse, due, _DERIVED_SECONDS)


class Done(NamedTuple):
    """What was told: scans, those planted among them, the last offset of each partition, and how long it took.

    derived: how many scans containers will have derived for what is in them.
    """

    scans: int
    planted: int
    offsets: dict[int, int]
    seconds: float
    derived: int = 0


def _send(told: Simulation, rate: float, truth: Path, bars: Progress) -> Done:
    """Send a simulation and write its truth; Ctrl-C ends it in order, with the truth of what was sent."""
    settings, started = load_settings(), time.perf_counter()
    partitions = check_topics(settings)
    registry.join(settings)
    sender = Sender(settings, "scans", lambda count: bars.update(bars.task_ids[0], completed=count))
    batches = told.batches(max(_SMALLEST_BATCH, int(rate))) if rate else told.batches()
    told_first = with_papers(settings, batches, partitions, _PAPERS_SECONDS)
    with _interruptible() as stop:
        sent = send_batches(sender, told_first, partitions, pace=Pace(rate), stopped=stop.is_set)
        derived = list[int]()
        planted = write_truth(truth, _truths(sent, derived))
        offsets = sender.finish()
    return Done(sender.acknowledged, planted, offsets, time.perf_counter() - started, sum(derived))


def _truths(batches: Iterable[Batch], derived: list[int]) -> Iterator[Truth]:
    """Yield the truths of batches, and note how many scans each will have derived."""
    for batch in batches:
        derived.append(batch.derived)
        yield from batch.truths


def _only_tell(told: Simulation, truth: Path, bars: Progress) -> Done:
    """Generate a simulation and write its truth."""
    started = time.perf_counter()

    def batches() -> Iterator[Batch]:
        for batch in told.batches():
            bars.advance(bars.task_ids[0], len(batch))
            yield batch

    planted = write_truth(truth, (truth for batch in batches() for truth in batch.truths))
    return Done(int(bars.tasks[0].completed), planted, {}, time.perf_counter() - started)


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Turn Ctrl-C into an orderly end: what was begun is sent and its truth written."""
    stop = threading.Event()
    former = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, former)


@contextmanager
def _progress(total: int) -> Iterator[Progress]:
    named, count = TextColumn("{task.description}"), MofNCompleteColumn()
    columns = (named, BarColumn(), count, TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        bars.add_task("scans", total=total)
        yield bars
