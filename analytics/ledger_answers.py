"""The ledger's statistics of time: the answers of a table of one's own, with what the ledger knows beside them."""

from enum import StrEnum
from typing import Any, NamedTuple

from analytics.answers import Answer, curve_answer, log_rank_answer, mcf_answer, weibull_answer
from analytics.lifetimes import Asked, Lives, age_tables, lives, told_end, unit_histories
from analytics.reasons import of_what_is_left, why_none
from pipeline.warehouse.client import Warehouse

_HEAD = ("kind", "level", "method", "n", "events", "excluded")
_LABELS = "each label of a relabelled thing is a unit: RELABEL ends the old one"


class Statistic(StrEnum):
    """What may be asked of the ledger."""

    SURVIVAL = "survival"
    HAZARD = "hazard"
    WEIBULL = "weibull"
    MCF = "mcf"
    LOGRANK = "logrank"


class Wanted(NamedTuple):
    """Which statistic, with limits of which level; survival and hazard from an age, survival with competing ends."""

    statistic: Statistic
    level: float = 0.95
    from_age: float = 0.0
    cumulative_incidence: bool = False


def ledger_answer(warehouse: Warehouse, asked: Asked, wanted: Wanted) -> Answer:
    """Return the statistic of the ledger's units.

    Shape: as for a table of one's own, behind its head by, origin, exposure, event, data_end, p95_delay_seconds, and
    removed_before as told_end has it; `reason` says why no unit counts, and what to do.
    Units: ages in whole days.
    Source: `analytics/lifetimes.py` for whose lifetimes these are, `analytics/answers.py` for the numbers.
    """
    found = lives(warehouse, asked, every=wanted.statistic is Statistic.MCF)
    answer = _answer(found, wanted)
    answer |= {"reason": _reason(answer, found)}
    head = {key: answer[key] for key in _HEAD} | {"method": f"{answer['method']}; {_LABELS}"}
    return head | _context(found, asked) | {key: said for key, said in answer.items() if key not in _HEAD}


def _answer(found: Lives, wanted: Wanted) -> Answer:
    if wanted.statistic is Statistic.MCF:
        return mcf_answer(unit_histories(found), found.excluded, wanted.level)
    groups = age_tables(found)
    if wanted.statistic is Statistic.WEIBULL:
        return weibull_answer(groups, found.excluded, wanted.level)
    if wanted.statistic is Statistic.LOGRANK:
        return log_rank_answer(groups, found.excluded, wanted.level)
    kind = "cumulative_incidence" if wanted.cumulative_incidence else str(wanted.statistic)
    return curve_answer(kind, groups, found.excluded, wanted.level, wanted.from_age)


def _reason(answer: Answer, found: Lives) -> str:
    reason = answer["reason"] if answer["n"] else why_none(answer["excluded"])
    return of_what_is_left(reason, told_end(found.end))


def _context(found: Lives, asked: Asked) -> dict[str, Any]:
    return {
        "by": [str(cohort) for cohort in asked.by],
        "origin": str(asked.origin),
        "exposure": str(asked.exposure),
        "event": str(asked.event),
        **told_end(found.end),
    }
