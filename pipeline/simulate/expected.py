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
    Expected("SAME_SERIAL", "ACCEPTED", "NONE"),  # D6: another item's unit may have the same serial
    Expected("LEGAL_REENTRY", "ACCEPTED", "NONE"),  # D8: far away and soon, but by TRANSFER
)
CODE: Final = {expected.planted: code for code, expected in enumerate(EXPECTED)}
CLEAN: Final = CODE["CLEAN"]
