"""The verb `findings`: scheduled questions asked of ClickHouse, and what they find stated through the log."""

import threading
import time
from typing import Annotated, Any

import typer

from analytics.findings import Watch, schedule
from jobs.findings_stated import Look, look_until
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.process_log import keep_log
from jobs.told_to_end import when_told_to_end
from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.metrics import Progress, serve
from pipeline.settings import load_settings

app = typer.Typer(help="Ask the scheduled questions and state what they find.", add_completion=False)

_SILENT_SECONDS = 900.0
Row = dict[str, Any]


@app.callback(invoke_without_command=True)
def findings(
    once: Annotated[bool, typer.Option("--once", help="Ask each question once, and show what was stated.")] = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Ask each question of `analytics/scheduled.toml` at its interval; state what is new and what holds no more.

    The ledger opens, counts and retracts the alerts; see `scanledger alerts`. Until SIGTERM, or once.
    """
    if not once:
        keep_log()
    settings = load_settings()
    check_topics(settings)
    registry.join(settings)
    with open_warehouse(settings) as warehouse:
        look, progress = Look(settings, Watch(warehouse)), Progress(_SILENT_SECONDS)
        if once:
            rows = [row for one in schedule() for row in look.at(one, time.time_ns() // 1_000_000)]
            if rows or as_json or fmt is not Format.TABLE:
                show(rows, as_json=as_json, fmt=fmt, title="stated")
            if not rows:
                note(f"{len(schedule())} questions asked: nothing new, and what was found before still holds.")
            return
        stop = threading.Event()
        when_told_to_end(stop.set)
        port, host = settings.health_port, settings.health_host
        server = serve(port, progress.health, host) if port else None
        look_until(stop, look, progress)
        if server is not None:
            server.close()
