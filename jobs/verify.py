"""The verb `verify`: the proof, from the data, that every scan is accounted for once and decided as the rules say."""

import json
import sys
from typing import Annotated

import typer

from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.settings import load_settings

app = typer.Typer(help="Prove from the data that every scan is accounted for once.", add_completion=False)

BROKEN = 1

RepairOption = Annotated[
    bool, typer.Option("--repair", help="First insert what ClickHouse has lost and the topics still hold.")
]
TimeoutOption = Annotated[float, typer.Option("--timeout", min=0, help="Seconds to wait for worker and sink.")]


@app.callback(invoke_without_command=True)
def verify(
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
    repair: RepairOption = False,
    timeout: TimeoutOption = 60.0,
) -> None:
    """Check ordinals, offsets, streams, units and a fresh fold; exit 0 where all is well, else 1."""
    from pipeline.proof.verify import Ledger  # noqa: PLC0415  the rules take seconds to load: not for --help
    from pipeline.proof.verify import verify as prove  # noqa: PLC0415

    settings = load_settings()
    registry.join(settings)
    with open_warehouse(settings) as warehouse:
        report = prove(Ledger(settings, warehouse, timeout, note), with_repair=repair)
    if as_json or fmt is Format.JSON:
        removed = [one.text() for one in report.removed.values()]
        found = {"ok": report.is_ok, "repaired": report.repaired, "removed": removed, "checks": report.rows()}
        sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    else:
        show(report.rows(), fmt=fmt, columns=["check", "proves", "compared", "problems", "listed"])
        for removal in report.removed.values():
            note(f"{removal.text()}; it is not folded afresh.")
        for result in report.results.values():
            for example in result.examples:
                note(example)
        if repair:
            note(f"{report.repaired:,} missing or changed rows inserted again.")
        note("Every scan is accounted for." if report.is_ok else "NOT every scan is accounted for: see above.")
    if not report.is_ok:
        raise typer.Exit(BROKEN)
