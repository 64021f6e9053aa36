"""python -m bench [NAME …] [--scale 0.1]: runs the benchmarks, prints their figures, writes bench/out/results.json."""

import argparse
import logging
import time
from collections.abc import Callable
from typing import Final

from rich.console import Console

from bench import (
    alarms,
    backtest,
    capture,
    console,
    containers,
    demo,
    identify,
    latency,
    lifetimes,
    many_units,
    plain,
    recall,
    recovery,
    scheduled,
    simulating,
    sink,
    stock,
    telling,
    worker,
)
from bench.ground import Ground, standing
from bench.part import PartFailed
from bench.report import as_markdown, show, write
from bench.worker import Figures
from pipeline.errors import ScanledgerError

BENCHMARKS: Final[dict[str, Callable[[Ground], Figures]]] = {
    "plain": plain.run,
    "simulate": simulating.run,
    "identify": identify.run,
    "worker": worker.run,
    "stock": stock.run,
    "sink": sink.run,
    "backtest": backtest.run,
    "latency": latency.run,
    "notify": telling.run,
    "scheduled": scheduled.run,
    "alarms": alarms.run,
    "containers": containers.run,
    "many-units": many_units.run,
    "recovery": recovery.run,
    "recall": recall.run,
    "lifetimes": lifetimes.run,
    "capture": capture.run,
    "console": console.run,
    "demo": demo.run,
}
"""In the order they run: stock Faust and the sink use what the worker's left on the log, backtest the sink's tables."""

_screen = Console(stderr=True, highlight=False)


def main() -> int:
    """Run what was asked for, everything by default; 1 where something failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run the benchmarks on this machine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full sizes, 0.1 for a quick try")
    parser.add_argument("--table", action="store_true", help="run nothing: print the last figures as README has them")
    chosen = parser.parse_args()
    if chosen.table:
        print(as_markdown() or "nothing has run yet: make bench")  # noqa: T201  for a file, unlike progress
        return 0
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    names = [name for name in BENCHMARKS if name in chosen.names] or list(BENCHMARKS)
    logging.getLogger("pipeline.broker").setLevel(logging.ERROR)  # a broker that has just started is asked again
    begun = time.monotonic()
    try:
        with standing(chosen.scale, lambda text: _say(begun, text)) as ground:
            figures, failed = _run(ground, names)
    except KeyboardInterrupt:
        _screen.print("interrupted; nothing is left running")
        return 130
    file = write(figures, scale=chosen.scale, is_whole=names == list(BENCHMARKS))
    show(figures, Console())
    _say(begun, f"written to {file}")
    return int(failed)


def _run(ground: Ground, names: list[str]) -> tuple[Figures, bool]:
    figures, failed = Figures(), False
    for name in names:
        try:
            figures |= BENCHMARKS[name](ground)
        except (PartFailed, ScanledgerError) as fault:
            failed = True
            _screen.print(f"{name} failed: {fault}", markup=False)
    return figures, failed


def _say(begun: float, text: str) -> None:
    _screen.print(f"{time.monotonic() - begun:7.1f} s  {text}", markup=False)


if __name__ == "__main__":
    raise SystemExit(main())
