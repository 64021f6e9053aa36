"""The verb `rates`: failure and return rates, each with its counts, denominator and 95 % interval."""

from typing import Annotated

import typer

from analytics.rates import Exposure, Group, failure_rates, return_rates
from jobs import arguments
from jobs.output import Format, FormatOption, JsonOption, show
from jobs.retention_said import say_removed
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(help="Failure and return rates with their intervals.", add_completion=False, no_args_is_help=True)

ByOption = Annotated[str, typer.Option("--by", help="Any of item,site,lot,month, joined by commas.")]
ExposureOption = Annotated[Exposure, typer.Option("--exposure", help="The time a unit counts in the denominator.")]


@app.command()
def failure(
    by: ByOption = "",
    exposure: ExposureOption = Exposure.OBSERVED,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Failures per unit-year (365 unit-days), percent, with exact Poisson limits.

    observed: the days from a unit's first to its last scan, both counted. in-service: from its sale (else its
    commissioning) to FAIL, RETIRE, DESTROY or the end of the ledger.
    """
    groups = arguments.words(by, Group)
    with open_warehouse(load_settings()) as warehouse:
        say_removed(warehouse)
        rows = failure_rates(warehouse, groups, exposure)
    columns = [*map(str, groups), "units", "unit_days", "failures", "afr_percent", "afr_low", "afr_high"]
    show(rows, as_json=as_json, fmt=fmt, title=f"failures per unit-year, exposure {exposure}, 95 %", columns=columns)


@app.command("return")
def returns(by: ByOption = "", as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Units ever returned among units ever sold, with Wilson's limits."""
    groups = arguments.words(by, Group)
    with open_warehouse(load_settings()) as warehouse:
        say_removed(warehouse)
        rows = return_rates(warehouse, groups)
    columns = [*map(str, groups), "units", "returns", "rate", "low", "high"]
    show(rows, as_json=as_json, fmt=fmt, title="returned of sold, 95 %", columns=columns)
