"""The report of times to return: Kaplan-Meier of sold units' lives until they first come back."""

from datetime import datetime

from analytics.answers import plain, value
from analytics.lifetimes import Asked as AskedLives
from analytics.lifetimes import Ending, Origin, age_tables, lives
from analytics.questions import Row
from analytics.rates import Exposure, Group
from analytics.reports.report import Asked, Column, Found
from analytics.statistics.age_table import AgeTable
from analytics.statistics.quantiles import quantile
from analytics.statistics.survival import kaplan_meier
from pipeline.warehouse.client import Warehouse

METHOD = (
    "Kaplan-Meier with log-log limits; age in whole days, the day of the sale is day 1; RETIRE, DESTROY, REPLACE and "
    "RELABEL to another unit end a unit's time at risk, data_end that of those still out"
)
_SHARES = {"1": 0.01, "5": 0.05, "10": 0.1, "25": 0.25, "50": 0.5}
COLUMNS = (
    Column("item", "", "class of the unit"),
    Column("units", "count", "units sold"),
    Column("returned", "count", "of them, units that came back"),
    *(
        column
        for part in _SHARES
        for column in (
            Column(f"days_{part}_percent", "days", f"by when {part} % have come back, if nothing else ended them"),
            Column(f"days_{part}_percent_low", "days", "lower limit"),
            Column(f"days_{part}_percent_high", "days", "upper limit"),
        )
    ),
)


def time_to_return(warehouse: Warehouse, asked: Asked) -> Found:
    """Return, per item, by when 1, 5, 10, 25 and 50 % of the units sold have come back."""
    found = lives(warehouse, lives_asked(asked.data_end), every=False)
    rows = [{"item": item} | _numbers(table) for item, table in age_tables(found).items()]
    return Found(rows, found.excluded)


def lives_asked(data_end: datetime | None) -> AskedLives:
    """Return which lives the report is about."""
    return AskedLives((Group.ITEM,), Origin.SOLD, Exposure.IN_SERVICE, Ending.RETURN, data_end)


def _numbers(table: AgeTable) -> Row:
    curve = kaplan_meier(table)
    row: Row = {"units": plain(table.entered.sum()), "returned": plain(table.events.sum())}
    for part, share in _SHARES.items():
        names = (f"days_{part}_percent", f"days_{part}_percent_low", f"days_{part}_percent_high")
        row |= dict(zip(names, map(value, quantile(curve, share)), strict=True))
    return row
