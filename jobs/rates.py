"""The verb `rates`: failure, return and damage rates, each with its counts, denominator and 95 % interval."""

from typing import Annotated

import typer

from analytics.questions import Row
from analytics.rate_answers import AskedRate, RateKind, rate_answer
from analytics.rates import Exposure, Group
from jobs import arguments
from jobs.answer_output import note_beside, show_answer
from jobs.output import Format, FormatOption, JsonOption, show
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
WholeOption = Annotated[
    bool,
    typer.Option("--whole", help="One JSON object: until when it counts, what was left out and why, rows unrounded."),
]
_DECIMALS = {"percent": 4, "share": 6}
"""Of rows by themselves, by a column's unit; the whole answer is unrounded."""


@app.command()
def failure(  # noqa: PLR0913, PLR0917  one parameter per option
    by: ByOption = "",
    exposure: ExposureOption = Exposure.OBSERVED,
    as_of: AsOfOption = "",
    whole: WholeOption = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Failures per unit-year (365 unit-days), percent, with exact Poisson limits.

    observed: the days from a unit's first to its last scan, both counted. in-service: from its sale (else its
    commissioning) to FAIL, RETIRE, DESTROY or the end of the ledger. A thing relabelled is one unit, its present one.
    """
    asked = AskedRate(RateKind.FAILURE, arguments.words(by, Group), exposure, as_of=arguments.as_of(as_of))
    title = f"failures per unit-year, exposure {exposure}, 95 %"
    _show(asked, title, whole=whole, as_json=as_json, fmt=fmt)


@app.command("return")
def returns(  # noqa: PLR0913, PLR0917  one parameter per option
    by: ByOption = "",
    within: WithinOption = "",
    as_of: AsOfOption = "",
    whole: WholeOption = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Units ever returned among units ever sold, with Wilson's limits; --within 30,90,365 asks for soon ones."""
    asked = AskedRate(RateKind.RETURN, arguments.words(by, Group), within=_days(within), as_of=arguments.as_of(as_of))
    _show(asked, "returned of sold, 95 %", whole=whole, as_json=as_json, fmt=fmt)


@app.command()
def damage(
    by: ByOption = "",
    as_of: AsOfOption = "",
    whole: WholeOption = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Units ever found damaged (condition or flag `damaged`) among those seen where conditions are ever stated."""
    asked = AskedRate(RateKind.DAMAGE, arguments.words(by, Group), as_of=arguments.as_of(as_of))
    _show(asked, "damaged of those seen where conditions are stated, 95 %", whole=whole, as_json=as_json, fmt=fmt)


app.command("failures", hidden=True)(failure)
app.command("returns", hidden=True)(returns)


def _show(asked: AskedRate, title: str, *, whole: bool, as_json: bool, fmt: Format) -> None:
    """Print the whole answer, or its rows on stdout with the rest of it on stderr; raises typer.BadParameter."""
    if whole and not as_json and fmt not in {Format.TABLE, Format.JSON}:
        message = f"--whole is one JSON object, and no {fmt}: leave out one of the two"
        raise typer.BadParameter(message)
    with open_warehouse(load_settings()) as warehouse:
        answer = rate_answer(warehouse, asked)
    if whole:
        show_answer(answer, as_json=True, fmt=fmt)
        return
    note_beside(answer)
    units = {column["name"]: column["unit"] for column in answer["columns"]}
    show([_rounded(row, units) for row in answer["rows"]], as_json=as_json, fmt=fmt, title=title, columns=list(units))


def _rounded(row: Row, units: Row) -> Row:
    return {
        name: round(value, _DECIMALS[units[name]]) if isinstance(value, float) else value for name, value in row.items()
    }


def _days(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if not part.isascii() or not part.isdigit() or not 1 <= int(part) <= 36_500:  # noqa: PLR2004  a century
            message = f"{part!r} is no number of days, 1 to 36500; the form is 30,90,365"
            raise typer.BadParameter(message)
    return list(dict.fromkeys(int(part) for part in parts))
