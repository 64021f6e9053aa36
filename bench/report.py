"""The figures as a table with their aims, and as bench/out/results.json."""

import json
import os
import platform
import time
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from bench.worker import Figures

RESULTS: Final = Path(__file__).parent / "out" / "results.json"


class Line(NamedTuple):
    """One figure: its key, what it is, and the limit it is meant to keep (None: none)."""

    key: str
    what: str
    least: float | None = None
    most: float | None = None


LINES: Final = (
    Line("worker_cpu_us_per_scan", "worker: CPU microseconds per scan", most=7.0),
    Line("worker_scans_per_s", "worker: scans a second"),
    Line("peak_rss_mb", "worker: peak memory, MB", most=1500.0),
    Line("stock_faust_cpu_us_per_scan", "stock Faust, the same rules: CPU microseconds per scan"),
    Line("stock_to_worker", "  times as much as the worker", least=40.0),
    Line("plain_decode_cpu_us_per_scan", "fastavro alone, decoding: CPU microseconds per scan"),
    Line("plain_job_cpu_us_per_scan", "the rules in plain Python, no Kafka: CPU microseconds per scan"),
    Line("plain_job_to_worker", "  times as much as the worker"),
    Line("few_units_cpu_us_per_scan", "worker with few units known: CPU microseconds per scan"),
    Line("many_units_cpu_us_per_scan", "worker with many units known: CPU microseconds per scan"),
    Line("ratio_many_units", "  many to few", most=1.5),
    Line("latency_p50_ms", "append of a scan to its verdict at a reader, median, ms"),
    Line("latency_p99_ms", "  99 of 100 within, ms", most=200.0),
    Line("notify_p50_ms", "append of a scan that opens an alert to a receiver's first byte, median, ms"),
    Line("notify_p99_ms", "  99 of 100 within, ms", most=2000.0),
    Line("finding_p50_s", "an overdue transit to a receiver's first byte, asked every 60 s, median, s"),
    Line("finding_most_s", "  the longest of 90, s", most=62.0),
    Line("alarms_clean_scans", "clean scans, 2 % of them late"),
    Line("alarms_opened_per_million", "  alerts opened on a million of them, those a late scan explains among them"),
    Line("alarms_false_per_million", "  alerts that stay open: false alarms per million clean scans"),
    Line("containers_move_s", "pallet of 5 levels, 20,000 units: its scan to the last verdict in it, s", most=5.0),
    Line("containers_derived_scans", "  derived scans"),
    Line("containers_others_p99_ms", "  other scans meanwhile, append to verdict: 99 of 100 within, ms", most=400.0),
    Line("recovery_s", "take-over of all units onto an empty disk, s", most=30.0),
    Line("recovery_unit_bytes", "  bytes of a unit there"),
    Line("recovery_peak_rss_mb", "  peak memory, MB", most=1500.0),
    Line("sink_cpu_us_per_row", "sink: CPU microseconds per row"),
    Line("sink_rows_per_s", "sink: rows a second"),
    Line("clickhouse_cpu_us_per_row", "embedded ClickHouse: CPU microseconds per row"),
    Line("capture_scans_per_s", "capture: scans a second over HTTP, on one core", least=20_000.0),
    Line("capture_cpu_us_per_scan", "  CPU microseconds per scan"),
    Line("capture_wait_p50_ms", "a scan sent over HTTP to its verdict as the answer, median, ms"),
    Line("capture_wait_p99_ms", "  99 of 100 within, ms", most=300.0),
    Line("console_unit_p95_ms", "console, page of a unit at many units: 95 of 100 seen within, ms", most=300.0),
    Line("console_unit_whole_p95_ms", "  the whole page, ms"),
    Line("console_now_p95_ms", "  page Now, ms", most=1000.0),
    Line("backtest_cpu_us_per_scan", "backtest: CPU microseconds per scan, ClickHouse's included", most=10.0),
    Line("backtest_s", "  of all scans, s"),
    Line("simulate_scans_per_s", "simulator: scans a second", least=100_000.0),
    Line("identify_strings_per_s", "element strings identified a second, one core", least=50_000.0),
    Line("identify_cpu_us_per_string", "  CPU microseconds per string"),
    Line("identify_alone_cpu_us_per_string", "  the same one by one: CPU microseconds per string"),
    Line("identify_alone_to_many", "  times as much as many at once"),
    Line("recall_s", "recall of 1,000,000 seeds over 5,000,000 edges of 5 levels, with the split, s", most=3.0),
    Line("recall_cpu_s", "  processor seconds, ClickHouse's included"),
    Line("recall_to_reading", "  times as much as reading one number per unit"),
    Line("recall_described_s", "  with predicates that describe it, s"),
    Line("survival_s", "survival of 10,000,000 units in service, with the ledger's end, s", most=5.0),
    Line("hazard_s", "  hazard, s", most=5.0),
    Line("logrank_s", "  log-rank by item, s", most=5.0),
    Line("weibull_s", "  Weibull, s", most=5.0),
    Line("mcf_s", "  mean cumulative function, s", most=5.0),
    Line("survival_cpu_s", "  survival: processor seconds, ClickHouse's included"),
    Line("survival_to_reading", "  times as much as reading one number per unit"),
    Line("survival_observed_s", "survival of units observed, over 40,000,000 scans, s", most=10.0),
    Line("survival_first_seen_s", "  from the first sight, s", most=10.0),
    Line("survival_observed_cpu_s", "  processor seconds, ClickHouse's included"),
    Line("demo_s", "scanledger demo, s", most=90.0),
)


def write(figures: Figures, *, scale: float, is_whole: bool) -> Path:
    """Write the figures; those of some benchmarks only replace their own. Returns the file."""
    known: Figures = {} if is_whole or not RESULTS.exists() else json.loads(RESULTS.read_text())
    _relate(figures, "stock_to_worker", "stock_faust_cpu_us_per_scan")
    _relate(figures, "plain_job_to_worker", "plain_job_cpu_us_per_scan")
    known |= figures
    cores = os.cpu_count()
    known["run"] = {"scale": scale, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "cores": cores,
                    "python": platform.python_version(), "machine": platform.machine()}  # fmt: skip
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({key: _rounded(value) for key, value in known.items()}, indent=2) + "\n")
    return RESULTS


def show(figures: Figures, console: Console) -> None:
    """Print what was measured, with the aims, and the worker's stages."""
    table = Table("figure", "measured", "aim", "", title="Scanledger's benchmark")
    for line in LINES:
        if line.key in figures:
            table.add_row(line.what, _text(figures[line.key]), _aim(line), _verdict(line, figures[line.key]))
    console.print(table)
    if "stages" in figures:
        stages = Table("stage of the worker", "CPU microseconds per scan")
        for name, value in figures["stages"].items():
            stages.add_row(name, f"{value:.2f}")
        console.print(stages)


def as_markdown() -> str:
    """Return the figures of the last runs as README's table, their keys beside them; empty where nothing has run."""
    known: Figures = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    rows = [(line, _text(known[line.key]), _aim(line)) for line in LINES if line.key in known]
    told = [f"| {line.what.strip()} (`{line.key}`) | {measured} | {aim} |" for line, measured, aim in rows]
    return "\n".join(["| figure | measured | aim |", "|---|---|---|", *told]) if told else ""


def _relate(figures: Figures, key: str, to_worker: str) -> None:
    """Add a ratio where both were measured in this run: on a noisy machine no other would mean anything."""
    if figures.get(to_worker) and figures.get("worker_cpu_us_per_scan"):
        figures[key] = figures[to_worker] / figures["worker_cpu_us_per_scan"]


def _rounded(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value


def _text(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.2f}"


def _aim(line: Line) -> str:
    if line.most is not None:
        return f"at most {line.most:,.4g}"
    return "" if line.least is None else f"at least {line.least:,.6g}"


def _verdict(line: Line, value: float | None) -> str:
    if value is None or (line.most is None and line.least is None):
        return ""
    is_met = (line.most is None or value <= line.most) and (line.least is None or value >= line.least)
    return "met" if is_met else "missed"
