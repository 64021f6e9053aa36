"""Scenarios about flags, expiry and dispositions: what they block, and what they set free."""

from tests.oracle.arrivals import MINUTE, T0
from tests.oracle.scenario import Scenario, saw

_TODAY = T0 // 86_400_000
_TOMORROW = ((_TODAY + 1) * 86_400_000 - T0) // MINUTE + 1  # the first whole minute of it
_WARRANTY = 730 * 24 * 60  # minutes after a sale by the lifecycle retail

FLAGS = [
    Scenario(
        "a flag set blocks shipping and selling until it is unset",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, flags_set="recalled"),
            saw("REJECTED RECALLED -> COMMISSIONED", "SHIP", 1),
            saw("REJECTED RECALLED", "SELL", 2),
            saw("REJECTED RECALLED", "DISPENSE", 3),
            saw("ACCEPTED NONE", "STORE", 4, condition="sellable_not_accessible"),
            saw("REJECTED RECALLED", "SHIP", 5),
            saw("ACCEPTED NONE", "OBSERVE", 6, flags_unset="recalled"),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", 7),
        ],
        unit={"flags": None},
    ),
    Scenario(
        "a flag stated as a disposition holds until the next scan that takes effect and states one",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, condition="stolen"),
            saw("REJECTED STOLEN", "SELL", 1, condition="retail_sold"),
            saw("ACCEPTED NONE", "OBSERVE", 2),
            saw("REJECTED STOLEN", "SELL", 3),
            saw("ACCEPTED NONE", "INSPECT", 4, condition="conformant"),
            saw("ACCEPTED NONE -> SOLD", "SELL", 5),
        ],
        unit={"flags": None},
    ),
    Scenario(
        "a scan that unsets the flag is not blocked by it, one that sets it is not either",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, flags_set="recalled stolen"),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", 1, flags_unset="recalled stolen", flags_set="damaged"),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", 2, flags_set="recalled unheard_of"),
            saw("REJECTED RECALLED", "SHIP", 3),
        ],
        unit={"flags": "damaged recalled"},
    ),
    Scenario(
        "of several flags recalled is told first, then stolen, then expired",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, flags_set="expired recalled stolen"),
            saw("REJECTED RECALLED", "SHIP", 1),
            saw("ACCEPTED NONE", "OBSERVE", 2, flags_unset="recalled"),
            saw("REJECTED STOLEN", "SHIP", 3),
            saw("ACCEPTED NONE", "OBSERVE", 4, flags_unset="stolen"),
            saw("REJECTED EXPIRED", "SHIP", 5),
        ],
        unit={"flags": "expired"},
    ),
    Scenario(
        "a unit may be sold on the day of its expiry, and not the day after",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0, expiry=_TODAY),
            saw("REJECTED EXPIRED", "SELL", _TOMORROW),
            saw("ACCEPTED NONE -> STORED", "STORE", _TOMORROW + 1),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", _TOMORROW - 2),
        ],
        revisions=["s2 REJECTED ILLEGAL_TRANSITION by s4", "s3 REJECTED ILLEGAL_TRANSITION by s4"],
        unit={"expiry": _TODAY},
    ),
    Scenario(
        "the scan that sells a unit may itself say that it has expired, or that it has not",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED EXPIRED", "SELL", _TOMORROW, expiry=_TODAY),
            saw("ACCEPTED NONE", "OBSERVE", _TOMORROW + 1, expiry=_TODAY),
            saw("ACCEPTED NONE -> SOLD", "SELL", _TOMORROW + 2, expiry=_TODAY + 1),
        ],
        unit={"expiry": _TODAY + 1},
    ),
    Scenario(
        "a return within the warranty fits, one a minute later does not, and the sale before counts no more",
        [
            saw("ACCEPTED NONE", "COMMISSION", -3 - 2 * _WARRANTY),
            saw("ACCEPTED NONE -> SOLD", "SELL", -2 - 2 * _WARRANTY),
            saw("ACCEPTED NONE -> RETURNED", "RETURN", -2 - _WARRANTY),
            saw("ACCEPTED NONE -> STORED", "STORE", -1 - _WARRANTY),
            saw("ACCEPTED NONE -> SOLD", "SELL", -1 - _WARRANTY),
            saw("FLAGGED RETURN_MISMATCH -> RETURNED", "RETURN", 0),
        ],
    ),
    Scenario(
        "what was returned once may be sent back to a business long after, for that sale is over",
        [
            saw("ACCEPTED NONE", "COMMISSION", -9 - 2 * _WARRANTY),
            saw("ACCEPTED NONE", "SELL", -8 - 2 * _WARRANTY),
            saw("ACCEPTED NONE", "RETURN", -7 - 2 * _WARRANTY),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", -5, destination="munich"),
            saw("ACCEPTED NONE -> RETURNED", "RETURN", 900, site="munich"),
        ],
    ),
    Scenario(
        "a unit that has arrived is not received yet, so it may be returned though it was never sold",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", 2, destination="munich"),
            saw("ACCEPTED NONE -> ARRIVED", "ARRIVE", 900, site="munich"),
            saw("ACCEPTED NONE -> RETURNED", "RETURN", 930, site="munich"),
        ],
    ),
    Scenario(
        "a sale that becomes known late may be so long ago that its return does not fit",
        [
            saw("ACCEPTED NONE", "COMMISSION", -9 - _WARRANTY),
            saw("REJECTED RETURN_NOT_SOLD", "RETURN", 0),
            saw("ACCEPTED NONE -> SOLD", "SELL", -8 - _WARRANTY),
        ],
        revisions=["s2 FLAGGED RETURN_MISMATCH by s3"],
    ),
    Scenario(
        "a flag that becomes known late takes back what it would have blocked",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE -> SOLD", "SELL", 10),
            saw("ACCEPTED NONE", "OBSERVE", 5, flags_set="stolen"),
        ],
        revisions=["s2 REJECTED STOLEN by s3"],
        unit={"flags": "stolen", "sold_at": None},
    ),
    Scenario(
        "an inspection that finds a held unit fit ends the hold, any other does not",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("ACCEPTED NONE -> HELD", "HOLD", 1),
            saw("ACCEPTED NONE -> HELD", "INSPECT", 2),
            saw("ACCEPTED NONE -> HELD", "INSPECT", 3, condition="damaged"),
            saw("ACCEPTED NONE -> HELD", "OBSERVE", 4, condition="conformant"),
            saw("ACCEPTED NONE -> STORED", "INSPECT", 5, condition="sellable_accessible"),
            saw("ACCEPTED NONE -> STORED", "INSPECT", 6, condition="conformant"),
        ],
    ),
    Scenario(
        "a unit on its way may be returned though it was never sold, one on hand may not",
        [
            saw("ACCEPTED NONE", "COMMISSION", 0),
            saw("REJECTED RETURN_NOT_SOLD", "RETURN", 1),
            saw("ACCEPTED NONE -> IN_TRANSIT", "SHIP", 2, destination="munich"),
            saw("ACCEPTED NONE -> RETURNED", "RETURN", 900, site="munich"),
        ],
    ),
]
