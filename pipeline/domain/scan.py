"""The words of a scan: its steps and origins, numbered as the Avro enums number them."""

from typing import Final

STEPS: Final = (
    "COMMISSION", "PACK", "UNPACK", "STORE", "STOCK", "RESERVE", "PICK", "STAGE", "SHIP", "CANCEL_SHIPMENT", "ARRIVE",
    "RECEIVE", "INSPECT", "HOLD", "RELEASE", "COUNT", "SELL", "DISPENSE", "RETURN", "REPAIR", "INSTALL", "REMOVE",
    "REPLACE", "RELABEL", "TRANSFER", "FAIL", "RETIRE", "DESTROY", "OBSERVE", "VOID",
)  # fmt: skip
ORIGINS: Final = ("DEVICE", "IMPORT", "DERIVED", "CORRECTION")

COMMISSION: Final = STEPS.index("COMMISSION")
PACK: Final = STEPS.index("PACK")
UNPACK: Final = STEPS.index("UNPACK")
PICK: Final = STEPS.index("PICK")
SHIP: Final = STEPS.index("SHIP")
RECEIVE: Final = STEPS.index("RECEIVE")
INSPECT: Final = STEPS.index("INSPECT")
RELEASE: Final = STEPS.index("RELEASE")
COUNT: Final = STEPS.index("COUNT")
SELL: Final = STEPS.index("SELL")
DISPENSE: Final = STEPS.index("DISPENSE")
RETURN: Final = STEPS.index("RETURN")
INSTALL: Final = STEPS.index("INSTALL")
REMOVE: Final = STEPS.index("REMOVE")
REPLACE: Final = STEPS.index("REPLACE")
RELABEL: Final = STEPS.index("RELABEL")
TRANSFER: Final = STEPS.index("TRANSFER")
FAIL: Final = STEPS.index("FAIL")
OBSERVE: Final = STEPS.index("OBSERVE")
VOID: Final = STEPS.index("VOID")
DERIVED: Final = ORIGINS.index("DERIVED")
