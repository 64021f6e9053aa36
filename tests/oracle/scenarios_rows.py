"""One scenario and more for each row of the table of outcomes."""

from tests.oracle.arrivals import ASSET_KEY, RECEIVED_AT, SKEW_MS, T0
from tests.oracle.scenario import Scenario, saw

_SECOND = 1 / 60
_MILLISECOND = _SECOND / 1000

CONTRACT = [
    Scenario(
        "a record under another key than its unit's is miskeyed and touches nothing",
        [
            saw("REJECTED MISKEYED -> ", "COMMISSION", 0, record_key=b"sku:ACME/PUMP/2"),
            saw("REJECTED MISKEYED -> ", "COMMISSION", 0, record_key=None),
            saw("REJECTED UNKNOWN_UNIT -> NONE", "STORE", 1),
        ],
    ),
    Scenario(
        "a record in another partition than its key's is misrouted",
        [saw("REJECTED MISROUTED -> ", "COMMISSION", 0)],
        partitions=3,  # the key belongs to 1
        partition=2,
    ),
    Scenario(
        "an item or serial that is no unit key in canonical form is refused",
        [
            saw("REJECTED BAD_IDENTIFIER -> ", "COMMISSION", 0, key="gtin:09506000134353/1"),
            saw("REJECTED BAD_IDENTIFIER -> ", "COMMISSION", 0, key="sku:A/B/C/1"),
            saw("REJECTED BAD_IDENTIFIER -> ", "COMMISSION", 0, item="", serial="nothing"),
            saw("REJECTED BAD_IDENTIFIER -> ", "COMMISSION", 0, item="sku:A/B", serial="1%2f2"),
            saw("ACCEPTED NONE", "COMMISSION", 0, key="gtin:09506000134352/1"),
            saw("ACCEPTED NONE", "COMMISSION", 0, item="", serial="sscc:106141412345678908"),
        ],
    ),
    Scenario(
        "a site cannot send a derived scan",
        [saw("REJECTED BAD_ORIGIN -> ", "COMMISSION", 0, origin="DERIVED"), saw("ACCEPTED NONE", "COMMISSION", 0)],
    ),
    Scenario(
        "a scan may be ahead of the broker's clock by the skew and no more",
        [
            saw("REJECTED FUTURE_TIME -> ", "COMMISSION", 0, received_at=T0 - SKEW_MS - 1),
            saw("ACCEPTED NONE", "COMMISSION", 0, received_at=T0 - SKEW_MS),
            saw("REJECTED FUTURE_TIME -> ", "STORE", 0, event_time=RECEIVED_AT + SKEW_MS + 1),
        ],
    ),
    Scenario(
        "a scan before 1970 is refused, at its first millisecond it is not",
        [
            saw("REJECTED BAD_TIME -> ", "COMMISSION", 0, event_time=-1),
            saw("ACCEPTED NONE", "COMMISSION", 0, event_time=0),
        ],
    ),
    Scenario(
        "the contract is asked in order: key, partition, identifier, origin, time",
        [
            saw("REJECTED MISKEYED -> ", "COMMISSION", 0, key="sku:A/B/C/1", record_key=b"x", origin="DERIVED"),
            saw("REJECTED BAD_IDENTIFIER -> ", "COMMISSION", 0, key="sku:A/B/C/1", origin="DERIVED", event_time=-1),
            saw("REJECTED BAD_ORIGIN -> ", "COMMISSION", 0, origin="DERIVED", event_time=-1),
        ],
    ),
]

REPEATS = [
    Scenario(
        "the same scan again is a redelivery, whatever else it carries",
        [
            saw("ACCEPTED NONE -> COMMISSIONED", "COMMISSION", 0, scan_id="a"),
            saw("ACCEPTED NONE -> STORED", "STORE", 10),
            saw("REPEATED REDELIVERED -> STORED", "COMMISSION", 0, scan_id="a", reader="r9", lot="L9"),
        ],
        unit={"sequence": 2, "lot": None},
    ),
    Scenario(
        "a scan_id with another content is refused, and known from then on",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, scan_id="a"),
            saw("REJECTED SCAN_ID_REUSED -> COMMISSIONED", "STORE", 10, scan_id="a"),
            saw("REPEATED REDELIVERED -> COMMISSIONED", "STORE", 10, scan_id="a"),
            saw("REJECTED SCAN_ID_REUSED", "COMMISSION", 0, scan_id="a", site="potsdam"),
            saw("ACCEPTED NONE -> STORED", "STORE", 20),
        ],
        unit={"sequence": 4, "applied": 2, "rejected": 2},
    ),
    Scenario(
        "what was told under another scan's id is never applied, so nothing repeats it",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, scan_id="a"),
            saw("REJECTED SCAN_ID_REUSED -> COMMISSIONED", "SELL", 10, scan_id="a", reader="r1"),
            saw("ACCEPTED NONE -> SOLD", "SELL", 10, scan_id="b", reader="r1"),
            saw("REPEATED DOUBLE_SCAN", "SELL", 10, scan_id="c", reader="r1"),
        ],
    ),
    Scenario(
        "the same reader again within five seconds is a double scan, either way and inclusive",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, reader="r1"),
            saw("ACCEPTED NONE", "STORE", 1, reader="r1"),
            saw("REPEATED DOUBLE_SCAN -> STORED", "STORE", 1 + 5 * _SECOND, reader="r1"),
            saw("REPEATED DOUBLE_SCAN -> STORED", "STORE", 1 - 5 * _SECOND, reader="r1"),
            saw("ACCEPTED NONE", "STORE", 1 - 5 * _SECOND - _MILLISECOND, reader="r1"),
        ],
        revisions=["s2 ACCEPTED NONE by s5"],
        unit={"sequence": 5},
    ),
    Scenario(
        "a double scan is measured from the latest repeat too",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "STORE", 1, reader="r1"),
            saw("REPEATED DOUBLE_SCAN", "STORE", 1 + 4 * _SECOND, reader="r1"),
            saw("REPEATED DOUBLE_SCAN", "STORE", 1 + 9 * _SECOND, reader="r1"),
            saw("REPEATED DOUBLE_SCAN", "STORE", 1 + 14 * _SECOND, reader="r1"),
            saw("ACCEPTED NONE", "STORE", 1 + 19 * _SECOND + _MILLISECOND, reader="r1"),
        ],
    ),
    Scenario(
        "without a reader, or with another reader, step or site, nothing is a double scan",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "STORE", 1),
            saw("ACCEPTED NONE", "STORE", 1),
            saw("ACCEPTED NONE", "STORE", 1, reader="r1"),
            saw("ACCEPTED NONE", "STORE", 1, reader="r2"),
            saw("ACCEPTED NONE", "STOCK", 1, reader="r1"),
            saw("FLAGGED CUSTODY_CONFLICT", "STORE", 1, site="potsdam", reader="r1"),
        ],
        alerts=["s7 CUSTODY_CONFLICT OPENED 1 count 1"],
    ),
    Scenario(
        "a refused scan has double scans as well",
        [
            saw("REJECTED UNKNOWN_UNIT", "STORE", 1, reader="r1"),
            saw("REPEATED DOUBLE_SCAN -> NONE", "STORE", 1, reader="r1"),
        ],
        unit={"sequence": 2, "state": "NONE", "rejected": 1},
    ),
    Scenario(
        "a unit counted again under the same document is a recount, anywhere and at any time",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "COUNT", 1, document="count:7"),
            saw("REPEATED RECOUNTED", "COUNT", 900, document="count:7", site="potsdam"),
            saw("ACCEPTED NONE", "COUNT", 901, document="count:8"),
            saw("ACCEPTED NONE", "COUNT", 902, document="order:7"),
            saw("ACCEPTED NONE", "COUNT", 903, document="order:7"),
            saw("ACCEPTED NONE", "STORE", 904, document="count:7"),
        ],
        unit={"sequence": 6},
    ),
    Scenario(
        "a gate that reads a unit again and again within half a minute has seen it once",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "OBSERVE", 1, reader="gate"),
            saw("REPEATED BURST", "OBSERVE", 1.5, reader="gate"),
            saw("REPEATED BURST", "OBSERVE", 2, reader="gate"),
            saw("ACCEPTED NONE", "OBSERVE", 2.5 + _MILLISECOND, reader="gate"),
            saw("ACCEPTED NONE", "OBSERVE", 2.5, reader="other gate"),
            saw("ACCEPTED NONE", "OBSERVE", 2.5),
            saw("ACCEPTED NONE", "STORE", 2.6, reader="gate"),
            saw("ACCEPTED NONE", "STORE", 2.7, reader="gate"),
        ],
        unit={"sequence": 9},
    ),
    Scenario(
        "a scan that a second system tells of is one scan, if their clocks agree within two seconds",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "STORE", 1, source="wms"),
            saw("REPEATED SECOND_SOURCE", "STORE", 1 + 2 * _SECOND, source="erp"),
            saw("REPEATED SECOND_SOURCE", "STORE", 1 - 2 * _SECOND, source="erp"),
            saw("ACCEPTED NONE", "STORE", 1 + 2 * _SECOND + _MILLISECOND, source="erp"),
            saw("ACCEPTED NONE", "STORE", 1, source="wms"),
            saw("ACCEPTED NONE", "STORE", 1),
            saw("ACCEPTED NONE", "STOCK", 1, source="erp"),
        ],
    ),
    Scenario(
        "what a second system told is not applied when it comes again after the first has been forgotten",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, source="wms"),
            saw("REPEATED SECOND_SOURCE", "COMMISSION", _SECOND, source="erp", scan_id="copy"),
            *(saw("ACCEPTED NONE", "STORE", minute) for minute in range(1, 33)),
            saw("UNDECIDED LATE_BEYOND_TAIL", "COMMISSION", _SECOND, source="erp", scan_id="copy"),
        ],
    ),
]

LIFECYCLE = [
    Scenario(
        "nothing but COMMISSION starts a retail unit",
        [saw("REJECTED UNKNOWN_UNIT -> NONE", "STORE", 0), saw("REJECTED UNKNOWN_UNIT -> NONE", "OBSERVE", 1)],
    ),
    Scenario(
        "an asset may be adopted by some steps, flagged",
        [
            saw("REJECTED UNKNOWN_UNIT", "STORE", 0, key=ASSET_KEY),
            saw("FLAGGED ADOPTED -> IN_SERVICE", "OBSERVE", 1, key=ASSET_KEY, site="nowhere"),
            saw("FLAGGED UNKNOWN_SITE -> IN_SERVICE", "OBSERVE", 2, key=ASSET_KEY, site="nowhere"),
        ],
        unit={"lifecycle": "asset", "custody": None},
    ),
    Scenario(
        "a step the lifecycle does not know from this state is illegal",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED ILLEGAL_TRANSITION -> COMMISSIONED", "RECEIVE", 1),
            saw("ACCEPTED NONE -> COMMISSIONED", "INSPECT", 2),
        ],
    ),
    Scenario(
        "a return needs a sale before it",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED RETURN_NOT_SOLD", "RETURN", 1),
            saw("ACCEPTED NONE -> SOLD", "SELL", 2),
            saw("ACCEPTED NONE -> RETURNED", "RETURN", 3, site="munich"),
            saw("REJECTED ILLEGAL_TRANSITION", "RETURN", 4, site="munich"),
        ],
    ),
    Scenario(
        "a unit that exists is not commissioned twice",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED DUPLICATE_COMMISSION -> COMMISSIONED", "COMMISSION", 9),
        ],
        alerts=["s2 DUPLICATE_COMMISSION OPENED 1 count 1"],
    ),
    Scenario(
        "after the end everything is refused, and one alert counts it",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE -> DESTROYED", "DESTROY", 1),
            saw("REJECTED SEEN_AFTER_END -> DESTROYED", "OBSERVE", 2),
            saw("REJECTED SEEN_AFTER_END", "COMMISSION", 3),
            saw("REJECTED SEEN_AFTER_END", "DESTROY", 4),
        ],
        alerts=["s3 SEEN_AFTER_END OPENED 1 count 1"],
        unit={"alerts": [{"kind": "SEEN_AFTER_END", "opening": 1, "status": "OPEN", "count": 3}], "open_alerts": 1},
    ),
    Scenario(
        "a failure ends an asset, and nothing else",
        [
            saw("FLAGGED ADOPTED", "OBSERVE", 0, key=ASSET_KEY),
            saw("ACCEPTED NONE -> FAILED", "FAIL", 1, key=ASSET_KEY),
            saw("REJECTED SEEN_AFTER_END", "OBSERVE", 2, key=ASSET_KEY),
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE -> FAILED", "FAIL", 1),
            saw("ACCEPTED NONE -> IN_REPAIR", "REPAIR", 2),
        ],
        alerts=["s3 SEEN_AFTER_END OPENED 1 count 1"],
    ),
    Scenario(
        "the same serial of another item is another unit",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, key="sku:ACME/PUMP/1"),
            saw("ACCEPTED NONE", "COMMISSION", 0, key="sku:ACME/HOSE/1"),
        ],
    ),
]
