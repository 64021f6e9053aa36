"""Statistics as the objects that people and programs read: plain numbers, unrounded, None where undefined.

Every answer begins {kind, level, method, n, events, excluded}, and has a reason where no unit counts; the same
functions serve tables of one's own and the ledger, so that one can be checked against the other.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from analytics.statistics import cumulative_incidence, hazard, log_rank, recurrences, survival, weibull_fit
from analytics.statistics.age_table import AgeTable, RiskSets, Stop, from_age
from analytics.statistics.arrays import Floats
from analytics.statistics.probability_plot import plot_points
from analytics.statistics.survival import Curve
from analytics.statistics.weibull_likelihood import Sample, sample_of

Answer = dict[str, Any]
Groups = Mapping[str | None, AgeTable]

_CURVES: dict[str, tuple[Callable[[AgeTable, float], Curve], str, str]] = {
    "survival": (survival.kaplan_meier, "survival", survival.METHOD),
    "hazard": (hazard.nelson_aalen, "cumulative_hazard", hazard.METHOD),
    "cumulative_incidence": (
        cumulative_incidence.aalen_johansen,
        "cumulative_incidence",
        cumulative_incidence.METHOD,
    ),
}


def curve_answer(kind: str, groups: Groups, excluded: Mapping[str, int], level: float, start: float = 0.0) -> Answer:
    """Return the points of a curve, one per distinct exit time and group.

    Args:
        kind: survival, hazard or cumulative_incidence.
        groups: Units by age, by group.
        excluded: What was left out, and how often.
        level: Of the limits.
        start: The curve is given survival to this age; units that left before are excluded.
    """
    estimate, column, method = _CURVES[kind]
    kept, gone = _from_age(groups, start)
    curves = {group: estimate(table, level) for group, table in kept.items()}
    shown = {**excluded, "ended_before_from_age": gone} if start else dict(excluded)
    points = [point for group, curve in curves.items() for point in _points(group, curve, column)]
    stops = [_stopped(group, curve.stop) for group, curve in curves.items() if curve.stop is not None]
    head = _head(kind, level, method, kept, shown)
    told = {"from_age": start, "starts": _starts(kept), "stops": stops, "reason": _reason(head), "points": points}
    return head | told


def log_rank_answer(groups: Groups, excluded: Mapping[str, int], level: float) -> Answer:
    """Return the log-rank test of the groups against each other."""
    test = log_rank.log_rank(list(groups.values()))
    rows = [
        {"group": group, "n": plain(table.entered.sum()), "observed": plain(seen), "expected": value(due)}
        for (group, table), seen, due in zip(groups.items(), test.observed, test.expected, strict=True)
    ]
    head = _head("logrank", level, log_rank.METHOD, groups, excluded)
    apart = "" if test.df else "fewer than two groups were at risk together when something failed"
    result = {"chi2": value(test.chi2), "df": test.df, "p": value(test.p), "reason": _reason(head) or apart}
    return head | result | {"groups": rows}


def weibull_answer(groups: Groups, excluded: Mapping[str, int], level: float) -> Answer:
    """Return a fit per group and the points of its probability plot."""
    fits = [fit_answer(group, sample_of(table), table.entered.sum(), level) for group, table in groups.items()]
    points = [
        {"group": group, "time": value(time), "probability": value(share)}
        for group, table in groups.items()
        for time, share in zip(*plot_points(table), strict=True)
    ]
    head = _head("weibull", level, weibull_fit.METHOD, groups, excluded)
    return head | {"reason": _reason(head), "fits": fits, "points": points}


def fit_answer(group: str | None, sample: Sample, units: float, level: float) -> Answer:
    """Return the fit of one sample; reason is empty where everything is defined."""
    found = weibull_fit.fit(sample, level)
    numbers = {name: value(column[0]) for name, column in zip(found._fields[:-1], found[:-1], strict=True)}
    events = plain((sample.failures + sample.returned.sum(axis=1))[0])
    return {"group": group, "n": plain(units), "events": events} | numbers | {"reason": found.reason[0]}


def mcf_answer(groups: Mapping[str | None, recurrences.Histories], excluded: Mapping[str, int], level: float) -> Answer:
    """Return the mean cumulative function of each group, one point per distinct age of an event or an end."""
    curves = {group: recurrences.mean_cumulative(units, level) for group, units in groups.items()}
    points: list[Answer] = [
        {"group": group, "time": value(time), "at_risk": plain(at_risk), "events": plain(seen)}
        | dict(zip(("mcf", "std_err", "low", "high"), map(value, numbers), strict=True))
        for group, curve in curves.items()
        for time, at_risk, seen, *numbers in zip(*curve[:-1], strict=True)
    ]
    stops = [_stopped(group, curve.stop) for group, curve in curves.items() if curve.stop is not None]
    units = plain(sum(float(units.weight.sum()) for units in groups.values()))
    events = plain(sum(float(units.weight[units.unit].sum()) for units in groups.values()))
    head = {"kind": "mcf", "level": level, "method": recurrences.METHOD, "n": units, "events": events}
    head |= {"excluded": dict(excluded)}
    return head | {"stops": stops, "reason": _reason(head), "points": points}


def value(number: float) -> float | None:
    """Return a float as JSON has it: None where it is undefined or unbounded."""
    found = float(number)
    return found if math.isfinite(found) else None


def plain(number: float) -> int | float:
    """Return a count: a whole number where it is one."""
    found = float(number)
    return int(found) if found.is_integer() else found


def _head(kind: str, level: float, method: str, groups: Groups, excluded: Mapping[str, int]) -> Answer:
    units = plain(sum(float(table.entered.sum()) for table in groups.values()))
    events = plain(sum(float(table.events.sum()) for table in groups.values()))
    return {
        "kind": kind, "level": level, "method": method, "n": units, "events": events, "excluded": dict(excluded),
    }  # fmt: skip


def _reason(head: Answer) -> str:
    return "" if head["n"] else "No unit counts."


def _from_age(groups: Groups, start: float) -> tuple[dict[str | None, AgeTable], int]:
    if not start:
        return dict(groups), 0
    kept = {group: from_age(table, start) for group, table in groups.items()}
    before, after = (sum(float(table.entered.sum()) for table in each.values()) for each in (groups, kept))
    return {group: table for group, table in kept.items() if table.entered.sum() > 0}, int(before - after)


def _points(group: str | None, curve: Curve, column: str) -> Sequence[Answer]:
    counts = [*_counts(curve.risk, with_competing=column == "cumulative_incidence").items()]
    numbers = {column: curve.value, "std_err": curve.std_err, "low": curve.low, "high": curve.high}
    return [
        {"group": group, "time": value(time)}
        | {name: plain(column[place]) for name, column in counts}
        | {name: value(column[place]) for name, column in numbers.items()}
        for place, time in enumerate(curve.risk.time)
    ]


def _counts(risk: RiskSets, *, with_competing: bool) -> dict[str, Floats]:
    if with_competing:
        ends = {"events": risk.events, "competing": risk.competing, "censored": risk.censored}
    else:
        ends = {"events": risk.events, "censored": risk.censored + risk.competing}
    return {"at_risk": risk.at_risk, **ends, "entered": risk.entered}


def _starts(groups: Groups) -> list[Answer]:
    """Return the groups in which nobody is at risk from age 0: their curve is given survival to the least entry."""
    least = {group: table.age[table.entered > 0] for group, table in groups.items()}
    return [{"group": group, "age": value(ages[0])} for group, ages in least.items() if len(ages) and ages[0] > 0]


def _stopped(group: str | None, stop: Stop) -> Answer:
    return {"group": group, "time": stop.time, "reason": stop.reason}
