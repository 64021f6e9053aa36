"""What the verbs survival, hazard, weibull, mcf and logrank share: whose lifetimes, and how the answer is printed.

app = lifetime_verb(Statistic.SURVIVAL, "…")
"""

from typing import Annotated

import typer

from analytics.ledger_answers import Statistic, Wanted, ledger_answer
from analytics.lifetimes import Asked, Ending, Origin
from analytics.rates import Exposure, Group
from jobs import arguments
from jobs.answer_output import show_answer
from jobs.output import Format, FormatOption, JsonOption
from jobs.warehouse import open_warehouse
from pipeline.settings import load_settings

COHORTS = ",".join(Group)
ByOption = Annotated[str, typer.Option("--by", help=f"Any of {COHORTS}, joined by commas: one curve each.")]
OriginOption = Annotated[Origin, typer.Option("--origin", help="Where age 0 is.")]
ExposureOption = Annotated[
    Exposure, typer.Option("--exposure", help="Until the end of the ledger, or until a unit was last seen.")
]
EventOption = Annotated[Ending, typer.Option("--event", help="The event; whatever else ends a unit censors it.")]
AsOfOption = Annotated[str, typer.Option("--as-of", help="Ignore scans after this time, ISO 8601.")]
LevelOption = Annotated[float, typer.Option("--level", help="Of all limits.")]
FromAgeOption = Annotated[float, typer.Option("--from-age", min=0, help="Given survival to this age in days.")]
IncidenceOption = Annotated[
    bool,
    typer.Option("--cumulative-incidence", help="The share that does fail, RETIRE, DESTROY and REPLACE competing."),
]


def asked_for(by: str, origin: Origin, exposure: Exposure, event: Ending, as_of: str) -> Asked:  # noqa: PLR0913, PLR0917
    """Return the question as analytics take it; raises typer.BadParameter."""
    return Asked(arguments.words(by, Group), origin, exposure, event, arguments.as_of(as_of))


def check_level(level: float) -> None:
    """Raise typer.BadParameter where a level is none."""
    if not 0 < level < 1:
        message = f"--level is between 0 and 1, as 0.95, not {level:g}"
        raise typer.BadParameter(message)


def show_statistic(asked: Asked, wanted: Wanted, *, as_json: bool, fmt: Format) -> None:
    """Ask the warehouse and print the answer."""
    check_level(wanted.level)
    if wanted.statistic is Statistic.LOGRANK and not asked.by:
        message = f"--by names the groups to compare: any of {COHORTS}"
        raise typer.BadParameter(message)
    with open_warehouse(load_settings()) as warehouse:
        answer = ledger_answer(warehouse, asked, wanted)
    show_answer(answer, as_json=as_json, fmt=fmt)


def lifetime_verb(statistic: Statistic, about: str) -> typer.Typer:
    """Return the app of a verb that takes no more than whose lifetimes and the level."""
    app = typer.Typer(add_completion=False)

    @app.command(help=about)
    def verb(  # noqa: PLR0913, PLR0917  one parameter per option
        by: ByOption = "",
        origin: OriginOption = Origin.SOLD,
        exposure: ExposureOption = Exposure.OBSERVED,
        event: EventOption = Ending.FAIL,
        as_of: AsOfOption = "",
        level: LevelOption = 0.95,
        as_json: JsonOption = False,
        fmt: FormatOption = Format.TABLE,
    ) -> None:
        show_statistic(
            asked_for(by, origin, exposure, event, as_of), Wanted(statistic, level), as_json=as_json, fmt=fmt
        )

    return app
