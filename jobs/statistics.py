"""The verb `statistics`: the ledger's statistics on a table of one's own, to check them against a textbook."""

from collections.abc import Mapping
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from analytics.answers import Answer, curve_answer, log_rank_answer, mcf_answer, weibull_answer
from analytics.nevada_answer import Asked, nevada_answer
from analytics.statistics.nevada import Timing
from analytics.tables.cells import read_table
from analytics.tables.lifetimes import Columns, read_lifetimes, tables_by_group
from analytics.tables.nevada_rows import read_triangle
from analytics.tables.recurrence_rows import ended_at_last_event, histories_by_group
from jobs.answer_output import show_answer
from jobs.output import Format, FormatOption, JsonOption, note

app = typer.Typer(add_completion=False)


class Kind(StrEnum):
    """What may be asked of a table."""

    SURVIVAL = "survival"
    HAZARD = "hazard"
    MCF = "mcf"
    WEIBULL = "weibull"
    LOGRANK = "logrank"
    NEVADA = "nevada"


_NEEDED = {
    Kind.MCF: ("--time", "--event", "--unit"),
    Kind.LOGRANK: ("--time", "--event", "--group"),
    Kind.NEVADA: (),
}
_CONDITIONED = {"--from-age": (Kind.SURVIVAL, Kind.HAZARD), "--cumulative-incidence": (Kind.SURVIVAL,)}

KindArgument = Annotated[Kind, typer.Argument(metavar="KIND", help=f"One of {', '.join(Kind)}.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE.csv", help="A CSV file in UTF-8 with a header.")]
TimeOption = Annotated[str, typer.Option("--time", metavar="COL", help="Age at the event or at the end.")]
EventOption = Annotated[str, typer.Option("--event", metavar="COL", help="1/true: failed; 0/false: not.")]
EntryOption = Annotated[str, typer.Option("--entry", metavar="COL", help="Age from which it was at risk; blank is 0.")]
GroupOption = Annotated[str, typer.Option("--group", metavar="COL", help="One curve, fit or side of a test per value.")]
UnitOption = Annotated[
    str, typer.Option("--unit", metavar="COL", help="mcf: whose event or end the row is; elsewhere each row is a unit.")
]
WeightOption = Annotated[str, typer.Option("--weight", metavar="COL", help="How many equal rows the row stands for.")]
LevelOption = Annotated[float, typer.Option("--level", help="Of all limits.")]
IncidenceOption = Annotated[
    bool, typer.Option("--cumulative-incidence", help="survival: the share that does fail; event 2 is a competing end.")
]
FromAgeOption = Annotated[
    float, typer.Option("--from-age", min=0, help="survival, hazard: given survival to this age.")
]
TimingOption = Annotated[Timing, typer.Option("--timing", help="nevada: within (k, k + 1], or exactly at k.")]
CostOption = Annotated[
    float | None, typer.Option("--cost-per-return", min=0, help="nevada: reserve = forecast × this.")
]
PeriodsOption = Annotated[int, typer.Option("--periods", min=1, max=1200, help="nevada: how many periods ahead.")]


@app.command()
def statistics(  # noqa: PLR0913, PLR0917  one parameter per option
    kind: KindArgument,
    file: FileArgument,
    time: TimeOption = "",
    event: EventOption = "",
    entry: EntryOption = "",
    group: GroupOption = "",
    unit: UnitOption = "",
    weight: WeightOption = "",
    level: LevelOption = 0.95,
    cumulative_incidence: IncidenceOption = False,
    from_age: FromAgeOption = 0.0,
    timing: TimingOption = Timing.INTERVAL,
    cost_per_return: CostOption = None,
    periods: PeriodsOption = 12,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Work out survival, hazard, mcf, weibull, logrank or nevada for a table of one's own.

    A unit is at risk at t where entry < t <= time; at equal t events come before censorings. nevada reads columns by
    their place: ship period, quantity, then returns per period, blank for not yet.
    """
    named = {"--time": time, "--event": event, "--entry": entry, "--group": group, "--unit": unit, "--weight": weight}
    _check_numbers(level, {"--from-age": from_age, "--cost-per-return": cost_per_return or 0.0})
    _check(kind, named, {"--from-age": from_age > 0, "--cumulative-incidence": cumulative_incidence})
    if unit and kind is not Kind.MCF:
        note(f"--unit goes with mcf alone: {kind} takes each row for a unit of its own")
    if kind is Kind.NEVADA:
        asked = Asked(timing, level, periods, cost_per_return)
        answer = nevada_answer(read_triangle(read_table(file), timing), asked, {})
    else:
        unit_column = unit if kind is Kind.MCF else None
        columns = Columns(time, event, entry or None, group or None, unit_column, weight or None)
        answer = _answer(kind, file, columns, (level, cumulative_incidence, from_age))
    show_answer(answer, as_json=as_json, fmt=fmt)


def _answer(kind: Kind, file: Path, columns: Columns, asked: tuple[float, bool, float]) -> Answer:
    level, incidence, from_age = asked
    lives = read_lifetimes(read_table(file), columns, competing=incidence)
    excluded = {"zero_weight": lives.zero_weight}
    if kind is Kind.MCF:
        answer = mcf_answer(histories_by_group(file, lives, columns), excluded, level)
        return answer | {"ended_at_last_event": ended_at_last_event(lives)}
    groups = tables_by_group(lives)
    if kind is Kind.WEIBULL:
        return weibull_answer(groups, excluded, level)
    if kind is Kind.LOGRANK:
        return log_rank_answer(groups, excluded, level)
    return curve_answer("cumulative_incidence" if incidence else str(kind), groups, excluded, level, from_age)


def _check_numbers(level: float, finite: Mapping[str, float]) -> None:
    """Raise typer.BadParameter where a number is out of its range."""
    if not 0 < level < 1:
        message = f"--level is between 0 and 1, as 0.95, not {level:g}"
        raise typer.BadParameter(message)
    for option, number in finite.items():
        if not isfinite(number):
            message = f"{option} is a finite number from 0, as 12.5, not {number:g}"
            raise typer.BadParameter(message)


def _check(kind: Kind, columns: Mapping[str, str], conditions: Mapping[str, bool]) -> None:
    """Raise typer.BadParameter where the options do not go together."""
    given = [option for option, column in columns.items() if column]
    missing = [option for option in _NEEDED.get(kind, ("--time", "--event")) if option not in given]
    if missing:
        message = f"{kind} needs {' and '.join(missing)}: which column of the file holds it"
        raise typer.BadParameter(message)
    if kind is Kind.NEVADA and given:
        message = f"nevada reads its columns by their place (ship period, quantity, returns): no {', '.join(given)}"
        raise typer.BadParameter(message)
    for option, is_given in conditions.items():
        if is_given and kind not in _CONDITIONED[option]:
            message = f"{option} goes with {' and '.join(_CONDITIONED[option])}, not with {kind}"
            raise typer.BadParameter(message)
