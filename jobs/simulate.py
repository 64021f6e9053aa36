"""The verb `simulate`: supply chains with planted anomalies sent to Kafka, their truth and sites beside."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from jobs.output import Format, FormatOption, JsonOption, note, show
from pipeline.broker.admin import check_topics
from pipeline.broker.send import Sender
from pipeline.settings import load_settings
from pipeline.simulate.plan import Plan
from pipeline.simulate.sending import Pace, send_batches
from pipeline.simulate.simulation import Batch, Simulation, simulate
from pipeline.simulate.truth import write_truth

app = typer.Typer(add_completion=False)


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
    out.mkdir(parents=True, exist_ok=True)
    told.world.write_sites(out / "sites.csv")
    started = time.perf_counter()
    with _interruptible() as stop, _progress(plan.expected_scans(plan.units)) as progress:
        sent = _sent(told, Pace(rate), stop, progress) if send else _only_told(told, stop, progress)
        planted = write_truth(out / "truth.csv", (truth for batch in sent for truth in batch.truths))
    seconds = time.perf_counter() - started
    count = int(progress.tasks[0].completed)
    summary = {
        "scans": count, "units": plan.units, "sites": sites, "planted": planted, "sent": send,
        "seconds": round(seconds, 3), "scans_per_s": round(count / seconds), "out": str(out),
    }  # fmt: skip
    show([summary], as_json=as_json, fmt=fmt)
    note(f"Tell the ledger the sites with: scanledger sites load {out / 'sites.csv'}")


def _sent(told: Simulation, pace: Pace, stop: threading.Event, progress: Progress) -> Iterator[Batch]:
    """Yield the batches as they are sent; at the end the broker has them all."""
    settings = load_settings()
    partitions = check_topics(settings)
    sender = Sender(settings, "scans", lambda count: progress.update(progress.task_ids[0], completed=count))
    batches = told.batches(max(100, int(pace.rate))) if pace.rate else told.batches()
    yield from send_batches(sender, batches, partitions, pace=pace, stopped=stop.is_set)
    sender.finish()


def _only_told(told: Simulation, stop: threading.Event, progress: Progress) -> Iterator[Batch]:
    for batch in told.batches():
        progress.advance(progress.task_ids[0], len(batch))
        yield batch
        if stop.is_set():
            return


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
    columns = (
        TextColumn("simulate"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        progress.add_task("scans", total=total)
        yield progress
