"""The verb `causes`: which values of which attributes go with failing."""

from typing import Annotated

import typer

from analytics.causes import ATTRIBUTES, AskedCauses, causes_answer
from analytics.lifetimes import Ending, Origin
from analytics.rates import Exposure
from jobs import arguments
from jobs import lifetime_verb as asking
from jobs.answer_output import show_answer
from jobs.output import Format, FormatOption, JsonOption
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

app = typer.Typer(add_completion=False)

_ATTRIBUTES = ",".join(ATTRIBUTES)
AttributesOption = Annotated[
    str,
    typer.Option("--attributes", help="lot, site (of the first scan), month (of the origin), or names of attributes."),
]
ItemsOption = Annotated[str, typer.Option("--items", help="Of these items alone, joined by commas.")]


@app.command()
def causes(  # noqa: PLR0913, PLR0917  one parameter per option
    attributes: AttributesOption = _ATTRIBUTES,
    items: ItemsOption = "",
    origin: asking.OriginOption = Origin.SOLD,
    exposure: asking.ExposureOption = Exposure.OBSERVED,
    event: asking.EventOption = Ending.FAIL,
    as_of: asking.AsOfOption = "",
    level: asking.LevelOption = 0.95,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Attribute values whose units fail more than those without them, item and age alike.

    Each value's first failures against those expected of its unit-days; discoveries at a false-discovery rate of 5 %,
    the most certain first. Values of the same failures are shown as one.
    """
    asking.check_level(level)
    lifetimes = asking.asked_for("", origin, exposure, event, as_of)
    asked = AskedCauses(lifetimes, arguments.texts(attributes), arguments.texts(items))
    with open_warehouse(load_settings()) as warehouse:
        answer = causes_answer(warehouse, asked, level)
    show_answer(answer, as_json=as_json, fmt=fmt)
