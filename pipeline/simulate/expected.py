"""What a correct ledger makes of each planted scan: the classes of section 4, with outcome, reason and alert."""

from typing import Final, NamedTuple


class Expected(NamedTuple):
    """A class of planted scans and what is to come of them, once everything has arrived."""

    planted: str
    outcome: str
    reason: str
    alert: bool = False


EXPECTED: Final = (
    Expected("CLEAN", "ACCEPTED", "NONE"),
    Expected("MISKEYED", "REJECTED", "MISKEYED"),
    Expected("MISROUTED", "REJECTED", "MISROUTED"),
    Expected("BAD_IDENTIFIER", "REJECTED", "BAD_IDENTIFIER"),
    Expected("BAD_ORIGIN", "REJECTED", "BAD_ORIGIN"),
    Expected("FUTURE_TIME", "REJECTED", "FUTURE_TIME"),
    Expected("BAD_TIME", "REJECTED", "BAD_TIME"),
    Expected("REDELIVERED", "REPEATED", "REDELIVERED"),
    Expected("SCAN_ID_REUSED", "REJECTED", "SCAN_ID_REUSED"),
    Expected("MISTAKE", "REJECTED", "RETRACTED"),  # taken back by one of the next two
    Expected("CORRECTION_VOID", "ACCEPTED", "NONE"),
    Expected("CORRECTION_STEP", "ACCEPTED", "NONE"),
    Expected("CORRECTS_UNKNOWN", "UNDECIDED", "CORRECTS_UNKNOWN"),
    Expected("LATE_BEYOND_TAIL", "UNDECIDED", "LATE_BEYOND_TAIL"),
    Expected("DOUBLE_SCAN", "REPEATED", "DOUBLE_SCAN"),
    Expected("RECOUNTED", "REPEATED", "RECOUNTED"),
    Expected("SEEN_AFTER_END", "REJECTED", "SEEN_AFTER_END", alert=True),
    Expected("DUPLICATE_COMMISSION", "REJECTED", "DUPLICATE_COMMISSION", alert=True),
    Expected("ILLEGAL_TRANSITION", "REJECTED", "ILLEGAL_TRANSITION"),
    Expected("UNKNOWN_UNIT", "REJECTED", "UNKNOWN_UNIT"),
    Expected("ADOPTED", "FLAGGED", "ADOPTED"),
    Expected("RETURN_NOT_SOLD", "REJECTED", "RETURN_NOT_SOLD"),
    Expected("IMPOSSIBLE_TRAVEL", "FLAGGED", "IMPOSSIBLE_TRAVEL", alert=True),
    Expected("CUSTODY_CONFLICT", "FLAGGED", "CUSTODY_CONFLICT", alert=True),
    Expected("UNKNOWN_SITE", "FLAGGED", "UNKNOWN_SITE"),
    Expected("BURST", "REPEATED", "BURST"),
    Expected("SECOND_SOURCE", "REPEATED", "SECOND_SOURCE"),
    Expected("NEAR_SERIAL", "REJECTED", "UNKNOWN_UNIT"),  # D10: its document names the unit that it probably is
    Expected("NEAR_CHECK_DIGIT", "REJECTED", "BAD_IDENTIFIER"),  # D10 likewise
    Expected("NOT_EXPECTED", "FLAGGED", "NOT_EXPECTED"),
    Expected("WRONG_UNIT", "FLAGGED", "WRONG_UNIT"),
    Expected("RETURN_MISMATCH", "FLAGGED", "RETURN_MISMATCH"),
    Expected("STOLEN", "REJECTED", "STOLEN"),
    Expected("RECALLED", "REJECTED", "RECALLED"),
    Expected("EXPIRED", "REJECTED", "EXPIRED"),
    Expected("RETIRED_LABEL", "FLAGGED", "RETIRED_LABEL"),
    Expected("ALIAS_LOOP", "REJECTED", "ALIAS_LOOP"),
    Expected("AGGREGATION_BREAK", "FLAGGED", "AGGREGATION_BREAK"),
    Expected("SAME_SERIAL", "ACCEPTED", "NONE"),  # D6: another item's unit may have the same serial
    Expected("LEGAL_REENTRY", "ACCEPTED", "NONE"),  # D8: far away and soon, but by TRANSFER
)
CODE: Final = {expected.planted: code for code, expected in enumerate(EXPECTED)}
CLEAN: Final = CODE["CLEAN"]


class Duplicate(NamedTuple):
    """One of the kinds of duplicate of the rules: its number, what it is, and the classes planted of it."""

    kind: str
    what: str
    planted: tuple[str, ...]


DUPLICATES: Final = (
    Duplicate("D1", "delivered again, or under an id already taken", ("REDELIVERED", "SCAN_ID_REUSED")),
    Duplicate("D2", "scanned twice by one reader", ("DOUBLE_SCAN",)),
    Duplicate("D3", "read in a burst", ("BURST",)),
    Duplicate("D4", "counted twice in one count", ("RECOUNTED",)),
    Duplicate("D5", "commissioned twice", ("DUPLICATE_COMMISSION",)),
    Duplicate("D6", "the same serial of another item, no duplicate", ("SAME_SERIAL",)),
    Duplicate("D7", "a clone, seen in two places", ("IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT")),
    Duplicate("D8", "back by a legal way, no duplicate", ("LEGAL_REENTRY",)),
    Duplicate("D9", "seen after its end", ("SEEN_AFTER_END",)),
    Duplicate("D10", "almost an expected code", ("NEAR_SERIAL", "NEAR_CHECK_DIGIT")),
    Duplicate("D11", "told by a second system", ("SECOND_SOURCE",)),
    Duplicate("D12", "corrected", ("CORRECTION_VOID", "CORRECTION_STEP")),
)
"""Source: the table of rules, rows D1 to D12."""
