"""How the reports of counts are worked out: one question each, its shares, and what was left out.

Flow: a warehouse and what is asked -> rows with Wilson's limits, counts of what was left out.
"""

from collections.abc import Sequence

from analytics.questions import Row, ask
from analytics.reports.durations import duration_rows
from analytics.reports.report import Asked, Found, text_of
from analytics.reports.shares import ShareOf, with_shares
from analytics.reports.stock import elsewhere, stock_rows
from pipeline.warehouse.client import Warehouse

COHORT_DAYS = (30, 90, 365)
COHORT_SHARES = (
    ShareOf("rate", "returned", "sold"),
    *(ShareOf(f"rate_{days}", f"returned_{days}", f"sold_{days}") for days in COHORT_DAYS),
)
REASON_SHARE = ShareOf("share", "returns", "returned")
DAMAGE_SHARE = ShareOf("damage_share", "damaged", "units")
DEAD_SHARE = ShareOf("dead_share", "dead", "units")
SOLD_SHARE = ShareOf("sell_through", "sold", "available")
COMPLETENESS = ShareOf("completeness", "scanned", "expected")
MANUAL_SHARE = ShareOf("manual_share", "manual", "scans")
YIELD = ShareOf("yield", "good", "readings")

LEAD_TIME_GROUPS, LEAD_TIME_COUNTS = ("supplier", "site", "destination"), ("shipments", "received", "open", "diverted")
DWELL_GROUPS, DWELL_COUNTS = ("site", "step"), ("stays", "ended", "open")


def return_cohorts(warehouse: Warehouse, asked: Asked) -> Found:
    """Return how many units of an item and month of sale came back, ever and within 30, 90 and 365 days."""
    rows = _rows(warehouse, asked, "return_cohorts")
    late = {f"sold_too_late_for_{days}": sum(row["sold"] - row[f"sold_{days}"] for row in rows) for days in COHORT_DAYS}
    return Found(with_shares(rows, COHORT_SHARES), late)


def return_reasons(warehouse: Warehouse, asked: Asked) -> Found:
    """Return the reasons of first returns, each with its share of the item's returns that state one."""
    rows = _rows(warehouse, asked, "return_reasons")
    stated = [row for row in rows if row["reason"]]
    unstated = sum(row["returns"] for row in rows if not row["reason"])
    return Found(with_shares(stated, [REASON_SHARE]), {"no_reason_stated": unstated})


def lead_times(warehouse: Warehouse, asked: Asked) -> Found:
    """Return how long shipments take from site to destination."""
    rows = duration_rows(warehouse, asked, "lead_times", LEAD_TIME_GROUPS, LEAD_TIME_COUNTS)
    (ships,) = _rows(warehouse, asked, "ships_nowhere")
    return Found(rows, {"no_destination": ships["nowhere"]})


def dwell(warehouse: Warehouse, asked: Asked) -> Found:
    """Return how long units stay at a step and site."""
    return Found(duration_rows(warehouse, asked, "dwell", DWELL_GROUPS, DWELL_COUNTS), {})


def damage(warehouse: Warehouse, asked: Asked) -> Found:
    """Return the share of units found damaged, at sites that state conditions."""
    rows = with_shares(_rows(warehouse, asked, "damage"), [DAMAGE_SHARE])
    return Found(rows, _silent(warehouse, asked, "states_condition", "sites_that_state_no_condition"))


def ageing(warehouse: Warehouse, asked: Asked) -> Found:
    """Return how long units on hand have been there, in bands."""
    rows = stock_rows(warehouse, asked, "ageing")
    return Found(rows, elsewhere(warehouse, asked))


def dead_stock(warehouse: Warehouse, asked: Asked) -> Found:
    """Return units on hand that nothing has moved for so many days."""
    rows = stock_rows(warehouse, asked, "dead_stock", days=asked.options["days"])
    return Found(with_shares(rows, [DEAD_SHARE]), elsewhere(warehouse, asked))


def sell_through(warehouse: Warehouse, asked: Asked) -> Found:
    """Return what sites sold of what they had to sell in the last days."""
    rows = ask(warehouse, "sell_through", data_end=text_of(asked.data_end), days=asked.options["days"])
    return Found(with_shares(rows, [SOLD_SHARE]), {})


def scan_completeness(warehouse: Warehouse, asked: Asked) -> Found:
    """Return the share of moves between sites that were scanned at this end."""
    return Found(with_shares(_rows(warehouse, asked, "scan_completeness"), [COMPLETENESS]), {})


def reader_completeness(warehouse: Warehouse, asked: Asked) -> Found:
    """Return the same by the reader that saw the unit at this end, at sites that name their readers."""
    rows = with_shares(_rows(warehouse, asked, "reader_completeness"), [COMPLETENESS])
    return Found(rows, _silent(warehouse, asked, "names_reader", "sites_that_name_no_reader"))


def manual_entry(warehouse: Warehouse, asked: Asked) -> Found:
    """Return the share of scans typed in, at sites that say how scans are entered."""
    rows = with_shares(_rows(warehouse, asked, "manual_entry"), [MANUAL_SHARE])
    return Found(rows, _silent(warehouse, asked, "sends_entry", "sites_that_send_no_entry"))


def label_yield(warehouse: Warehouse, asked: Asked) -> Found:
    """Return the share of readings that were good, at sites that say how readings went."""
    rows = with_shares(_rows(warehouse, asked, "label_yield"), [YIELD])
    return Found(rows, _silent(warehouse, asked, "sends_read", "sites_that_send_no_read"))


def _rows(warehouse: Warehouse, asked: Asked, name: str) -> Sequence[Row]:
    return ask(warehouse, name, data_end=text_of(asked.data_end))


def _silent(warehouse: Warehouse, asked: Asked, what: str, name: str) -> dict[str, int]:
    """Return how many sites never send it."""
    return {name: sum(row[what] == 0 for row in _rows(warehouse, asked, "what_sites_send"))}
