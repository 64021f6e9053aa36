"""The verb `survival`: the share of units that have not failed by each age, or the share that does fail."""

import typer

from analytics.ledger_answers import Statistic, Wanted
from analytics.lifetimes import Ending, Origin
from analytics.rates import Exposure
from jobs import lifetime_verb as asking
from jobs.output import Format, FormatOption, JsonOption

app = typer.Typer(add_completion=False)


@app.command()
def survival(  # noqa: PLR0913, PLR0917  one parameter per option
    by: asking.ByOption = "",
    origin: asking.OriginOption = Origin.SOLD,
    exposure: asking.ExposureOption = Exposure.OBSERVED,
    event: asking.EventOption = Ending.FAIL,
    as_of: asking.AsOfOption = "",
    level: asking.LevelOption = 0.95,
    from_age: asking.FromAgeOption = 0.0,
    cumulative_incidence: asking.IncidenceOption = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Kaplan-Meier survival to the first failure (or return), in days.

    1 - survival is the share failed if nothing else ended the unit; --cumulative-incidence is the share that does fail.
    """
    wanted = Wanted(Statistic.SURVIVAL, level, from_age, cumulative_incidence)
    asking.show_statistic(asking.asked_for(by, origin, exposure, event, as_of), wanted, as_json=as_json, fmt=fmt)
