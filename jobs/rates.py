"""The verb `rates`: failure, return and damage rates, each with its counts, denominator and 95 % interval."""

import json
from typing import Annotated

import typer

from analytics.rate_answers import AskedRate, RateKind, rate_answer
from analytics.rates import Exposure, Group
from jobs import arguments
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.retention_said import say_removed
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(
    help="Failure, return and damage rates with their intervals.", add_completion=False, no_args_is_help=True
)

ByOption = Annotated[str, typer.Option("--by", help=f"Any of {','.join(Group)}, joined by commas.")]
ExposureOption = Annotated[Exposure, typer.Option("--exposure", help="The time a unit counts in the denominator.")]
AsOfOption = Annotated[str, typer.Option("--as-of", help="Ignore scans after this time, ISO 8601.")]
WithinOption = Annotated[
    str, typer.Option("--within", metavar="DAYS", help="Returns so soon after the sale, as 30,90,365.")
]


@app.command()
def failure(
    by: ByOption = "",
    exposure: ExposureOption = Exposure.OBSERVED,
    as_of: AsOfOption = "",
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Failures per unit-year (365 unit-days), percent, with exact Poisson limits.

    observed: the days from a unit's first to its last scan, both counted. in-service: from its sale (else its
    commissioning) to FAIL, RETIRE, DESTROY or the end of the ledger.
    """
    asked = AskedRate(RateKind.FAILURE, arguments.words(by, Group), exposure, as_of=arguments.as_of(as_of))
    _show(asked, f"failures per unit-year, exposure {exposure}, 95 %", as_json=as_json, fmt=fmt)


@app.command("return")
def returns(
    by: ByOption = "",
    within: WithinOption = "",
    as_of: AsOfOption = "",
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Units ever returned among units ever sold, with Wilson's limits; --within 30,90,365 asks for soon ones."""
    asked = AskedRate(RateKind.RETURN, arguments.words(by, Group), within=_days(within), as_of=arguments.as_of(as_of))
    _show(asked, "returned of sold, 95 %", as_json=as_json, fmt=fmt)


@app.command()
def damage(
    by: ByOption = "", as_of: AsOfOption = "", as_json: JsonOption = False, fmt: FormatOption = Format.TABLE
) -> None:
    """Units ever found damaged (condition or flag `damaged`) among all units, with Wilson's limits."""
    asked = AskedRate(RateKind.DAMAGE, arguments.words(by, Group), as_of=arguments.as_of(as_of))
    _show(asked, "damaged of all, 95 %", as_json=as_json, fmt=fmt)


app.command("failures", hidden=True)(failure)
app.command("returns", hidden=True)(returns)


def _show(asked: AskedRate, title: str, *, as_json: bool, fmt: Format) -> None:
    """Print the rows on stdout; until when they count, and what was left out, on stderr."""
    with open_warehouse(load_settings()) as warehouse:
        say_removed(warehouse)
        answer = rate_answer(warehouse, asked)
    for name in ("data_end", "p95_delay_seconds", "excluded", "reason"):
        if answer[name] not in ({}, "", None):
            note(f"{name}: {json.dumps(answer[name])}")
    show(answer["rows"], as_json=as_json, fmt=fmt, title=title, columns=answer["columns"])


def _days(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if not part.isascii() or not part.isdigit() or not 1 <= int(part) <= 36_500:  # noqa: PLR2004  a century
            message = f"{part!r} is no number of days, 1 to 36500; the form is 30,90,365"
            raise typer.BadParameter(message)
    return list(dict.fromkeys(int(part) for part in parts))
