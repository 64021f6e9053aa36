"""The command `scanledger`: a table of verbs, each in its own file, imported only when it is the one asked for.

A verb's file holds `app`, a typer.Typer with the verb's command or commands.
"""

import importlib
import logging
import sys
from importlib.metadata import version
from typing import NamedTuple

import typer

from pipeline.errors import ScanledgerError

ENVIRONMENT_BROKEN = 2


class Verb(NamedTuple):
    """Where a verb lives and what the overview says about it."""

    module: str
    help: str
    panel: str


_STACK, _DATA, _QUESTIONS, _PARTS = "Local stack", "Data in", "Questions and proof", "Parts, for production"

VERBS = {
    "up": Verb("jobs.up", "Start the whole ledger on this machine, its console too.", _STACK),
    "status": Verb("jobs.status", "Show what runs, how it feels and since when.", _STACK),
    "logs": Verb("jobs.logs", "Print or follow the logs.", _STACK),
    "down": Verb("jobs.down", "Stop everything in order.", _STACK),
    "demo": Verb("jobs.demo", "Run 200,000 simulated scans through a stack and show what came of them.", _STACK),
    "import": Verb("jobs.import_files", "Send scans from CSV, NDJSON or Parquet files.", _DATA),
    "import-epcis": Verb("jobs.import_epcis", "Capture EPCIS events from JSON-LD or XML files.", _DATA),
    "simulate": Verb("jobs.simulate", "Generate supply chains with planted anomalies and their truth.", _DATA),
    "scan": Verb("jobs.scan", "Send one scan and print its verdict.", _DATA),
    "expect": Verb("jobs.expect", "Say which units a document expects: ASN, order, count sheet, RMA.", _DATA),
    "agent": Verb("jobs.agent", "Keep a site's lines on disk, and send them when the network allows.", _DATA),
    "keys": Verb("jobs.keys", "Make, list and revoke API keys of the HTTP way in.", _DATA),
    "sites": Verb("jobs.sites", "Load the site table; list sites nobody loaded.", _DATA),
    "lifecycle": Verb("jobs.lifecycle", "Load, check, show or draw a lifecycle.", _DATA),
    "modes": Verb("jobs.modes", "Check, load or show modes of rules: observe, warn or block.", _DATA),
    "document": Verb("jobs.document", "Show what of a document is found, missing, extra or wrong.", _QUESTIONS),
    "identify": Verb("jobs.identify", "Say what a code means: barcode, Digital Link, EPC, IMEI, VIN.", _QUESTIONS),
    "unit": Verb("jobs.unit", "Show one unit's timeline.", _QUESTIONS),
    "dossier": Verb("jobs.dossier", "Write or check all that is known of a unit, signed.", _QUESTIONS),
    "rates": Verb("jobs.rates", "Failure and return rates with their intervals.", _QUESTIONS),
    "report": Verb(
        "jobs.report", "Returns, lead times, stock, damage, label reads … or a list of reports.", _QUESTIONS
    ),
    "erp": Verb("jobs.erp", "Load what an ERP has on hand; see where the ledger differs.", _QUESTIONS),
    "causes": Verb("jobs.causes", "Attribute values whose units fail more than others.", _QUESTIONS),
    "warnings": Verb("jobs.warnings", "Lots that fail more than their item's others.", _QUESTIONS),
    "survival": Verb("jobs.survival", "Share of units not failed, or returned, by each age.", _QUESTIONS),
    "hazard": Verb("jobs.hazard", "Hazard of failing accumulated by each age.", _QUESTIONS),
    "weibull": Verb("jobs.weibull", "Weibull shape, scale and B10 of lifetimes.", _QUESTIONS),
    "mcf": Verb("jobs.mcf", "Failures per unit by each age, every one counted.", _QUESTIONS),
    "logrank": Verb("jobs.logrank", "Whether groups of units fail alike.", _QUESTIONS),
    "statistics": Verb("jobs.statistics", "Survival, Weibull, warranty … of a table of your own.", _QUESTIONS),
    "recall": Verb("jobs.recall", "Recall units and what they were built into; see where they are.", _QUESTIONS),
    "alerts": Verb("jobs.alerts", "List, acknowledge, assign, close and reopen alerts.", _QUESTIONS),
    "owners": Verb("jobs.owners", "Say, show or erase who is behind an owner's pseudonym.", _QUESTIONS),
    "export-epcis": Verb("jobs.export_epcis", "Write what is known as EPCIS 2.0 events.", _QUESTIONS),
    "query": Verb("jobs.query", "Run SQL as a reader.", _QUESTIONS),
    "dictionary": Verb("jobs.dictionary", "What every column of the views says.", _QUESTIONS),
    "dead-letters": Verb("jobs.dead_letters", "List or show records that could not be read.", _QUESTIONS),
    "verify": Verb("jobs.verify", "Prove from the data that every scan is accounted for once.", _QUESTIONS),
    "replay": Verb("jobs.replay", "Fold the whole log again into side tables and compare.", _QUESTIONS),
    "backtest": Verb("jobs.backtest", "Try a lifecycle on the history before it is loaded.", _QUESTIONS),
    "worker": Verb("jobs.worker", "Run one enforcing worker.", _PARTS),
    "sink": Verb("jobs.sink", "Run the sink to ClickHouse.", _PARTS),
    "capture": Verb("jobs.capture", "Take scans over HTTP.", _PARTS),
    "console": Verb("jobs.console", "The ledger in a browser; print a link to sign in.", _PARTS),
    "findings": Verb("jobs.findings", "Ask the scheduled questions and state what they find.", _PARTS),
    "notify": Verb("jobs.notify", "Tell people of alerts, by routes; list and retry deliveries.", _PARTS),
    "clickhouse": Verb("jobs.clickhouse", "Run the embedded ClickHouse server.", _PARTS),
    "topics": Verb("jobs.topics", "Create or check the topics.", _PARTS),
    "migrate": Verb("jobs.migrate", "Move the ClickHouse schema up or down.", _PARTS),
    "retention": Verb("jobs.retention", "Take old months out of ClickHouse, on record.", _PARTS),
    "accept-gap": Verb("jobs.accept_gap", "Go on after input was lost, on record.", _PARTS),
}


def main() -> None:
    """Run the verb named by the first argument; a broken environment is one paragraph and exit code 2."""
    # What clients remark goes to the log of a process that has one; a verb says what matters in its own words.
    for remarking in ("pipeline", "clickhouse_connect"):
        logging.getLogger(remarking).addHandler(logging.NullHandler())
    arguments = sys.argv[1:]
    try:
        if arguments and arguments[0] in VERBS:
            run_verb(arguments[0], arguments[1:])
        else:
            _overview()(arguments, prog_name="scanledger")
    except ScanledgerError as error:
        sys.stderr.write(f"scanledger: {error}\n")
        sys.exit(ENVIRONMENT_BROKEN)
    except KeyboardInterrupt:
        sys.exit(130)


def run_verb(name: str, arguments: list[str]) -> None:
    """Import one verb and run it; raises SystemExit as command lines do."""
    app: typer.Typer = importlib.import_module(VERBS[name].module).app
    app.pretty_exceptions_enable = False
    typer.main.get_command(app)(arguments, prog_name=f"scanledger {name}")


def _overview() -> typer.Typer:
    """Return an app that knows every verb's name and one line about it, without importing any."""
    app = typer.Typer(help="Every scan accounted for.", add_completion=False, no_args_is_help=True)

    @app.callback(invoke_without_command=True)
    def top(show_version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
        if show_version:
            typer.echo(version("scanledger"))

    for name, verb in VERBS.items():
        app.command(name, help=verb.help, rich_help_panel=verb.panel)(lambda: None)
    return app
