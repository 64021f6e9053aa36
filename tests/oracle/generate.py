"""Adversarial histories of a few units: dense times, repeats, late scans, corrections of everything, acts and loads.

history(Seeded(7), 200)      # a list of arrivals, the same for ever
@given(histories(60))        # the same, as a Hypothesis strategy
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from hypothesis import strategies as st

from tests.oracle.arrivals import (
    MINUTE,
    SITES,
    SKEW_MS,
    T0,
    Arrival,
    a_scan,
    a_site_load,
    an_internal,
    arrived,
    derived,
)
from tests.oracle.choose import Chooser, Drawn, Seeded
from tests.oracle.derived import a_derived_id
from tests.oracle.lifecycle_loads import lifecycle_texts
from tests.oracle.mode_loads import mode_rows
from tests.oracle.rules import Record

UNITS = (
    "sku:ACME/PUMP/1", "asset:ACME/DRIVE/1", "gtin:09506000134352/A%2F1", "imei:49015420323751",
    "sscc:106141412345678908", "sgln:9506000134352",
)  # fmt: skip
_OTHERS = ("sscc:106141412345678908", "sku:ACME/BOX/1", "sku:ACME/BOX/2", "no key", "", "asset:ACME/DRIVE/1")
_CONDITIONS = ("recalled", "conformant", "sellable_accessible", "in_transit", "stolen", "", "expired", "damaged")
_FLAGS = ("recalled", "stolen", "expired recalled", "damaged", "recalled unheard_of", "", "stolen unavailable")
_LONG_AWAY_MS = 366 * 24 * 60 * MINUTE
_UNKNOWN_SITES = ("kiosk", "nowhere", "Łódź", "")
_SOMEWHERE = {"kiosk": (52.5, 13.4), "nowhere": (None, None), "potsdam": (40.0, 13.06), "berlin": (52.52, 13.405)}
_STEPS_OF_LIFE = (
    "STORE",
    "SHIP",
    "RECEIVE",
    "SELL",
    "RETURN",
    "COUNT",
    "OBSERVE",
    "INSTALL",
    "REPAIR",
    "HOLD",
    "RELEASE",
)
_RARE_STEPS = (
    "COMMISSION", "PACK", "UNPACK", "STOCK", "RESERVE", "PICK", "STAGE", "CANCEL_SHIPMENT", "ARRIVE", "INSPECT",
    "DISPENSE", "REMOVE", "REPLACE", "RELABEL", "TRANSFER", "VOID", "PACK", "UNPACK", "INSPECT",
)  # fmt: skip
_ENDS = ("RETIRE", "DESTROY", "FAIL")
_ECHOES_MS = (0, 1, 2000, -2001, 2500, -2500, 5000, -5000, 5001, 30_000, -30_001, 60_000)
_STRIDES_MS = (0, 0, 1, 1000, 4999, 5000, 5001, 60_000, 15 * MINUTE, 24 * MINUTE, 90 * MINUTE)
_ALERT_KINDS = ("SEEN_AFTER_END", "DUPLICATE_COMMISSION", "IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT")
_ACTS = ("ALERT_ACKNOWLEDGE", "ALERT_CLOSE", "ALERT_REOPEN")
_HARMLESS = ("INSPECT", "OBSERVE", "COUNT", "RELABEL", "TRANSFER", "STORE")


@dataclass
class _Telling:
    """A history while it is told; in a calm one most scans take effect, so that effect is evicted too."""

    choose: Chooser
    units: Sequence[str]
    is_calm: bool = False
    arrivals: list[Arrival] = field(default_factory=list)
    clocks: dict[str, int] = field(default_factory=dict)
    scans: dict[str, list[Record]] = field(default_factory=dict)
    version: int = 0
    start: int = T0
    has_modes: bool = False

    def tell(self) -> None:
        """Add one record."""
        if self.choose.chance(88):
            self.arrivals.append(self._scan())
        else:
            act = partial(_act, self.choose, self.units)
            kinds: list[Callable[[], Arrival]] = [act, act, act, self._sites, self._lifecycle]
            kinds += [self._modes] * 3 if self.has_modes else []
            self.arrivals.append(self.choose.pick(kinds)())

    def take_back(self, key: str, known: list[Record]) -> None:
        """Add a VOID of one of the latest scans."""
        voids = [one for one in known[-20:] if one["step"] == "VOID"]
        target = self.choose.pick(voids if voids and self.choose.chance(40) else known[-40:])
        scan = a_scan(key, "VOID", scan_id=f"{len(self.arrivals)}", corrects=target["scan_id"], origin="CORRECTION")
        scan["event_time"] = self._time(key, known)
        known.append(scan)
        self.arrivals.append(arrived(scan))

    def _scan(self) -> Arrival:
        key = self.choose.pick(self.units)
        known = self.scans.setdefault(key, [])
        if known and self.choose.chance(6):
            return arrived(self.choose.pick(known))
        scan = self._echo(known) if known and self.choose.chance(9) else self._new_scan(key, known)
        if known and self.choose.chance(1 if self.is_calm else 4):
            scan["scan_id"] = self.choose.pick(known)["scan_id"]
        if self.choose.chance(6):
            scan = self._derived(scan, known)
        known.append(scan)
        if self.choose.chance(2):
            return _perhaps_broken(self.choose, scan)
        return derived(scan) if scan["origin"] == "DERIVED" else arrived(scan)

    def _derived(self, scan: Record, known: list[Record]) -> Record:
        """Returns a scan as another unit's move, now and then come on two ways, or back to where it began."""
        choose, name = self.choose, f"{len(self.arrivals)}"
        former = [one for one in known if one["origin"] == "DERIVED" and one["step"] != "VOID"]
        if former and scan["corrects"] is None and choose.chance(40):
            again = choose.pick(former)
            return again | {"scan_id": again["scan_id"][:18] + a_derived_id("", 1, name)[18:]}
        root = choose.pick(known) if known and choose.chance(30) else {"scan_id": "far"}
        scan |= {"scan_id": a_derived_id(root["scan_id"], choose.pick((1, 2, 32, 65, 96)), name), "origin": "DERIVED"}
        return scan | {"event_time": root.get("event_time", scan["event_time"]), "reader": None, "source": None}

    def _echo(self, known: list[Record]) -> Record:
        former = self.choose.pick(known[-6:])
        event_time = max(0, former["event_time"] + self.choose.pick(_ECHOES_MS))
        source = "erp" if former["source"] == "wms" and self.choose.chance(70) else former["source"]
        return former | {"scan_id": f"{len(self.arrivals)}", "event_time": event_time, "source": source}

    def _new_scan(self, key: str, known: list[Record]) -> Record:
        choose = self.choose
        scan = a_scan(key, self._step(key), scan_id=f"{len(self.arrivals)}")
        scan["event_time"] = self._time(key, known)
        scan["site"] = "berlin" if choose.chance(50) else choose.pick((*SITES, *_UNKNOWN_SITES))
        scan["destination"] = choose.pick((None, *SITES, "kiosk", "")) if choose.chance(40) else None
        scan["reader"] = choose.pick((None, "r1", "r1", "r2", ""))
        scan["document"] = choose.pick(("count:1", "count:", "order:1")) if choose.chance(60) else None
        scan["lot"] = choose.pick(("L1", "Łot", "")) if choose.chance(15) else None
        self._add_rare(scan)
        if known and (choose.chance(3 if self.is_calm else 15) or scan["step"] == "VOID"):
            scan["corrects"] = choose.pick(known[-12:])["scan_id"] if choose.chance(95) else "unheard-of"
            scan["step"] = "VOID" if choose.chance(50) else scan["step"]
            scan["origin"] = "CORRECTION"
        return scan

    def _add_rare(self, scan: Record) -> None:
        """Let some scans say what few say."""
        choose = self.choose
        for name in ("container", "other_unit"):
            often = 4 if scan["step"] == "RELABEL" else 20  # a retired label has no more life to tell
            scan[name] = choose.pick((*_OTHERS, *self.units[:1])) if choose.chance(often) else None
        scan["source"] = choose.pick(("wms", "wms", "erp", "")) if choose.chance(60) else None
        scan["condition"] = choose.pick(_CONDITIONS) if choose.chance(15) else None
        scan["flags_set"] = choose.pick(_FLAGS) if choose.chance(4) else None
        scan["flags_unset"] = choose.pick(_FLAGS) if choose.chance(10) else None
        scan["expiry"] = T0 // 86_400_000 + choose.pick((0, 1, 400, -1, -30_000)) if choose.chance(8) else None

    def _step(self, key: str) -> str:
        if not self.scans[key] and self.choose.chance(90):
            return "COMMISSION"
        if key.startswith("sscc:") and self.choose.chance(8):
            return "COMMISSION"
        if self.is_calm and self.choose.chance(80):
            return self.choose.pick(_HARMLESS)
        if self.choose.chance(2):
            return self.choose.pick(_ENDS)
        return self.choose.pick(_RARE_STEPS if self.choose.chance(20) else _STEPS_OF_LIFE)

    def _time(self, key: str, known: list[Record]) -> int:
        stride = self.choose.pick(_STRIDES_MS)
        if known and self.choose.chance(15 if self.is_calm else 30):
            near = int(self.choose.pick(known)["event_time"])
            return max(0, near + (stride if self.choose.chance(50) else -stride))
        is_early = self.clocks.get(key, self.start) < self.start + _LONG_AWAY_MS // 20
        if key.startswith("sscc:") and known and is_early and self.choose.chance(10):
            stride = _LONG_AWAY_MS
        self.clocks[key] = self.clocks.get(key, self.start) + stride
        return self.clocks[key]

    def _sites(self) -> Arrival:
        somewhere = {
            "kiosk": (52.5, 13.4),
            "nowhere": (None, None),
            "potsdam": (40.0, 13.06),
            "berlin": SITES["berlin"],
        }
        name = self.choose.pick(tuple(somewhere))
        base = self._base()
        return a_site_load(base, {**(SITES if self.choose.chance(30) else {}), name: somewhere[name]})

    def _lifecycle(self) -> Arrival:
        name, text, is_extension = self.choose.pick(lifecycle_texts())
        base = self._base(is_extension)
        return an_internal("LIFECYCLE", name, text, base)

    def _modes(self) -> Arrival:
        content, is_good = mode_rows(self.choose)
        return an_internal("MODES", "modes", content, self._base(is_good))

    def _base(self, *is_good: bool) -> int:
        if self.choose.chance(15):
            return self.version - 1
        self.version += all(is_good)
        return self.version - all(is_good)


def history(choose: Chooser, records: int, units: Sequence[str] = UNITS) -> list[Arrival]:
    """Returns a history of so many records; it starts with a load of the sites."""
    start = 0 if choose.chance(10) else T0
    some = units if units is not UNITS else choose.pick((UNITS[:4], UNITS[2:], UNITS[3:5]))
    telling = _Telling(choose, some, choose.chance(50), [a_site_load()], version=1, start=start)
    telling.has_modes = choose.chance(60)
    for _ in range(records):
        telling.tell()
    return telling.arrivals


def seeded_history(seed: int, records: int, units: Sequence[str] = UNITS) -> list[Arrival]:
    """Returns the history of a seed."""
    return history(Seeded(seed), records, units)


def corrected_history(seed: int, records: int, unit: str) -> list[Arrival]:
    """Returns a long life of one unit in which every eighth record takes a scan back, of those often a VOID."""
    choose = Seeded(seed)
    telling = _Telling(choose, (unit,), choose.chance(60), [a_site_load()], version=1)
    for _ in range(records):
        known = telling.scans.get(unit)
        if known and choose.chance(12):
            telling.take_back(unit, known)
        else:
            telling.tell()
    return telling.arrivals


@st.composite
def histories(draw: st.DrawFn, most: int = 80, units: Sequence[str] = UNITS) -> list[Arrival]:
    """Returns a strategy of histories that Hypothesis can shrink."""
    return history(Drawn(draw), draw(st.integers(1, most)), units)


def _act(choose: Chooser, units: Sequence[str]) -> Arrival:
    content = {"kind": choose.pick(_ALERT_KINDS), "opening": choose.pick((1, 1, 2, 3)), "reason": "seen to"}
    text = "not JSON" if choose.chance(3) else json.dumps(content)
    return an_internal(choose.pick(_ACTS), choose.pick((*units, "sku:NO/SUCH/1") if choose.chance(10) else units), text)


def _perhaps_broken(choose: Chooser, scan: Record) -> Arrival:
    whole = arrived(scan)
    return choose.pick(
        (
            replace(whole, key=b"another"),
            replace(whole, received_at=scan["event_time"] - SKEW_MS - 1),
            replace(whole, record=scan | {"origin": "DERIVED"}),
            replace(whole, is_derived=True),
            replace(whole, record=scan | {"event_time": -1}),
            arrived(scan | {"serial": f"{scan['serial']} "}),
        )
    )
