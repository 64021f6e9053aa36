"""Scenarios about places: travel, custody, unknown sites, and who is exempt."""

from tests.oracle.arrivals import a_site_load
from tests.oracle.scenario import Scenario, acted, loaded, saw

PLACES = [
    Scenario(
        "too far too soon is an impossible travel, in time it is not",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "SHIP", 1),
            saw("FLAGGED IMPOSSIBLE_TRAVEL -> RECEIVED", "RECEIVE", 1 + 23, site="munich"),
            saw("ACCEPTED NONE", "SHIP", 30, site="munich"),
            saw("ACCEPTED NONE", "RECEIVE", 30 + 24),
        ],
        alerts=["s3 IMPOSSIBLE_TRAVEL OPENED 1 count 1"],
        unit={"site": "berlin", "custody": "berlin"},
    ),
    Scenario(
        "a site without a place, or one less than 50 km away, is never too far",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "SHIP", 1),
            saw("ACCEPTED NONE", "RECEIVE", 1, site="potsdam"),
            saw("ACCEPTED NONE", "SHIP", 1, site="potsdam"),
            saw("ACCEPTED NONE", "RECEIVE", 1, site="afloat"),
            saw("ACCEPTED NONE", "SHIP", 1, site="afloat"),
            saw("ACCEPTED NONE", "RECEIVE", 1, site="munich"),
        ],
    ),
    Scenario(
        "travel is measured from the last applied scan, not from a refused one",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED ILLEGAL_TRANSITION", "ARRIVE", 100, site="munich"),
            saw("ACCEPTED NONE", "STORE", 101),
        ],
    ),
    Scenario(
        "a return, a transfer and a release are legal re-entries anywhere",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE", "TRANSFER", 1, site="munich"),
            saw("ACCEPTED NONE", "HOLD", 2, site="munich"),
            saw("ACCEPTED NONE", "RELEASE", 3),
            saw("ACCEPTED NONE", "SELL", 4),
            saw("ACCEPTED NONE", "RETURN", 5, site="munich"),
            saw("ACCEPTED NONE", "STORE", 6, site="munich"),
        ],
        unit={"custody": "munich"},
    ),
    Scenario(
        "who keeps a unit must have it; a shipment gives it to the destination, a sale to nobody",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("FLAGGED CUSTODY_CONFLICT -> STORED", "STORE", 1, site="potsdam"),
            saw("ACCEPTED NONE", "SHIP", 2, site="potsdam", destination="munich"),
            saw("FLAGGED CUSTODY_CONFLICT -> ARRIVED", "ARRIVE", 60),
            saw("ACCEPTED NONE", "RECEIVE", 61),
            saw("ACCEPTED NONE", "SHIP", 62),
            saw("ACCEPTED NONE", "ARRIVE", 120, site="munich"),
            saw("ACCEPTED NONE", "RECEIVE", 121, site="munich"),
            saw("ACCEPTED NONE", "SELL", 122, site="munich"),
            saw("ACCEPTED NONE", "OBSERVE", 200, site="berlin"),
        ],
        alerts=["s2 CUSTODY_CONFLICT OPENED 1 count 1"],
        unit={"custody": None, "site": "berlin"},
    ),
    Scenario(
        "a flagged keeping does not move custody",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("FLAGGED CUSTODY_CONFLICT", "STORE", 1, site="potsdam"),
            saw("ACCEPTED NONE", "STORE", 2),
        ],
        alerts=["s2 CUSTODY_CONFLICT OPENED 1 count 1"],
        unit={"custody": "berlin"},
    ),
    Scenario(
        "travel is asked before custody, custody before the unknown site",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("FLAGGED IMPOSSIBLE_TRAVEL", "STORE", 1, site="munich"),
            saw("FLAGGED CUSTODY_CONFLICT", "STORE", 2, site="nowhere"),
        ],
        alerts=["s2 IMPOSSIBLE_TRAVEL OPENED 1 count 1", "s3 CUSTODY_CONFLICT OPENED 1 count 1"],
    ),
    Scenario(
        "a site nobody loaded is flagged, until it is loaded",
        [
            saw("FLAGGED UNKNOWN_SITE -> COMMISSIONED", "COMMISSION", 0, site="kiosk"),
            loaded("APPLIED ", a_site_load(base=1, sites={"kiosk": (52.5, 13.4)})),
            saw("ACCEPTED NONE", "STORE", 1, site="kiosk"),
        ],
    ),
    Scenario(
        "what was flagged before a load is seen anew only when a late scan folds it again",
        [
            saw("FLAGGED UNKNOWN_SITE", "COMMISSION", 0, site="kiosk"),
            saw("FLAGGED UNKNOWN_SITE", "STORE", 2, site="kiosk"),
            loaded("APPLIED ", a_site_load(base=1, sites={"kiosk": (52.5, 13.4)})),
            saw("ACCEPTED NONE", "STORE", 3, site="kiosk"),
            saw("ACCEPTED NONE", "INSPECT", 1, site="kiosk"),
        ],
        revisions=["s1 ACCEPTED NONE by s5", "s2 ACCEPTED NONE by s5"],
    ),
    Scenario(
        "a load made against another version is refused, an act on nothing is stale",
        [
            loaded("REFUSED base", a_site_load(base=0)),
            loaded("REFUSED base", a_site_load(base=2)),
            acted("STALE opening", "CLOSE", "SEEN_AFTER_END"),
            loaded("APPLIED ", a_site_load(base=1)),
        ],
    ),
]
