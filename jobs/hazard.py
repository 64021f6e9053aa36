"""The verb `hazard`: the hazard accumulated by each age."""

import typer

from analytics.ledger_answers import Statistic, Wanted
from analytics.lifetimes import Ending, Origin
from analytics.rates import Exposure
from jobs import lifetime_verb as asking
from jobs.output import Format, FormatOption, JsonOption

app = typer.Typer(add_completion=False)


@app.command()
def hazard(  # noqa: PLR0913, PLR0917  one parameter per option
    by: asking.ByOption = "",
    origin: asking.OriginOption = Origin.SOLD,
    exposure: asking.ExposureOption = Exposure.OBSERVED,
    event: asking.EventOption = Ending.FAIL,
    as_of: asking.AsOfOption = "",
    level: asking.LevelOption = 0.95,
    from_age: asking.FromAgeOption = 0.0,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Nelson-Aalen hazard of the first failure, accumulated by each age."""
    wanted = Wanted(Statistic.HAZARD, level, from_age)
    asking.show_statistic(asking.asked_for(by, origin, exposure, event, as_of), wanted, as_json=as_json, fmt=fmt)
