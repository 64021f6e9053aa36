"""The verb `capture`: scans taken over HTTP until SIGTERM; settings come from the environment."""

import os

# One core is this process's share; a frame of a few rows gains nothing from threads. Read when polars is imported.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

import typer

from jobs.capture_questions import WarehouseQuestions
from jobs.code_reading import ConventionsOption, LenientOption, code_reader
from jobs.process_log import keep_log
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.capture.epcis import http as epcis
from pipeline.capture.epcis.desk import open_desk
from pipeline.capture.http import document_pages
from pipeline.capture.http.app import build_app
from pipeline.capture.http.open_house import open_house
from pipeline.capture.http.server import serve
from pipeline.faults import arm
from pipeline.metrics import serve as serve_metrics
from pipeline.settings import load_settings

app = typer.Typer(help="Take scans over HTTP.", add_completion=False)


@app.callback(invoke_without_command=True)
def capture(lenient: LenientOption = False, conventions: ConventionsOption = None) -> None:
    """Take scans and EPCIS events over HTTP, answer for them; several may run, on ports of their own.

    SIGTERM: no new requests, those under way are answered, waits end with what there is.
    """
    keep_log()
    settings = load_settings()
    codes = code_reader(lenient, conventions)
    partitions = check_topics(settings)
    registry.join(settings)
    questions, fault = WarehouseQuestions(settings), arm(os.environ.get("SCANLEDGER_FAULT", ""))
    with open_house(settings, partitions, questions, codes, fault) as house, open_desk(settings) as desk:
        port, host = settings.health_port, settings.health_host
        metrics = serve_metrics(port, house.health, host) if port else None
        routes = build_app(
            house, epcis.router(house, desk), document_pages.router(house, settings, partitions, questions.document)
        )
        serve(routes, settings.capture_host, settings.capture_port, closing=house.waits.close)
        if metrics is not None:
            metrics.close()
    questions.close()
