"""Scenarios about the tail of 32 facts: what is evicted, what that leaves, and what comes too late."""

from tests.oracle.scenario import Line, Scenario, acted, saw

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
        "all but four facts without effect are evicted first, so what has effect is remembered longer",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_refused(20, start=1),
            *_stored(_KEPT - 5, start=30),  # 16 refused ones have gone, the COMMISSION is still a fact
            saw("ACCEPTED NONE", "VOID", 70, corrects="s1"),
        ],
        revisions=[
            "s1 REJECTED RETRACTED by s49",
            *(f"s{at} REJECTED UNKNOWN_UNIT by s49" for at in range(18, 49)),
        ],
        unit={"state": "NONE", "custody": None, "commissioned_at": None},
    ),
    Scenario(
        "what was refused for coming early is judged anew on a long life too",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_stored(_KEPT - 1),
            saw("REJECTED RETURN_NOT_SOLD", "RETURN", 200),
            saw("ACCEPTED NONE -> SOLD", "SELL", 150),
        ],
        revisions=["s33 ACCEPTED NONE by s34"],
        unit={"state": "RETURNED"},
    ),
    Scenario(
        "a scan that was taken back is known as long as a copy of it could take effect",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_stored(_KEPT - 1),
            saw("ACCEPTED NONE", "SELL", 100, scan_id="sale"),
            saw("ACCEPTED NONE", "VOID", 110, corrects="sale", scan_id="void"),
            saw("REPEATED REDELIVERED", "SELL", 100, scan_id="sale"),
            saw("REPEATED REDELIVERED", "VOID", 110, corrects="sale", scan_id="void"),
            *_stored(_KEPT - 2, start=120),
            saw("REPEATED REDELIVERED", "SELL", 100, scan_id="sale"),
            saw("ACCEPTED NONE", "STORE", 160),  # the first of those stored since goes, and the sale before it
            saw("UNDECIDED LATE_BEYOND_TAIL -> ", "SELL", 100, scan_id="sale"),
            saw("UNDECIDED CORRECTS_UNKNOWN -> ", "VOID", 111, corrects="sale"),
        ],
        revisions=["s33 REJECTED RETRACTED by s34"],
        unit={"state": "STORED", "sold_at": None},
    ),
    Scenario(
        "what was taken back can be brought back on a long life too",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_stored(_KEPT - 1),
            saw("ACCEPTED NONE", "SELL", 100, scan_id="sale"),
            saw("ACCEPTED NONE", "VOID", 110, corrects="sale", scan_id="void"),
            saw("ACCEPTED NONE -> SOLD", "VOID", 120, corrects="void"),
        ],
        revisions=["s33 REJECTED RETRACTED by s34", "s33 ACCEPTED NONE by s35", "s34 REJECTED RETRACTED by s35"],
        unit={"state": "SOLD"},
    ),
    Scenario(
        "where all that is left was taken back, the first of it goes",
        [
            line
            for at in range(_KEPT // 2 + 1)
            for line in (
                saw("ACCEPTED NONE", "COMMISSION", 2 * at, scan_id=f"c{at}"),
                saw("ACCEPTED NONE", "VOID", 2 * at + 1, corrects=f"c{at}"),
            )
        ]
        + [saw("REPEATED REDELIVERED", "COMMISSION", 4, scan_id="c2")],
        revisions=[f"s{2 * at + 1} REJECTED RETRACTED by s{2 * at + 2}" for at in range(_KEPT // 2 + 1)],
        unit={"state": "NONE"},
    ),
    Scenario(
        "copies of evidence that was forgotten do not open again what a person has closed",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "RETIRE", 10),
            *(saw("REJECTED SEEN_AFTER_END", "OBSERVE", 20 + at, scan_id=f"o{at}") for at in range(_KEPT + 8)),
            acted("APPLIED ", "CLOSE", "SEEN_AFTER_END"),
            *(saw("REJECTED SEEN_AFTER_END", "OBSERVE", 20 + at, scan_id=f"o{at}") for at in range(10)),
            *(saw("REPEATED REDELIVERED", "OBSERVE", 20 + at, scan_id=f"o{at}") for at in range(10, _KEPT + 8)),
            saw("REJECTED SEEN_AFTER_END", "OBSERVE", 200),
        ],
        alerts=[
            "s3 SEEN_AFTER_END OPENED 1 count 1",
            "s43 SEEN_AFTER_END CLOSED 1 count 40",
            "s84 SEEN_AFTER_END OPENED 2 count 1",
        ],
    ),
    Scenario(
        "a scan_id is forgotten with its fact",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED ILLEGAL_TRANSITION", "RECEIVE", 1, scan_id="r"),
            *_stored(_KEPT - 5, start=2),
            *_refused(4, start=70),
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
            *_stored(_KEPT - 5, start=10),
            *_refused(4, start=50),
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
