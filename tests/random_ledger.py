"""Random histories of goods with revised decisions, in the warehouse and as plain Python."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.ledger_rows import LedgerRows

START = datetime(2024, 1, 1, tzinfo=UTC)
STATES = {
    "COMMISSION": "COMMISSIONED", "STORE": "STORED", "SHIP": "IN_TRANSIT", "RECEIVE": "RECEIVED", "SELL": "SOLD",
    "DISPENSE": "SOLD", "RETURN": "RETURNED", "HOLD": "HELD", "FAIL": "FAILED", "RETIRE": "RETIRED",
    "CANCEL_SHIPMENT": "STAGED",
}  # fmt: skip
STEPS = (*STATES, "COUNT", "OBSERVE", "VOID", "SHIP", "RECEIVE", "SELL", "RETURN", "STORE")
LAST = ("FAIL", "RETIRE", "DESTROY")
DECISIONS = (
    *[("ACCEPTED", "NONE")] * 6, ("FLAGGED", "UNKNOWN_SITE"), ("REPEATED", "DOUBLE_SCAN"), ("REPEATED", "REDELIVERED"),
    ("REJECTED", "ILLEGAL_TRANSITION"), ("REJECTED", "RETRACTED"), ("UNDECIDED", "LATE_BEYOND_TAIL"),
)  # fmt: skip
ATTRIBUTES = {
    "entry": ("manual", "scan"),
    "read": ("failed", "ok"),
    "supplier": ("X", "Y"),
    "configuration": ("K1", "K2", "K3"),
    "reason": ("broken", "unwanted"),
}
ON_HAND = {"COMMISSIONED", "STORED", "RECEIVED", "RETURNED", "HELD", "STAGED"}


class Scan(NamedTuple):
    """A scan with the decision that holds."""

    unit: str
    step: str
    time: datetime
    site: str
    destination: str | None
    reader: str | None
    condition: str | None
    origin: str
    attributes: tuple[tuple[str, str], ...]
    outcome: str
    reason: str
    before: str
    after: str
    previous_site: str | None
    ordinal: int

    @property
    def item(self) -> str:
        return self.unit.partition("/")[0]

    @property
    def is_applied(self) -> bool:
        return self.outcome in {"ACCEPTED", "FLAGGED"} and self.step != "VOID"

    @property
    def is_move(self) -> bool:
        return self.before != self.after or self.site != (self.previous_site or "")

    def said(self, name: str) -> str:
        """Returns an attribute, empty where it has none of that name."""
        return dict(self.attributes).get(name, "")


def a_random_ledger(ledger: LedgerRows, seed: int, scans: int = 400) -> list[Scan]:
    """Fill the ledger over 100 days; some decisions are revised afterwards. Times are distinct minutes of a unit."""
    chance = random.Random(seed)  # noqa: S311  a test's
    made: list[Scan] = []
    minutes = sorted(chance.sample(range(100 * 24 * 60), scans))
    rows, last = [], dict[str, tuple[str, str | None]]()
    for minute in minutes:
        scan = _a_scan(chance, minute, last)
        row = ledger.scan_row(
            scan.unit, scan.step, scan.time.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3], scan.outcome, reason=scan.reason,
            site=scan.site, destination=scan.destination, reader=scan.reader, condition=scan.condition,
            origin=scan.origin, attributes=dict_of(scan), state_before=scan.before, state_after=scan.after,
            previous_site=scan.previous_site,
        )  # fmt: skip
        rows.append(row)
        made.append(scan._replace(ordinal=int(str(row["ordinal"]))))
        if scan.is_applied:
            last[scan.unit] = scan.after, scan.site
    with ledger.at_once():
        ledger.insert("unit_events", *rows)
        for place in chance.sample(range(scans), scans // 15):
            made[place] = _revised(ledger, chance, made[place])
    return made


def dict_of(scan: Scan) -> list[dict[str, str]]:
    """Returns the attributes as a row of the table has them."""
    return [{"name": name, "value": value} for name, value in scan.attributes]


def _a_scan(chance: random.Random, minute: int, last: dict[str, tuple[str, str | None]]) -> Scan:
    unit = f"i{chance.randrange(2)}/s{chance.randrange(25)}"
    before, previous_site = last.get(unit, ("NONE", None))
    step = chance.choice(STEPS)
    site = chance.choice(["S1", "S2", "S3", previous_site or "S1"])
    attributes = [
        (name, chance.choice(values))
        for name, values in ATTRIBUTES.items()
        if chance.random() < 0.3 and (site != "S3" or name == "supplier")
    ]
    outcome, reason = chance.choice(DECISIONS)
    return Scan(
        unit, step, START + timedelta(minutes=minute, seconds=chance.randrange(60)), site,
        chance.choice(["S1", "S2", "S3", None]) if step == "SHIP" else None, chance.choice(["R1", "R2", None]),
        chance.choice(["damaged", "in_transit damaged", "returned", "undamaged", None]) if site != "S2" else None,
        chance.choice(["DEVICE", "DEVICE", "IMPORT", "DERIVED"]), tuple(attributes), outcome, reason,
        before, STATES.get(step, before), previous_site, 0,
    )  # fmt: skip


def _revised(ledger: LedgerRows, chance: random.Random, scan: Scan) -> Scan:
    outcome, reason = chance.choice(DECISIONS)
    before, previous_site = chance.choice(list(STATES.values())), chance.choice(["S1", "S2", None])
    new = scan._replace(
        outcome=outcome, reason=reason, before=before, after=STATES.get(scan.step, before), previous_site=previous_site
    )
    ledger.a_revision(
        scan.ordinal, scan.unit, outcome, reason, state_before=new.before, state_after=new.after,
        previous_site=new.previous_site,
    )  # fmt: skip
    return new


def known_until(scans: list[Scan], as_of: datetime | None) -> tuple[list[Scan], datetime]:
    """Returns the scans up to the end of the ledger, and that end: `as_of`, else the last scan that counts."""
    end = as_of or max(scan.time for scan in scans if scan.outcome in {"ACCEPTED", "FLAGGED", "REPEATED"})
    return [scan for scan in scans if scan.time <= end], end


def lives_of(scans: list[Scan], which: Callable[[Scan], bool] = lambda scan: scan.is_applied) -> Iterator[list[Scan]]:
    """Yields each unit's scans of a kind in order."""
    units: dict[str, list[Scan]] = defaultdict(list)
    for scan in sorted(scans, key=lambda scan: (scan.time, scan.step in LAST, scan.ordinal)):
        if which(scan):
            units[scan.unit].append(scan)
    yield from units.values()
