"""Scenarios about alerts: opened once, counted, acknowledged, closed, reopened, retracted."""

from tests.oracle.scenario import Scenario, acted, saw

_DEAD = "SEEN_AFTER_END"
_TWICE = "DUPLICATE_COMMISSION"

ALERTS = [
    Scenario(
        "a person acknowledges, closes and reopens; what does not fit is stale",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 1),
            acted("STALE status", "REOPEN", _TWICE),
            acted("APPLIED ", "ACKNOWLEDGE", _TWICE),
            acted("STALE status", "ACKNOWLEDGE", _TWICE),
            acted("STALE opening", "CLOSE", _TWICE, opening=2),
            acted("APPLIED ", "CLOSE", _TWICE),
            acted("STALE status", "CLOSE", _TWICE),
            acted("APPLIED ", "REOPEN", _TWICE),
            acted("STALE opening", "CLOSE", _DEAD),
        ],
        alerts=[
            "s2 DUPLICATE_COMMISSION OPENED 1 count 1",
            "s4 DUPLICATE_COMMISSION ACKNOWLEDGED 1 count 1",
            "s7 DUPLICATE_COMMISSION CLOSED 1 count 1",
            "s9 DUPLICATE_COMMISSION REOPENED 1 count 1",
        ],
        unit={"sequence": 5, "open_alerts": 1},
    ),
    Scenario(
        "an acknowledged alert goes on counting; after a close the next evidence opens anew",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 1),
            acted("APPLIED ", "ACKNOWLEDGE", _TWICE),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 2),
            acted("APPLIED ", "CLOSE", _TWICE),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 3),
            acted("STALE opening", "CLOSE", _TWICE, opening=1),
        ],
        alerts=[
            "s2 DUPLICATE_COMMISSION OPENED 1 count 1",
            "s3 DUPLICATE_COMMISSION ACKNOWLEDGED 1 count 1",
            "s5 DUPLICATE_COMMISSION CLOSED 1 count 2",
            "s6 DUPLICATE_COMMISSION OPENED 2 count 1",
        ],
    ),
    Scenario(
        "taking back the only evidence retracts the alert; the next evidence opens anew",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 1),
            saw("ACCEPTED NONE", "VOID", 2, corrects="s2"),
            acted("STALE status", "REOPEN", _TWICE),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 3),
        ],
        revisions=["s2 REJECTED RETRACTED by s3"],
        alerts=[
            "s2 DUPLICATE_COMMISSION OPENED 1 count 1",
            "s3 DUPLICATE_COMMISSION RETRACTED 1 count 0",
            "s5 DUPLICATE_COMMISSION OPENED 2 count 1",
        ],
    ),
    Scenario(
        "a late scan that disproves the evidence retracts the alert",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("FLAGGED CUSTODY_CONFLICT", "STORE", 60, site="potsdam"),
            saw("ACCEPTED NONE", "TRANSFER", 30, site="potsdam"),
        ],
        revisions=["s2 ACCEPTED NONE by s3"],
        alerts=["s2 CUSTODY_CONFLICT OPENED 1 count 1", "s3 CUSTODY_CONFLICT RETRACTED 1 count 0"],
    ),
    Scenario(
        "a fold never undoes a person's close",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 1),
            acted("APPLIED ", "CLOSE", _TWICE),
            saw("ACCEPTED NONE", "VOID", 2, corrects="s2"),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 3),
            acted("APPLIED ", "CLOSE", _TWICE, opening=2),
            acted("APPLIED ", "REOPEN", _TWICE, opening=2),
        ],
        revisions=["s2 REJECTED RETRACTED by s4"],
        alerts=[
            "s2 DUPLICATE_COMMISSION OPENED 1 count 1",
            "s3 DUPLICATE_COMMISSION CLOSED 1 count 1",
            "s5 DUPLICATE_COMMISSION OPENED 2 count 1",
            "s6 DUPLICATE_COMMISSION CLOSED 2 count 1",
            "s7 DUPLICATE_COMMISSION REOPENED 2 count 1",
        ],
    ),
    Scenario(
        "an alert without evidence is not opened again",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 1),
            acted("APPLIED ", "CLOSE", _TWICE),
            saw("ACCEPTED NONE", "VOID", 2, corrects="s2"),
            acted("STALE evidence", "REOPEN", _TWICE),
        ],
        revisions=["s2 REJECTED RETRACTED by s4"],
        alerts=["s2 DUPLICATE_COMMISSION OPENED 1 count 1", "s3 DUPLICATE_COMMISSION CLOSED 1 count 1"],
        unit={"alerts": [{"kind": _TWICE, "opening": 1, "status": "CLOSED", "count": 0}]},
    ),
    Scenario(
        "a correction that is taken back brings closed evidence back, and opens nothing",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "RETIRE", 10),
            saw("REJECTED SEEN_AFTER_END", "OBSERVE", 20),
            acted("APPLIED ", "CLOSE", "SEEN_AFTER_END"),
            saw("ACCEPTED NONE", "VOID", 30, corrects="s2"),
            saw("ACCEPTED NONE", "VOID", 31, corrects="s5"),
            acted("APPLIED ", "REOPEN", "SEEN_AFTER_END"),
        ],
        revisions=[
            "s2 REJECTED RETRACTED by s5",
            "s3 ACCEPTED NONE by s5",
            "s2 ACCEPTED NONE by s6",
            "s3 REJECTED SEEN_AFTER_END by s6",
            "s5 REJECTED RETRACTED by s6",
        ],
        alerts=[
            "s3 SEEN_AFTER_END OPENED 1 count 1",
            "s4 SEEN_AFTER_END CLOSED 1 count 1",
            "s7 SEEN_AFTER_END REOPENED 1 count 1",
        ],
    ),
    Scenario(
        "evidence of an earlier opening is not taken from the present one",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 1),
            acted("APPLIED ", "CLOSE", _TWICE),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 2),
            saw("ACCEPTED NONE", "VOID", 3, corrects="s2"),
        ],
        revisions=["s2 REJECTED RETRACTED by s5"],
        alerts=[
            "s2 DUPLICATE_COMMISSION OPENED 1 count 1",
            "s3 DUPLICATE_COMMISSION CLOSED 1 count 1",
            "s4 DUPLICATE_COMMISSION OPENED 2 count 1",
        ],
        unit={"open_alerts": 1},
    ),
    Scenario(
        "within one record evidence comes before it goes, so an alert that changes hands stays open",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("FLAGGED CUSTODY_CONFLICT", "STORE", 20, site="potsdam"),
            saw("ACCEPTED NONE", "STORE", 30),
            saw("ACCEPTED NONE", "TRANSFER", 10, site="potsdam"),
        ],
        revisions=["s2 ACCEPTED NONE by s4", "s3 FLAGGED CUSTODY_CONFLICT by s4"],
        alerts=["s2 CUSTODY_CONFLICT OPENED 1 count 1"],
        unit={"alerts": [{"kind": "CUSTODY_CONFLICT", "opening": 1, "status": "OPEN", "count": 1}]},
    ),
    Scenario(
        "one record may open one alert and retract another",
        [
            saw("ACCEPTED NONE", "COMMISSION", 5),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 20),
            saw("ACCEPTED NONE", "RETIRE", 10),
        ],
        revisions=["s2 REJECTED SEEN_AFTER_END by s3"],
        alerts=[
            "s2 DUPLICATE_COMMISSION OPENED 1 count 1",
            "s3 SEEN_AFTER_END OPENED 1 count 1",
            "s3 DUPLICATE_COMMISSION RETRACTED 1 count 0",
        ],
    ),
]
