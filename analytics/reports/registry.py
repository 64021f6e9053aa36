"""Every report there is, and how one is answered: the one list that the command line, the console and docs go by."""

import difflib
from collections.abc import Mapping
from datetime import datetime

from analytics.answers import Answer
from analytics.lifetimes import ledger_end, told_end
from analytics.reasons import of_what_is_left
from analytics.reports import counted, shares, stock, time_to_return
from analytics.reports.durations import METHOD as DURATIONS
from analytics.reports.durations import duration_columns
from analytics.reports.report import WHY_LEFT_OUT, Asked, Found, Option, Report, columns
from pipeline.warehouse.client import Warehouse

_ITEM, _SITE = ("item", "", "class of the unit"), ("site", "", "the site")
_COUNTS = "counts; no rate, no limits"
_STOCK = f"{_COUNTS}; by the state that a unit's last applied scan left it in, at the site of that scan"
_TRAILING = Option("days", 30, 1, 3650, "how many days before data_end")

_REPORTS = (
    Report(
        "return-cohorts", "Return cohorts", "Of the units sold in a month, how many came back, and how soon?",
        "v_return_cohorts", "return_cohorts", shares.METHOD,
        columns(
            _ITEM, ("month_sold", "", "month of the first sale, UTC"), ("sold", "count", "units"),
            ("returned", "count", "of them, units that ever came back"),
            *(column for days in counted.COHORT_DAYS for column in (
                (f"sold_{days}", "count", f"units sold {days} days or more before data_end"),
                (f"returned_{days}", "count", f"of them, units back within {days} days"),
            )),
        ) + tuple(column for one in counted.COHORT_SHARES for column in shares.share_columns(one)),
        counted.return_cohorts,
    ),
    Report(
        "return-reasons", "Return reasons", "Why do units come back?",
        "v_return_reasons", "return_reasons", shares.METHOD,
        columns(
            _ITEM, ("reason", "", "attribute `reason` of the unit's first RETURN, else its condition"),
            ("returns", "count", "units that came back for it"),
            ("returned", "count", "the item's units that came back with a reason stated"),
        ) + shares.share_columns(counted.REASON_SHARE),
        counted.return_reasons,
        empty="No site sends the attribute `reason` (or a condition) with its RETURN scans.",
    ),
    Report(
        "time-to-return", "Time to return", "By when have units come back that are going to?",
        "v_sold_units", "lives", time_to_return.METHOD, time_to_return.COLUMNS, time_to_return.time_to_return,
    ),
    Report(
        "lead-times", "Supplier lead times", "How long do shipments take from SHIP to RECEIVE at their destination?",
        "v_lead_times", "lead_times", DURATIONS,
        columns(
            ("supplier", "", "attribute `supplier` of the unit, empty where none is sent"),
            ("site", "", "where shipments left"), ("destination", "", "where they went"),
        ) + duration_columns(
            counted.LEAD_TIME_COUNTS,
            ("shipments of a unit", "received at their destination", "on their way", "ended otherwise: censored then"),
        ),
        counted.lead_times,
        empty="No SHIP scan names its destination yet.",
    ),
    Report(
        "dwell", "Dwell times", "How long do units stay at a step and site?",
        "v_dwell", "dwell", DURATIONS,
        columns(_SITE, ("step", "", "the step that began the stay")) + duration_columns(
            counted.DWELL_COUNTS, ("stays of a unit", "moved on", "still there"),
        ),
        counted.dwell,
    ),
    Report(
        "damage", "Damage share", "Of the units seen at a site, how many were found damaged?",
        "v_damage", "damage", shares.METHOD,
        columns(
            _ITEM, _SITE, ("units", "count", "units with an applied scan at the site"),
            ("damaged", "count", "of them, units that a scan there stated damaged"),
        ) + shares.share_columns(counted.DAMAGE_SHARE),
        counted.damage,
        empty="No unit with an item was seen at a site that states a condition.",
    ),
    Report(
        "ageing", "Ageing stock", "How long have the units on hand been at their site?",
        "v_ageing", "ageing", _STOCK,
        columns(
            _ITEM, _SITE, ("units", "count", "units on hand"), ("days_0_30", "count", "there for 0 to 30 days"),
            ("days_31_90", "count", "31 to 90 days"), ("days_91_180", "count", "91 to 180 days"),
            ("days_181_365", "count", "181 to 365 days"), ("days_over_365", "count", "over 365 days"),
            ("median_days", "days", "median; of an even count the lower one"), ("oldest_days", "days", "most"),
        ),
        counted.ageing,
    ),
    Report(
        "dead-stock", "Dead stock", "Which units on hand has nothing moved for so many days?",
        "v_dead_stock", "dead_stock", f"{shares.METHOD}; {_STOCK}",
        columns(
            _ITEM, _SITE, ("units", "count", "units on hand"), ("dead", "count", "of them, not moved for `days` days"),
            ("longest_idle_days", "days", "most days without a move"),
        ) + shares.share_columns(counted.DEAD_SHARE),
        counted.dead_stock,
        options=(Option("days", 180, 1, 3650, "without a scan that changed a unit's state or site"),),
        empty="Nothing on hand has stayed unmoved for so long.",
    ),
    Report(
        "sell-through", "Sell-through", "Of the units that a site had to sell, how many did it sell?",
        "v_sell_through", "sell_through", shares.METHOD,
        columns(
            _ITEM, _SITE, ("available", "count", "units on hand at any moment of these days, or sold in them"),
            ("sold", "count", "of them, units sold there in these days"),
        ) + shares.share_columns(counted.SOLD_SHARE),
        counted.sell_through,
        options=(_TRAILING,),
    ),
    Report(
        "on-hand", "On hand", "How many units of each item are on hand at each site?",
        "v_on_hand", "on_hand", _STOCK,
        columns(
            _ITEM, _SITE, ("units", "count", "units on hand"), ("held", "count", "of them, HELD"),
            ("returned", "count", "of them, RETURNED"), ("in_repair", "count", "of them, IN_REPAIR"),
        ),
        stock.on_hand,
    ),
    Report(
        "scan-completeness", "Scan completeness", "Does a site scan what leaves it and what comes to it?",
        "v_scan_completeness", "scan_completeness", shares.METHOD,
        columns(
            _SITE, ("departures", "count", "units seen there and next at another site"),
            ("departures_scanned", "count", "of them, scanned as leaving"),
            ("arrivals", "count", "units seen there and before that at another site"),
            ("arrivals_scanned", "count", "of them, scanned as coming"), ("expected", "count", "departures + arrivals"),
            ("scanned", "count", "of expected, scanned"),
        ) + shares.share_columns(counted.COMPLETENESS),
        counted.scan_completeness,
        empty="No unit has been seen at two sites yet.",
    ),
    Report(
        "reader-completeness", "Scan completeness by reader", "Where is what leaves or comes to a site not scanned?",
        "v_reader_completeness", "reader_completeness", shares.METHOD,
        columns(
            _SITE, ("reader", "", "the device that saw the unit last or first there, empty where none is named"),
            ("departures", "count", "units it saw last at the site, seen next at another"),
            ("departures_scanned", "count", "of them, scanned by it as leaving"),
            ("arrivals", "count", "units it saw first at the site, seen before at another"),
            ("arrivals_scanned", "count", "of them, scanned by it as coming"),
            ("expected", "count", "departures + arrivals"), ("scanned", "count", "of expected, scanned"),
        ) + shares.share_columns(counted.COMPLETENESS),
        counted.reader_completeness,
        empty="No unit has been seen at two sites yet, or no scan there names its reader.",
    ),
    Report(
        "manual-entry", "Manual entry", "Where, and on which reader, are scans typed in rather than read?",
        "v_manual_entry", "manual_entry", shares.METHOD,
        columns(
            _SITE, ("reader", "", "the device, empty where none is named"), ("scans", "count", "applied scans"),
            ("manual", "count", "of them, with the attribute entry=manual"),
        ) + shares.share_columns(counted.MANUAL_SHARE),
        counted.manual_entry,
        empty="No site sends the attribute `entry`.",
    ),
    Report(
        "label-yield", "Label read yield", "How often can a label be read?",
        "v_label_yield", "label_yield", shares.METHOD,
        columns(
            _ITEM, _SITE, ("readings", "count", "readings, copies left out"),
            ("good", "count", "of them, without the attribute read=failed"),
        ) + shares.share_columns(counted.YIELD),
        counted.label_yield,
        empty="No site sends the attribute `read`.",
    ),
)  # fmt: skip


def reports() -> tuple[Report, ...]:
    """Return every report, in the order in which they are listed."""
    return _REPORTS


def report_named(name: str) -> Report:
    """Return the report of that name.

    Raises: KeyError with the nearest name, or with all there are.
    """
    found = {report.name: report for report in _REPORTS}
    if name not in found:
        near = difflib.get_close_matches(name, found, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(found)}"
        message = f"no report {name!r}; {hint}"
        raise KeyError(message)
    return found[name]


def report_answer(
    warehouse: Warehouse, name: str, as_of: datetime | None = None, options: Mapping[str, int] | None = None
) -> Answer:
    """Return the answer of a report: its rows with what they mean, until when they count, what was left out and why.

    Shape: {kind, report, title, question, method, view, sql, data_end, p95_delay_seconds, as_of, options, n, excluded,
    why_excluded, reason, columns, rows}, removed_before as told_end has it; rows have the columns of `columns`, in
    order; `reason`: why there are none.
    Raises: KeyError for a name, ValueError for an option, that there is not.
    """
    report = report_named(name)
    given = options_of(report, options or {})
    end = ledger_end(warehouse, as_of)
    found = Found([], {}) if end.data_end is None else report.work_out(warehouse, Asked(end.data_end, given))
    return _head(report) | {
        **told_end(end),
        "as_of": as_of and as_of.isoformat(timespec="milliseconds"),
        "options": given,
        "n": len(found.rows),
        "excluded": dict(found.excluded),
        "why_excluded": {word: WHY_LEFT_OUT[word] for word, count in found.excluded.items() if count},
        "reason": "" if found.rows else of_what_is_left(report.empty, told_end(end)),
        "columns": [column._asdict() for column in report.columns],
        "rows": [{column.name: row[column.name] for column in report.columns} for row in found.rows],
    }


def options_of(report: Report, given: Mapping[str, int]) -> dict[str, int]:
    """Return the report's options with what was given in place of the defaults.

    Raises: ValueError for one that the report has not, or that is out of its range.
    """
    known = {option.name: option for option in report.options}
    for name, number in given.items():
        if name not in known:
            message = f"{report.name} has no option {name!r}; it has {', '.join(known) or 'none'}"
            raise ValueError(message)
        if not known[name].least <= number <= known[name].most:
            message = f"{name} of {report.name} lies between {known[name].least} and {known[name].most}, not {number}"
            raise ValueError(message)
    return {name: given.get(name, option.default) for name, option in known.items()}


def _head(report: Report) -> Answer:
    return {"kind": "report", "report": report.name} | {
        name: getattr(report, name) for name in ("title", "question", "method", "view", "sql")
    }
