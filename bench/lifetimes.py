"""Statistics of the lifetimes of 10,000,000 units with 40,000,000 scans, from the question to the answer in Python.

Beside them the same for reading no more than one number per unit from unit_state FINAL, in the same run.
"""

from typing import Final

from analytics.ledger_answers import Statistic, Wanted, ledger_answer
from analytics.lifetimes import Asked, Origin
from analytics.rates import Exposure, Group
from bench.filled import Filled, Seconds, filled
from bench.ground import Ground
from bench.lifetimes_rows import fill
from bench.part import PartFailed
from bench.worker import Figures
from pipeline.warehouse.client import Warehouse

UNITS: Final = 10_000_000
_TURNS: Final = 3


def run(ground: Ground) -> Figures:
    """Measure the best of some turns after one that warms up, on tables made in ClickHouse itself."""
    units = ground.scaled(UNITS, 10_000)
    ground.say(f"making a ledger of {units:,} units with four scans each and some more")
    with filled(ground, "lifetimes", lambda warehouse: fill(warehouse, units)) as ledger:
        ground.say("asking for lifetimes")
        return _figures(ledger, units)


def _figures(ledger: Filled, units: int) -> Figures:
    def taken(statistic: Statistic, asked: Asked) -> Seconds:
        return ledger.best(lambda: _answered(ledger.warehouse, statistic, asked, units), _TURNS)

    in_service = {
        statistic: taken(statistic, Asked(_cohorts(statistic), exposure=Exposure.IN_SERVICE)) for statistic in Statistic
    }
    observed = taken(Statistic.SURVIVAL, Asked(exposure=Exposure.OBSERVED))
    first_seen = taken(Statistic.SURVIVAL, Asked(origin=Origin.FIRST_SEEN, exposure=Exposure.OBSERVED))
    least = ledger.reading(_TURNS)
    survival = in_service[Statistic.SURVIVAL]
    return {f"{statistic}_s": seconds.wall for statistic, seconds in in_service.items()} | {
        "survival_cpu_s": survival.cpu,
        "survival_to_reading": survival.cpu / least.cpu,
        "survival_observed_s": observed.wall,
        "survival_observed_cpu_s": observed.cpu,
        "survival_first_seen_s": first_seen.wall,
    }


def _cohorts(statistic: Statistic) -> tuple[Group, ...]:
    return (Group.ITEM,) if statistic is Statistic.LOGRANK else ()


def _answered(warehouse: Warehouse, statistic: Statistic, asked: Asked, units: int) -> None:
    """Ask once; every unit must be in the answer, or left out of it for a reason."""
    answer = ledger_answer(warehouse, asked, Wanted(statistic))
    counted = answer["n"] + sum(answer["excluded"].values())
    if counted != units:
        message = f"{statistic}: {counted:,} units where the ledger has {units:,}"
        raise PartFailed(message)
