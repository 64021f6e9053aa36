"""The verb `warnings`: lots that fail more than their item's other lots."""

from typing import Annotated

import typer

from analytics.early_warnings import MOST_DAYS, WATCHED_DAYS, AskedWarnings, warnings_answer
from analytics.lifetimes import Ending, Origin
from analytics.rates import Exposure
from jobs import arguments
from jobs import lifetime_verb as asking
from jobs.answer_output import show_answer
from jobs.causes import ItemsOption
from jobs.output import Format, FormatOption, JsonOption
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(add_completion=False)

DaysOption = Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help="How many last days are looked at.")]


@app.command()
def warnings(  # noqa: PLR0913, PLR0917  one parameter per option
    items: ItemsOption = "",
    days: DaysOption = WATCHED_DAYS,
    origin: asking.OriginOption = Origin.SOLD,
    exposure: asking.ExposureOption = Exposure.OBSERVED,
    event: asking.EventOption = Ending.FAIL,
    as_of: asking.AsOfOption = "",
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Lots that fail more than their item's other lots, and since when: a daily CUSUM, on days failures became known.

    A healthy ledger raises at most one alarm per 90 days, all its lots together.
    """
    asked = AskedWarnings(asking.asked_for("", origin, exposure, event, as_of), arguments.texts(items), days)
    with open_warehouse(load_settings()) as warehouse:
        answer = warnings_answer(warehouse, asked)
    show_answer(answer, as_json=as_json, fmt=fmt)
