"""Scenarios about late scans and corrections: what they change of earlier decisions."""

from tests.oracle.arrivals import a_scan, derived
from tests.oracle.derived import a_derived_id
from tests.oracle.scenario import Line, Scenario, saw

_DRAWN_ALONG = derived(a_scan(step="RETIRE", minute=10, scan_id=a_derived_id("far", 1, "")))

LATE = [
    Scenario(
        "a COMMISSION that arrives last still finds its place",
        [
            saw("REJECTED UNKNOWN_UNIT", "STORE", 10),
            saw("REJECTED UNKNOWN_UNIT", "SHIP", 20),
            saw("REJECTED UNKNOWN_UNIT", "RECEIVE", 90, site="munich"),
            saw("ACCEPTED NONE -> COMMISSIONED", "COMMISSION", 0),
        ],
        revisions=["s1 ACCEPTED NONE by s4", "s2 ACCEPTED NONE by s4", "s3 ACCEPTED NONE by s4"],
        unit={"state": "RECEIVED", "custody": "munich", "sequence": 4, "applied": 1, "rejected": 3},
    ),
    Scenario(
        "a late scan that changes only the state before or a milestone of others revises them",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "SHIP", 20),
            saw("ACCEPTED NONE", "RECEIVE", 30),
            saw("ACCEPTED NONE -> STORED", "STORE", 10),
            saw("ACCEPTED NONE", "SHIP", 19),
        ],
        revisions=["s2 ACCEPTED NONE by s4", "s2 ACCEPTED NONE by s5"],
        unit={"state": "RECEIVED"},
    ),
    Scenario(
        "a late scan that changes nothing behind it revises nothing",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "STORE", 10),
            saw("ACCEPTED NONE", "INSPECT", 5),
        ],
    ),
    Scenario(
        "a late end makes what followed it sightings after the end, with one alert",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "STORE", 20),
            saw("ACCEPTED NONE", "OBSERVE", 30),
            saw("ACCEPTED NONE", "RETIRE", 10),
        ],
        revisions=["s2 REJECTED SEEN_AFTER_END by s4", "s3 REJECTED SEEN_AFTER_END by s4"],
        alerts=["s4 SEEN_AFTER_END OPENED 1 count 1"],
        unit={"state": "RETIRED", "alerts": [{"kind": "SEEN_AFTER_END", "opening": 1, "status": "OPEN", "count": 2}]},
    ),
    Scenario(
        "at one time the end goes last, whichever arrived first; the rest by arrival",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "RETIRE", 10),
            saw("ACCEPTED NONE -> STORED", "STORE", 10),
            saw("ACCEPTED NONE -> STORED", "OBSERVE", 10),
            saw("REJECTED SEEN_AFTER_END", "DESTROY", 10),
        ],
        revisions=["s2 ACCEPTED NONE by s3"],
        alerts=["s5 SEEN_AFTER_END OPENED 1 count 1"],
    ),
    Scenario(
        "of two ends at one time the unit's own goes first, whichever arrived first",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            Line("ACCEPTED NONE -> RETIRED", _DRAWN_ALONG),
            saw("ACCEPTED NONE -> DESTROYED", "DESTROY", 10),
        ],
        revisions=["s2 REJECTED SEEN_AFTER_END by s3"],
        unit={"state": "DESTROYED", "alerts": []},
    ),
    Scenario(
        "a late sale makes a return good",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED RETURN_NOT_SOLD", "RETURN", 20),
            saw("ACCEPTED NONE", "SELL", 10),
        ],
        revisions=["s2 ACCEPTED NONE by s3"],
        unit={"state": "RETURNED"},
    ),
]

CORRECTIONS = [
    Scenario(
        "VOID takes a scan back and moves nothing itself",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE -> SOLD", "SELL", 10),
            saw("ACCEPTED NONE -> COMMISSIONED", "VOID", 20, corrects="s2"),
            saw("ACCEPTED NONE -> STORED", "STORE", 30),
        ],
        revisions=["s2 REJECTED RETRACTED by s3"],
        unit={"sold_at": None, "applied": 4},
    ),
    Scenario(
        "a correction replaces a scan at its own place",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "SELL", 10),
            saw("REJECTED ILLEGAL_TRANSITION", "STORE", 20),
            saw("ACCEPTED NONE -> STORED", "STORE", 10, corrects="s2", origin="CORRECTION"),
        ],
        revisions=["s2 REJECTED RETRACTED by s4", "s3 ACCEPTED NONE by s4"],
    ),
    Scenario(
        "a correction of a correction undoes it",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "SELL", 10),
            saw("ACCEPTED NONE -> COMMISSIONED", "VOID", 20, corrects="s2"),
            saw("ACCEPTED NONE -> SOLD", "VOID", 30, corrects="s3"),
            saw("ACCEPTED NONE -> COMMISSIONED", "VOID", 40, corrects="s4"),
        ],
        revisions=[
            "s2 REJECTED RETRACTED by s3",
            "s2 ACCEPTED NONE by s4",
            "s3 REJECTED RETRACTED by s4",
            "s2 REJECTED RETRACTED by s5",
            "s3 ACCEPTED NONE by s5",
            "s4 REJECTED RETRACTED by s5",
        ],
        unit={"state": "COMMISSIONED"},
    ),
    Scenario(
        "two corrections of one scan hold it down together",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "SELL", 10),
            saw("ACCEPTED NONE", "VOID", 20, corrects="s2"),
            saw("ACCEPTED NONE", "VOID", 21, corrects="s2"),
            saw("ACCEPTED NONE -> COMMISSIONED", "VOID", 30, corrects="s3"),
        ],
        revisions=["s2 REJECTED RETRACTED by s3", "s3 REJECTED RETRACTED by s5"],
    ),
    Scenario(
        "what names no remembered scan is undecided, and a VOID that names none as well",
        [
            saw("UNDECIDED CORRECTS_UNKNOWN -> ", "VOID", 0, corrects="s9"),
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("UNDECIDED CORRECTS_UNKNOWN -> ", "STORE", 1, corrects="s9"),
            saw("UNDECIDED CORRECTS_UNKNOWN -> ", "VOID", 2),
            saw("UNDECIDED CORRECTS_UNKNOWN -> ", "STORE", 3, scan_id="me", corrects="me"),
        ],
        unit={"sequence": 1},
    ),
    Scenario(
        "a refused scan can be taken back, and its redelivery is still known",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 5, scan_id="d"),
            saw("ACCEPTED NONE", "VOID", 6, corrects="d"),
            saw("REPEATED REDELIVERED", "COMMISSION", 5, scan_id="d"),
        ],
        revisions=["s2 REJECTED RETRACTED by s3"],
        alerts=["s2 DUPLICATE_COMMISSION OPENED 1 count 1", "s3 DUPLICATE_COMMISSION RETRACTED 1 count 0"],
        unit={"open_alerts": 0},
    ),
    Scenario(
        "a correction is neither a double scan nor a recount, and a retracted scan has none",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "COUNT", 5, reader="r1", document="count:1"),
            saw("ACCEPTED NONE", "COUNT", 5, reader="r1", document="count:1", corrects="s2"),
            saw("ACCEPTED NONE", "VOID", 6, corrects="s3"),
            saw("ACCEPTED NONE", "VOID", 7, corrects="s2"),
            saw("ACCEPTED NONE", "COUNT", 5, reader="r1", document="count:1"),
        ],
        revisions=[
            "s2 REJECTED RETRACTED by s3",
            "s2 ACCEPTED NONE by s4",
            "s3 REJECTED RETRACTED by s4",
            "s2 REJECTED RETRACTED by s5",
        ],
    ),
    Scenario(
        "a reused scan_id is no correction and cannot be corrected",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, scan_id="a"),
            saw("ACCEPTED NONE", "SELL", 5),
            saw("REJECTED SCAN_ID_REUSED", "VOID", 6, scan_id="a", corrects="s2"),
            saw("ACCEPTED NONE -> NONE", "VOID", 7, corrects="a"),
        ],
        revisions=["s1 REJECTED RETRACTED by s4", "s2 REJECTED UNKNOWN_UNIT by s4", "s3 REJECTED SCAN_ID_REUSED by s4"],
        unit={"state": "NONE"},
    ),
    Scenario(
        "the first applied scan that states a lot sets it, a correction replaces it",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED ILLEGAL_TRANSITION", "RECEIVE", 1, lot="L0"),
            saw("ACCEPTED NONE", "STORE", 2, lot="L1"),
            saw("ACCEPTED NONE", "STORE", 3, lot="L2"),
            saw("ACCEPTED NONE", "VOID", 4, corrects="s3", lot="L3"),
            saw("ACCEPTED NONE", "STORE", 3, corrects="s4", lot="L4"),
        ],
        revisions=["s3 REJECTED RETRACTED by s5", "s4 ACCEPTED NONE by s5", "s4 REJECTED RETRACTED by s6"],
        unit={"lot": "L4"},
    ),
]
