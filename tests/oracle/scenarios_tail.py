"""Scenarios about the tail of 32 facts: what is evicted, what that leaves, and what comes too late."""

from tests.oracle.scenario import Line, Scenario, acted, saw

_KEPT = 32
_TOO_LATE = "UNDECIDED LATE_BEYOND_TAIL -> "


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
            saw(_TOO_LATE, "INSPECT", 0.5),
            saw(_TOO_LATE, "INSPECT", 1),
            saw("ACCEPTED NONE", "INSPECT", 1.5),
        ],
        unit={"sequence": 35},
    ),
    Scenario(
        "a life longer than the tail, sent twice, takes effect once and raises nothing",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, scan_id="c"),
            *(saw("ACCEPTED NONE", "STORE", minute, scan_id=f"t{minute}") for minute in range(1, _KEPT + 3)),
            saw(_TOO_LATE, "COMMISSION", 0, scan_id="c"),
            *(saw(_TOO_LATE, "STORE", minute, scan_id=f"t{minute}") for minute in range(1, 3)),
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
            saw(_TOO_LATE, "COMMISSION", 0.05, reader="gate", scan_id="d"),
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
            saw(_TOO_LATE, "SELL", 100, scan_id="sale"),
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
        "what ended the unit stays as long as there is anything else to forget",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "RETIRE", 10, scan_id="end"),
            *(
                line
                for at in range(20, 36)
                for line in (
                    saw("REJECTED SEEN_AFTER_END", "OBSERVE", at, scan_id=f"o{at}"),
                    saw("ACCEPTED NONE", "VOID", at + 0.5, corrects=f"o{at}"),
                )
            ),
            saw("ACCEPTED NONE -> COMMISSIONED", "VOID", 90, corrects="end"),
        ],
        revisions=[
            *(f"s{at} REJECTED RETRACTED by s{at + 1}" for at in range(3, 35, 2)),
            "s2 REJECTED RETRACTED by s35",
            *(f"s{at} {'REJECTED RETRACTED' if at % 2 else 'ACCEPTED NONE'} by s35" for at in range(4, 35)),
        ],
        alerts=[
            line
            for at in range(16)
            for line in (
                f"s{2 * at + 3} SEEN_AFTER_END OPENED {at + 1} count 1",
                f"s{2 * at + 4} SEEN_AFTER_END RETRACTED {at + 1} count 0",
            )
        ],
        unit={"state": "COMMISSIONED"},
    ),
    Scenario(
        "a burst is forgotten whole with the scan that it repeats",
        [
            saw("REJECTED UNKNOWN_UNIT", "OBSERVE", 0, reader="r", site="potsdam", scan_id="b0"),
            *(
                saw("REPEATED DOUBLE_SCAN", "OBSERVE", 0.08 * at, reader="r", site="potsdam", scan_id=f"b{at}")
                for at in range(1, 20)
            ),
            saw("ACCEPTED NONE", "COMMISSION", 1),
            *_stored(_KEPT - 1, start=20),
            *(saw(_TOO_LATE, "OBSERVE", 0.08 * at, reader="r", site="potsdam", scan_id=f"b{at}") for at in range(20)),
        ],
        unit={"state": "STORED", "open_alerts": 0},
    ),
    Scenario(
        "the double of a scan that was taken back is no news when it comes again, a later scan is",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "SELL", 10, reader="r", scan_id="a"),
            saw("REPEATED DOUBLE_SCAN", "SELL", 10 + 4 / 60, reader="r", scan_id="b"),
            saw("ACCEPTED NONE -> COMMISSIONED", "VOID", 20, corrects="a"),
            saw("REPEATED DOUBLE_SCAN -> COMMISSIONED", "SELL", 10 + 4 / 60, reader="r", scan_id="b"),
            saw("ACCEPTED NONE -> SOLD", "SELL", 10 + 5 / 60, reader="r", scan_id="c"),
        ],
        revisions=["s2 REJECTED RETRACTED by s4", "s4 ACCEPTED NONE by s6"],
    ),
    Scenario(
        "what goes on under another label is remembered as what has an effect",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            *_stored(_KEPT - 5),
            saw("ACCEPTED NONE", "RELABEL", 40, other_unit="sku:ACME/PUMP/new"),
            saw("FLAGGED RETIRED_LABEL", "SELL", 50, scan_id="sale"),
            *(saw("FLAGGED RETIRED_LABEL", "OBSERVE", 60 + at) for at in range(5)),
            saw("ACCEPTED NONE", "VOID", 90, corrects="sale"),
        ],
        revisions=["s30 REJECTED RETRACTED by s36"],
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
            saw(_TOO_LATE, "INSPECT", 0, corrects="s34"),
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
