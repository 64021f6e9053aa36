"""Scenarios about the tail of 32 facts: what is evicted, what that leaves, and what comes too late."""

from tests.oracle.scenario import Line, Scenario, saw

_KEPT = 32


def _stored(count: int, start: int = 1, step: str = "STORE") -> list[Line]:
    """Returns scans that take effect, a minute apart."""
    return [saw("ACCEPTED NONE", step, minute) for minute in range(start, start + count)]


def _refused(count: int, start: int) -> list[Line]:
    return [saw("REJECTED ILLEGAL_TRANSITION", "RECEIVE", minute) for minute in range(start, start + count)]


TAIL = [
    Scenario(
        "what orders before an evicted fact with effect is undecided, at its very time too",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_stored(_KEPT + 1),  # evicts COMMISSION at 0 and STORE at 1
            saw("UNDECIDED LATE_BEYOND_TAIL -> ", "INSPECT", 0.5),
            saw("UNDECIDED LATE_BEYOND_TAIL -> ", "INSPECT", 1),
            saw("ACCEPTED NONE", "INSPECT", 1.5),
        ],
        unit={"sequence": 35},
    ),
    Scenario(
        "a life longer than the tail, sent twice, takes effect once and raises nothing",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, scan_id="c"),
            *(saw("ACCEPTED NONE", "STORE", minute, scan_id=f"t{minute}") for minute in range(1, _KEPT + 3)),
            saw("UNDECIDED LATE_BEYOND_TAIL -> ", "COMMISSION", 0, scan_id="c"),
            *(saw("UNDECIDED LATE_BEYOND_TAIL -> ", "STORE", minute, scan_id=f"t{minute}") for minute in range(1, 3)),
            *(saw("REPEATED REDELIVERED", "STORE", minute, scan_id=f"t{minute}") for minute in range(3, _KEPT + 3)),
        ],
        unit={"sequence": 35},
    ),
    Scenario(
        "a double scan sent again after the scan it doubles is forgotten is undecided",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, reader="gate", scan_id="c"),
            saw("REPEATED DOUBLE_SCAN", "COMMISSION", 0.05, reader="gate", scan_id="d"),
            *_stored(_KEPT, start=1),
            saw("UNDECIDED LATE_BEYOND_TAIL -> ", "COMMISSION", 0.05, reader="gate", scan_id="d"),
            saw("ACCEPTED NONE", "STORE", 0.06),
        ],
        revisions=["s3 ACCEPTED NONE by s36"],
        unit={"sequence": 35},
    ),
    Scenario(
        "facts without effect are evicted first, so what has effect is remembered longer",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_refused(20, start=1),
            *_stored(_KEPT - 1, start=30),  # 20 refused ones have gone, the COMMISSION is still a fact
            saw("ACCEPTED NONE", "VOID", 70, corrects="s1"),
        ],
        revisions=[
            "s1 REJECTED RETRACTED by s53",
            *(f"s{at} REJECTED UNKNOWN_UNIT by s53" for at in range(22, 53)),
        ],
        unit={"state": "NONE", "custody": None, "commissioned_at": None},
    ),
    Scenario(
        "a scan_id is forgotten with its fact",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED ILLEGAL_TRANSITION", "RECEIVE", 1, scan_id="r"),
            *_stored(_KEPT - 1, start=2),
            saw("REJECTED ILLEGAL_TRANSITION", "RECEIVE", 90, scan_id="r"),
        ],
    ),
    Scenario(
        "the fact that ended the unit outlives any number of sightings, and a late scan finds its place before it",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "RETIRE", 50),
            *(saw("REJECTED SEEN_AFTER_END", "OBSERVE", 60 + minute) for minute in range(40)),
            saw("ACCEPTED NONE", "STORE", 10),
            saw("REJECTED SEEN_AFTER_END", "STORE", 200),
        ],
        revisions=["s2 ACCEPTED NONE by s43"],
        alerts=["s3 SEEN_AFTER_END OPENED 1 count 1"],
        unit={"state": "RETIRED", "alerts": [{"kind": "SEEN_AFTER_END", "opening": 1, "status": "OPEN", "count": 41}]},
    ),
    Scenario(
        "the new scan itself may be what is forgotten",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_stored(_KEPT - 1, start=10),
            saw("REJECTED ILLEGAL_TRANSITION", "RECEIVE", 5, scan_id="r"),
            saw("REJECTED ILLEGAL_TRANSITION", "RECEIVE", 5, scan_id="r"),
        ],
        unit={"sequence": 34},
    ),
    Scenario(
        "a correction beyond the tail retracts nothing, a VOID does",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_stored(_KEPT + 1),
            saw("UNDECIDED LATE_BEYOND_TAIL -> ", "INSPECT", 0, corrects="s34"),
            saw("ACCEPTED NONE", "VOID", 0, corrects="s34"),
        ],
        revisions=["s34 REJECTED RETRACTED by s36"],
    ),
    Scenario(
        "a scan stays retracted when the VOID that took it back is forgotten",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_stored(_KEPT - 1),
            saw("ACCEPTED NONE", "VOID", 0.5, corrects="s32"),  # 33 facts: the VOID goes first
            saw("ACCEPTED NONE", "INSPECT", 0.75),  # folds again and evicts s32
        ],
        revisions=["s32 REJECTED RETRACTED by s33"],
    ),
    Scenario(
        "a correction whose own target is forgotten cannot be undone",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "STORE", 1, scan_id="a"),
            saw("ACCEPTED NONE", "STOCK", 1, scan_id="b", corrects="a"),
            *_stored(_KEPT - 1, start=2),
            saw("UNDECIDED CORRECTS_UNKNOWN -> ", "VOID", 90, corrects="b"),
            saw("UNDECIDED CORRECTS_UNKNOWN -> ", "VOID", 90, corrects="a"),
        ],
        revisions=["s2 REJECTED RETRACTED by s3"],
    ),
]
