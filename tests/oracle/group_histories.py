"""Adversarial histories of several units: in each other, in circles, late, taken back, corrected; no two at one time.

group_history(Seeded(7), 40)      # arrivals in the order in which they come in
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.oracle.arrivals import MINUTE, SITES, T0, Arrival, a_scan, arrived
from tests.oracle.choose import Chooser
from tests.oracle.rules import Record


def sscc(number: int) -> str:
    """Returns the key of a logistic unit with a right check digit."""
    digits = f"10950600{number:09}"
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(digits))
    return f"sscc:{digits}{-total % 10}"


PALLETS = (sscc(1), sscc(2))
CASES = (sscc(11), sscc(12), "sku:ACME/BOX/1")
ITEMS = ("sku:ACME/PUMP/1", "sku:ACME/PUMP/2", "asset:ACME/DRIVE/1")
GROUP = (*PALLETS, *CASES, *ITEMS)
_CONTAINING = ("sscc:", CASES[2])
_PLACES = (*SITES, "nowhere")
_OF_ITEMS = ("PACK",) * 6 + ("UNPACK", "STORE", "OBSERVE", "SHIP", "RECEIVE", "INSTALL", "INSTALL", "REMOVE", "COUNT")
_OF_CONTAINERS = ("SHIP", "SHIP", "RECEIVE", "RECEIVE", "STORE", "OBSERVE", "PACK", "PACK", "PACK", "UNPACK", "REMOVE")
LABELS = {
    ITEMS[0]: "sku:ACME/PUMP/1-new",
    "sku:ACME/PUMP/1-new": "sku:ACME/PUMP/1-newer",
    ITEMS[2]: "sku:ACME/PUMP/1-new",
    CASES[0]: sscc(21),
    PALLETS[0]: sscc(22),
}
"""Which label each may be given: in no circle."""
_RARE = ("SELL", "RETIRE", "FAIL", "HOLD", "RELEASE", "REPLACE")


@dataclass
class _Group:
    choose: Chooser
    units: Sequence[str]
    apart_ms: int
    labels: Mapping[str, str] = field(default_factory=dict)
    scans: dict[str, list[Record]] = field(default_factory=dict)
    told: int = 0

    def tell(self) -> Record:
        """Returns one more scan; times go up, now and then far back."""
        self.told += 1
        key = self.choose.pick(self.units)
        known = self.scans.setdefault(key, [])
        scan = a_scan(key, "COMMISSION" if not known else self._step(key), scan_id=f"g{self.told}")
        scan["event_time"] = T0 + self.told * self.apart_ms if known else T0 - len(self.scans)
        scan["capture_time"] = scan["event_time"] + 1
        scan["site"] = "berlin" if self.choose.chance(40) else self.choose.pick(_PLACES)
        self._counterpart(key, scan)
        if known and self.choose.chance(15):
            scan |= {"corrects": self.choose.pick(known[-8:])["scan_id"], "origin": "CORRECTION"}
            scan["step"] = "VOID" if self.choose.chance(70) else scan["step"]
        known.append(scan)
        return scan

    def _step(self, key: str) -> str:
        if key in self.labels and self.choose.chance(12):
            return "RELABEL"
        if self.choose.chance(6):
            return self.choose.pick(_RARE)
        return self.choose.pick(_OF_CONTAINERS if key.startswith(_CONTAINING) else _OF_ITEMS)

    def _counterpart(self, key: str, scan: Record) -> None:
        holders = tuple(one for one in self.units if one.startswith(_CONTAINING)) or CASES
        larger = PALLETS if key in CASES else CASES
        if scan["step"] == "PACK":
            fitting = tuple(one for one in holders if one in larger) or holders
            scan["container"] = self.choose.pick(fitting if self.choose.chance(80) else (None, *holders))
        elif scan["step"] == "UNPACK":
            scan["container"] = self.choose.pick((None, key, *holders))
        elif scan["step"] in ("INSTALL", "REMOVE", "REPLACE"):
            scan["other_unit"] = self.choose.pick((None, key, *ITEMS, CASES[0]))
        elif scan["step"] == "RELABEL":
            scan["other_unit"] = self.labels[key]
        if scan["step"] == "SHIP":
            scan["destination"] = self.choose.pick((None, *SITES))
            scan["document"], scan["location"] = self.choose.pick((None, "asn:1")), self.choose.pick((None, "gate"))


def group_history(
    choose: Chooser,
    records: int,
    units: Sequence[str] = GROUP,
    apart_ms: int = 7 * MINUTE,
    labels: Mapping[str, str] | None = None,
) -> list[Arrival]:
    """Returns scans of several units in the order in which they arrive, some late; 0 ms apart, all are of one time.

    `labels`: those units may go on under those.
    """
    few = tuple(unit for unit in units if choose.chance(65)) or tuple(units)
    group = _Group(choose, few, apart_ms, labels or {})
    arrivals: list[Arrival] = []
    for _ in range(records):
        late = choose.pick((0, 0, 0, 1, 3, 12, 40))
        arrivals.insert(max(len(arrivals) - late, 0), arrived(group.tell()))
    return arrivals
