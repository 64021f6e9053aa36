"""Counts of random lives, labels and all, against the same told in plain Python."""

from random import Random

import pytest

from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.oracle.counts import Count, Seen, statuses_of
from tests.told_documents import ITEM, expect, statuses

ROUNDS = 12
DECISIONS = (
    *[("ACCEPTED", "NONE")] * 6,
    ("FLAGGED", "CUSTODY_CONFLICT"),
    ("REPEATED", "RECOUNTED"),
    ("REPEATED", "REDELIVERED"),
    ("REJECTED", "UNKNOWN_UNIT"),
    ("REJECTED", "FUTURE_TIME"),
    ("REJECTED", "RETRACTED"),
    ("UNDECIDED", "LATE_BEYOND_TAIL"),
)
STATES = ("STORED", "STORED", "STORED", "RECEIVED", "IN_TRANSIT", "SOLD", "DISPENSED")


def a_life(random: Random, unit: str, sites: tuple[str, str], ordinals: list[int]) -> list[Seen]:
    """Returns scans of one unit, told of in the order of the list."""
    scans = []
    for _ in range(random.randint(0, 7)):
        step = random.choice(["STORE", "OBSERVE", "COUNT", "COUNT"])
        document = random.choice(["count:1", "count:1", "count:2", ""]) if step == "COUNT" else ""
        outcome, reason = random.choice(DECISIONS)
        ordinals.append(len(ordinals) + 1)
        minute = random.randint(0, 12)
        place = (random.choice(sites), random.choice(["", "shelf-1", "shelf-2"]))
        state = random.choice(STATES)
        scans.append(Seen(unit, minute, ordinals[-1], step, *place, state, document, outcome, reason))
    return scans


def tell(ledger: LedgerRows, random: Random, scans: list[Seen], old: dict[str, str]) -> None:
    """Inserts the scans, each under one of the labels of its unit."""
    for scan in scans:
        label = random.choice([scan.unit, old.get(scan.unit, scan.unit)])
        ledger.a_scan(
            f"{ITEM}/{label}", scan.step, f"2026-01-01 10:{scan.minute:02}:00", scan.outcome, reason=scan.reason,
            site=scan.site, location=scan.location or None, state_after=scan.state, document=scan.document or None,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_count_says_what_the_same_count_in_plain_python_says(warehouse: Warehouse, seed: int) -> None:
    random, ledger = Random(seed), LedgerRows(warehouse)  # noqa: S311  no secret
    units = [f"U{number}0000" for number in range(10, 50)]
    old = {unit: f"OLD-{unit}" for unit in random.sample(units, 10)}
    ordinals: list[int] = []
    scans = [scan for unit in units for scan in a_life(random, unit, ("S1", "S2"), ordinals)]
    sheet = frozenset(random.sample(units, 8)) if random.random() < 0.5 else frozenset()
    count = Count("count:1", "S1", random.choice(["", "shelf-1"]), sheet)
    with ledger.at_once():
        tell(ledger, random, scans, old)
        for unit, label in old.items():
            ledger.a_unit(f"{ITEM}/{label}", "STORED", alias_of=f"{ITEM}/{unit}")
        expect(ledger, "count:1", *sorted(sheet), site="S1", location=count.location)
    assert statuses(ledger, "count:1") == statuses_of(count, scans)
