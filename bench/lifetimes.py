"""Statistics of the lifetimes of 10,000,000 units with 40,000,000 scans, from the question to the answer in Python.

Beside them the same for reading no more than one number per unit from unit_state FINAL, in the same run.
"""

from typing import Final

from analytics.ledger_answers import Statistic, Wanted, ledger_answer
from analytics.lifetimes import Asked, Origin
from analytics.rates import Exposure, Group
from bench import sink as sink_bench
from bench.ground import Ground
from bench.lifetimes_rows import fill
from bench.part import Part, PartFailed
from bench.turns import Seconds, best
from bench.worker import Figures
from pipeline.warehouse.client import Warehouse

UNITS: Final = 10_000_000
_CALM_SECONDS: Final = 300.0
_TURNS: Final = 3
_ONE_NUMBER: Final = "SELECT cityHash64(unit_key) AS unit FROM unit_state FINAL"


def run(ground: Ground) -> Figures:
    """Measure the best of some turns after one that warms up, on tables made in ClickHouse itself."""
    settings, clickhouse = sink_bench.with_clickhouse(ground, ground.settings("lifetimes"))
    sink_bench.migrate(ground, settings)
    units = ground.scaled(UNITS, 10_000)
    with sink_bench.open_warehouse(settings) as warehouse:
        ground.say(f"making a ledger of {units:,} units with four scans each and some more")
        fill(warehouse, units)
        clickhouse.wait_until_calm(_CALM_SECONDS)
        ground.say("asking for lifetimes")
        figures = _figures(warehouse, clickhouse, units)
    clickhouse.stop()
    return figures


def _figures(warehouse: Warehouse, clickhouse: Part, units: int) -> Figures:
    def taken(statistic: Statistic, asked: Asked) -> Seconds:
        return best(lambda: _answered(warehouse, statistic, asked, units), clickhouse, _TURNS)

    in_service = {
        statistic: taken(statistic, Asked(_cohorts(statistic), exposure=Exposure.IN_SERVICE)) for statistic in Statistic
    }
    observed = taken(Statistic.SURVIVAL, Asked(exposure=Exposure.OBSERVED))
    first_seen = taken(Statistic.SURVIVAL, Asked(origin=Origin.FIRST_SEEN, exposure=Exposure.OBSERVED))
    least = best(lambda: warehouse.query_columns(_ONE_NUMBER), clickhouse, _TURNS)
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
