"""The verb `report`: the reports there are, and the answer of one."""

from pathlib import Path
from typing import Annotated

import typer

from analytics.answers import Answer
from analytics.reports.reconciliation import reconciled
from analytics.reports.registry import options_of, report_answer, report_named, reports
from analytics.tables.cells import read_table
from analytics.tables.quantities import read_quantities
from jobs import arguments
from jobs.answer_output import show_answer
from jobs.output import Format, FormatOption, JsonOption, show
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(add_completion=False)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Which; without a name they are listed.")]
AsOfOption = Annotated[str, typer.Option("--as-of", help="Ignore scans after this time, ISO 8601.")]
DaysOption = Annotated[
    int | None, typer.Option("--days", min=1, help="dead-stock (180), sell-through (30): how many days.")
]
ErpOption = Annotated[
    Path | None, typer.Option("--erp", metavar="FILE.csv", help="on-hand: compare with item,site,quantity of an ERP.")
]


@app.command()
def report(
    name: NameArgument = "",
    as_of: AsOfOption = "",
    days: DaysOption = None,
    erp: ErpOption = None,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Answer one of the reports, with what was left out and why; without a name, list them."""
    if not name:
        show(
            [{"name": one.name, "question": one.question, "view": one.view} for one in reports()],
            as_json=as_json,
            fmt=fmt,
        )
        return
    show_answer(_answer(name, as_of, days, erp), as_json=as_json, fmt=fmt)


def _answer(name: str, as_of: str, days: int | None, erp: Path | None) -> Answer:
    moment = arguments.as_of(as_of)
    options = {} if days is None else {"days": days}
    try:
        options_of(report_named(name), options)
    except (KeyError, ValueError) as error:
        raise typer.BadParameter(str(error.args[0])) from error
    if erp is not None and name != "on-hand":
        message = f"--erp goes with on-hand, not with {name}"
        raise typer.BadParameter(message)
    quantities = None if erp is None else read_quantities(read_table(erp))
    with open_warehouse(load_settings()) as warehouse:
        answer = report_answer(warehouse, name, moment, options)
    return answer if quantities is None else reconciled(answer, quantities)
