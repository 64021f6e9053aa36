"""The words of a scan: its steps and origins, numbered as the Avro enums number them."""

from typing import Final

STEPS: Final = (
    "COMMISSION", "PACK", "UNPACK", "STORE", "STOCK", "RESERVE", "PICK", "STAGE", "SHIP", "CANCEL_SHIPMENT", "ARRIVE",
    "RECEIVE", "INSPECT", "HOLD", "RELEASE", "COUNT", "SELL", "DISPENSE", "RETURN", "REPAIR", "INSTALL", "REMOVE",
    "REPLACE", "RELABEL", "TRANSFER", "FAIL", "RETIRE", "DESTROY", "OBSERVE", "VOID",
)  # fmt: skip
ORIGINS: Final = ("DEVICE", "IMPORT", "DERIVED", "CORRECTION")

COMMISSION: Final = STEPS.index("COMMISSION")
SHIP: Final = STEPS.index("SHIP")
RELEASE: Final = STEPS.index("RELEASE")
COUNT: Final = STEPS.index("COUNT")
SELL: Final = STEPS.index("SELL")
DISPENSE: Final = STEPS.index("DISPENSE")
RETURN: Final = STEPS.index("RETURN")
TRANSFER: Final = STEPS.index("TRANSFER")
FAIL: Final = STEPS.index("FAIL")
VOID: Final = STEPS.index("VOID")
DERIVED: Final = ORIGINS.index("DERIVED")
