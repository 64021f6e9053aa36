"""What another system believes is on hand against what the ledger knows: every difference is stated.

Flow: the answer of the report on-hand, quantities by item and site -> an answer with a row per item and site.
"""

from analytics.answers import Answer
from analytics.reports.report import WHY_LEFT_OUT, Column
from analytics.tables.quantities import Quantities

LEFT_OUT = "units_at_sites_not_in_file"
COLUMNS = (
    Column("item", "", "class of the unit"),
    Column("site", "", "the site"),
    Column("erp", "count", "quantity of the file; empty where it has no such row"),
    Column("ledger", "count", "units on hand by the ledger"),
    Column("difference", "count", "ledger - erp: above 0 the ledger has more"),
    Column("finding", "", "AGREES, LEDGER_HAS_MORE, ERP_HAS_MORE, NOT_IN_FILE"),
)
STATED = (
    *COLUMNS[:2],
    Column("as_of", "", "when the quantity was so, and as of when the ledger is asked"),
    Column("erp", "count", "quantity stated; empty where no statement of the site names the item"),
    *COLUMNS[3:5],
    Column("finding", "", "AGREES, LEDGER_HAS_MORE, ERP_HAS_MORE, NOT_STATED"),
    Column("statement", "", "id of the statement"),
)
"""The columns of what was stated to the ledger: those of the view v_reconciliation."""
METHOD = (
    "every item and site of the file, and every item on hand at a site that the file names; difference = ledger - erp"
)


def reconciled(on_hand: Answer, erp: Quantities) -> Answer:
    """Return the differences between the quantities and the answer of the report on-hand.

    Shape: as any report's answer, with `agree` and `differ` before its columns: how many rows do either.
    """
    ledger = {(row["item"], row["site"]): row["units"] for row in on_hand["rows"]}
    sites = {site for _, site in erp}
    places = sorted(set(erp) | {place for place in ledger if place[1] in sites})
    rows = [_row(place, erp.get(place), ledger.get(place, 0)) for place in places]
    agree = sum(row["finding"] == "AGREES" for row in rows)
    beyond = sum(units for (_, site), units in ledger.items() if site not in sites)
    excluded = on_hand["excluded"] | {LEFT_OUT: beyond}
    head = {key: said for key, said in on_hand.items() if key not in ("columns", "rows")}
    return head | {
        "title": "On hand against the ERP",
        "method": METHOD,
        "n": len(rows),
        "excluded": excluded,
        "why_excluded": {word: WHY_LEFT_OUT[word] for word, count in excluded.items() if count},
        "reason": "" if rows else "The file has no rows.",
        "agree": agree,
        "differ": len(rows) - agree,
        "columns": [column._asdict() for column in COLUMNS],
        "rows": rows,
    }


def _row(place: tuple[str, str], erp: int | None, ledger: int) -> Answer:
    item, site = place
    difference = ledger - (erp or 0)
    if erp is None:
        finding = "NOT_IN_FILE"
    else:
        finding = "AGREES" if not difference else "LEDGER_HAS_MORE" if difference > 0 else "ERP_HAS_MORE"
    return {"item": item, "site": site, "erp": erp, "ledger": ledger, "difference": difference, "finding": finding}
