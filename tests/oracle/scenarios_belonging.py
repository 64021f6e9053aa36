"""Scenarios about what a unit is in, part of and replaced by, and about containers that are used again."""

from tests.oracle.arrivals import MINUTE, RETAIL_KEY, T0
from tests.oracle.scenario import Scenario, saw

_BOX, _OTHER_BOX, _PALLET = "sku:ACME/BOX/1", "sku:ACME/BOX/2", "sscc:106141412345678908"
_PLACE = "sgln:9506000134352"
_SECOND = 1 / 60
_YEAR = 365 * 24 * 60

CONTAINERS = [
    Scenario(
        "a unit is in the container it was packed into, and packing it there again changes nothing",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE -> PACKED", "PACK", 1, container=_BOX),
            saw("ACCEPTED NONE -> PACKED", "PACK", 2, container=_BOX),
            saw("ACCEPTED NONE -> PACKED", "OBSERVE", 3),
        ],
        unit={"container": _BOX},
    ),
    Scenario(
        "unpacking ends it, and another container than the known one is flagged",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "PACK", 1, container=_BOX),
            saw("FLAGGED AGGREGATION_BREAK -> COMMISSIONED", "UNPACK", 2, container=_OTHER_BOX),
        ],
        unit={"container": None},
    ),
    Scenario(
        "packing it into another container is flagged, and it is there from then on",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "PACK", 1, container=_BOX),
            saw("FLAGGED AGGREGATION_BREAK -> PACKED", "PACK", 2, container=_OTHER_BOX),
            saw("FLAGGED AGGREGATION_BREAK -> PACKED", "OBSERVE", 3, container=_BOX),
        ],
        unit={"container": _BOX},
    ),
    Scenario(
        "a member seen elsewhere than its container is flagged, unless the scan says that they are together",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "PACK", 1, container=_BOX),
            saw("ACCEPTED NONE", "SHIP", 2),
            saw("FLAGGED AGGREGATION_BREAK -> RECEIVED", "RECEIVE", 300, site="potsdam"),
            saw("FLAGGED AGGREGATION_BREAK -> IN_TRANSIT", "SHIP", 400, site="potsdam"),
            saw("ACCEPTED NONE -> RECEIVED", "RECEIVE", 600),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", 700),
            saw("ACCEPTED NONE -> RECEIVED", "RECEIVE", 1000, site="potsdam", container=_BOX),
            saw("ACCEPTED NONE", "OBSERVE", 1100, site="potsdam"),
        ],
        unit={"container": _BOX},
    ),
    Scenario(
        "a member that learns late of its container is judged again",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "SHIP", 5),
            saw("ACCEPTED NONE", "RECEIVE", 300, site="potsdam"),
            saw("ACCEPTED NONE", "PACK", 1, container=_BOX),
        ],
        revisions=["s2 ACCEPTED NONE by s4", "s3 FLAGGED AGGREGATION_BREAK by s4"],
    ),
    Scenario(
        "a PACK taken back leaves the unit where it was before",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "PACK", 1, container=_BOX),
            saw("FLAGGED AGGREGATION_BREAK", "PACK", 2, container=_OTHER_BOX),
            saw("ACCEPTED NONE", "VOID", 3, corrects="s3"),
        ],
        revisions=["s3 REJECTED RETRACTED by s4"],
        unit={"container": _BOX},
    ),
    Scenario(
        "what is no unit key, or the unit's own, is no container",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "PACK", 1, container="box 7"),
            saw("ACCEPTED NONE", "PACK", 2, container=RETAIL_KEY),
            saw("ACCEPTED NONE", "PACK", 3, container=""),
        ],
        unit={"container": None},
    ),
    Scenario(
        "two scans that name different containers are no double scan",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "PACK", 1, reader="r1", container=_BOX),
            saw("FLAGGED AGGREGATION_BREAK", "PACK", 1 + _SECOND, reader="r1", container=_OTHER_BOX),
            saw("REPEATED DOUBLE_SCAN", "PACK", 1 + 2 * _SECOND, reader="r1", container=_OTHER_BOX),
        ],
        unit={"container": _OTHER_BOX},
    ),
    Scenario(
        "a container outlives the scan that told of it",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "PACK", 1, container=_BOX),
            *(saw("ACCEPTED NONE", "OBSERVE", minute) for minute in range(2, 50)),
            saw("FLAGGED AGGREGATION_BREAK", "UNPACK", 60, container=_OTHER_BOX),
        ],
        unit={"container": None},
    ),
    Scenario(
        "a component is part of what it was installed in until it is removed",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE -> INSTALLED", "INSTALL", 1, other_unit=_BOX, container=_OTHER_BOX),
            saw("ACCEPTED NONE -> STORED", "REMOVE", 2, other_unit=_BOX),
            saw("ACCEPTED NONE -> INSTALLED", "INSTALL", 3, other_unit=_OTHER_BOX),
        ],
        unit={"parent": _OTHER_BOX, "container": None},
    ),
]

LABELS = [
    Scenario(
        "the scans of a retired label are flagged and change nothing but the sequence",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "RELABEL", 5, other_unit=_BOX),
            saw("FLAGGED RETIRED_LABEL -> COMMISSIONED", "STORE", 6, lot="L9"),
            saw("FLAGGED RETIRED_LABEL -> COMMISSIONED", "RECEIVE", 7),
            saw("ACCEPTED NONE -> STORED", "STORE", 3),
        ],
        revisions=[
            "s2 ACCEPTED NONE by s5", "s3 FLAGGED RETIRED_LABEL by s5", "s4 FLAGGED RETIRED_LABEL by s5",
        ],
        unit={"alias_of": _BOX, "state": "STORED", "lot": None, "sequence": 5, "last_event_time": T0 + 5 * MINUTE},
    ),
    Scenario(
        "a RELABEL taken back gives the label its life again",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "RELABEL", 1, other_unit=_BOX),
            saw("FLAGGED RETIRED_LABEL", "STORE", 2),
            saw("ACCEPTED NONE", "VOID", 3, corrects="s2"),
        ],
        revisions=["s2 REJECTED RETRACTED by s4", "s3 ACCEPTED NONE by s4"],
        unit={"alias_of": None, "state": "STORED"},
    ),
    Scenario(
        "a label is never retired for itself",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED ALIAS_LOOP", "RELABEL", 1, other_unit=RETAIL_KEY),
            saw("ACCEPTED NONE", "RELABEL", 2),
            saw("ACCEPTED NONE", "OBSERVE", 3),
        ],
        unit={"alias_of": None},
    ),
]  # fmt: skip

REUSE = [
    Scenario(
        "a container need not be commissioned: it is adopted in use",
        [
            saw("FLAGGED ADOPTED -> IN_USE", "RECEIVE", 0, key=_PALLET),
            saw("ACCEPTED NONE -> IN_USE", "STORE", 1, key=_PALLET),
        ],
        unit={"lifecycle": "container", "custody": "berlin"},
    ),
    Scenario(
        "a place need not be commissioned either",
        [
            saw("FLAGGED ADOPTED -> IN_USE", "OBSERVE", 0, key=_PLACE),
            saw("ACCEPTED NONE -> IN_USE", "STORE", 1, key=_PLACE),
            saw("ACCEPTED NONE -> RETIRED", "RETIRE", 2, key=_PLACE),
        ],
        unit={"lifecycle": "place"},
    ),
    Scenario(
        "a container commissioned a year after its last scan starts its next life",
        [
            saw("FLAGGED ADOPTED -> IN_TRANSIT", "SHIP", 0, key=_PALLET, destination="munich", flags_set="recalled"),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", _YEAR - 1, key=_PALLET),
            saw("ACCEPTED NONE -> IN_USE", "COMMISSION", _YEAR, key=_PALLET),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", _YEAR + 1, key=_PALLET),
        ],
        alerts=["s2 DUPLICATE_COMMISSION OPENED 1 count 1"],
        unit={
            "state": "IN_USE", "shipped_at": None, "custody": "berlin", "flags": None,
            "commissioned_at": T0 + _YEAR * MINUTE,
        },
    ),
    Scenario(
        "a new life begins after an end too, and a scan of the old one that comes late belongs to the old one",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, key=_PALLET),
            saw("ACCEPTED NONE -> RETIRED", "RETIRE", 10, key=_PALLET),
            saw("REJECTED SEEN_AFTER_END", "OBSERVE", 11, key=_PALLET),
            saw("ACCEPTED NONE -> IN_USE", "COMMISSION", 11 + _YEAR, key=_PALLET),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", 5, key=_PALLET),
        ],
        revisions=["s2 ACCEPTED NONE by s5", "s3 REJECTED SEEN_AFTER_END by s5"],
        alerts=["s3 SEEN_AFTER_END OPENED 1 count 1"],
        unit={"state": "IN_USE", "shipped_at": None},
    ),
    Scenario(
        "a container that was seen within the year is not commissioned anew, though the scan was refused",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, key=_PALLET),
            saw("ACCEPTED NONE -> RETIRED", "RETIRE", 10, key=_PALLET),
            saw("ACCEPTED NONE -> IN_USE", "COMMISSION", 20 + _YEAR, key=_PALLET),
            saw("REJECTED SEEN_AFTER_END", "OBSERVE", 30, key=_PALLET),
            saw("ACCEPTED NONE", "VOID", 40, key=_PALLET, corrects="s4"),
        ],
        revisions=["s3 REJECTED SEEN_AFTER_END by s4", "s4 REJECTED RETRACTED by s5", "s3 ACCEPTED NONE by s5"],
        alerts=["s4 SEEN_AFTER_END OPENED 1 count 1", "s5 SEEN_AFTER_END RETRACTED 1 count 0"],
        unit={"state": "IN_USE", "commissioned_at": T0 + (20 + _YEAR) * MINUTE},
    ),
    Scenario(
        "a sight of a container that is forgotten still counts, however often somebody tries",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, key=_PALLET),
            *(saw("ACCEPTED NONE", "INSPECT", at, key=_PALLET) for at in range(1, 30)),
            saw("ACCEPTED NONE -> RETIRED", "RETIRE", 50, key=_PALLET),
            saw("REJECTED SEEN_AFTER_END", "OBSERVE", 100, key=_PALLET),
            *(saw("REJECTED SEEN_AFTER_END", "COMMISSION", 51 + _YEAR + at, key=_PALLET) for at in range(8)),
            saw("ACCEPTED NONE -> IN_USE", "COMMISSION", 100 + _YEAR, key=_PALLET),
        ],
        alerts=["s32 SEEN_AFTER_END OPENED 1 count 1"],
    ),
    Scenario(
        "a container is seen as long as a reader goes on reading it",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, key=_PALLET),
            saw("ACCEPTED NONE", "INSPECT", 50, reader="r", key=_PALLET),
            *(saw("REPEATED DOUBLE_SCAN", "INSPECT", 50 + at * 0.08, reader="r", key=_PALLET) for at in range(1, 26)),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 51 + _YEAR, key=_PALLET),
            saw("ACCEPTED NONE -> IN_USE", "COMMISSION", 52 + _YEAR, key=_PALLET),
        ],
        alerts=["s28 DUPLICATE_COMMISSION OPENED 1 count 1"],
    ),
    Scenario(
        "a next life begins at a site that nobody has loaded, and that is said",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, key=_PALLET),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", 10, key=_PALLET),
            saw("FLAGGED UNKNOWN_SITE -> IN_USE", "COMMISSION", 10 + _YEAR, site="nowhere", key=_PALLET),
            saw("ACCEPTED NONE", "INSPECT", 5, key=_PALLET),
        ],
        unit={"state": "IN_USE", "shipped_at": None, "commissioned_at": T0 + (10 + _YEAR) * MINUTE},
    ),
    Scenario(
        "a next life begins in the container that its COMMISSION names, and in none where it names none",
        [
            saw("ACCEPTED NONE", "COMMISSION", -_YEAR, key=_PALLET, container=_BOX),
            saw("ACCEPTED NONE -> IN_USE", "COMMISSION", 0, key=_PALLET, container=_OTHER_BOX),
            saw("FLAGGED AGGREGATION_BREAK", "OBSERVE", 1, key=_PALLET, container=_BOX),
            saw("ACCEPTED NONE -> IN_USE", "COMMISSION", 1 + _YEAR, key=_PALLET),
        ],
        unit={"container": None},
    ),
    Scenario(
        "a unit that is no container is never commissioned again",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED DUPLICATE_COMMISSION", "COMMISSION", 2 * _YEAR // 2 + 9),
        ],
        alerts=["s2 DUPLICATE_COMMISSION OPENED 1 count 1"],
    ),
]  # fmt: skip
