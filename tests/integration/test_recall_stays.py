"""Stays worked out in columns are those of the view, over random histories of parts."""

import random

import pytest

from analytics.recall.asked import Predicate
from analytics.recall.columns import read
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows

PARTS, PRODUCTS = ["i/1", "i/2", "i/3", "/serial"], ["m/1", "m/2", "i/3"]
STEPS = ["INSTALL"] * 5 + ["REMOVE", "REMOVE", "REPLACE", "RELABEL", "RETIRE", "SELL"]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_stays_are_those_of_the_view(warehouse: Warehouse, seed: int) -> None:
    ledger, chance = LedgerRows(warehouse), random.Random(seed)  # noqa: S311
    for _ in range(100):
        part = chance.choice(PARTS)
        unit, other = part.removeprefix("/"), chance.choice([None, *PRODUCTS, part.removeprefix("/")])
        derived = chance.random() < 0.2
        scan_id = f"{'0' * 16}{chance.choice('27')}{'0' * 16}" if derived else f"scan-{chance.random()}"
        at = f"2024-03-01 10:00:0{chance.randrange(10)}.000"
        ordinal = ledger.a_scan(
            part, chance.choice(STEPS), at,
            chance.choice(["ACCEPTED", "ACCEPTED", "FLAGGED", "REJECTED"]), other_unit=other, scan_id=scan_id,
            origin="DERIVED" if derived else "DEVICE", reason=chance.choice(["NONE", "NONE", "RETIRED_LABEL"]),
        )  # fmt: skip
        if chance.random() < 0.3:
            ledger.a_revision(ordinal, unit, chance.choice(["ACCEPTED", "REJECTED"]), "NONE")
    known = read(warehouse, Predicate(items=("none",)))
    ends = [known.units.ids[rows].tolist() for rows in known.edges[:2]]
    found = sorted(zip(*ends, known.edges.start.tolist(), strict=True))
    expected = warehouse.query_rows(
        "SELECT cityHash64(component), cityHash64(product), toUnixTimestamp64Milli(`from`)"
        " FROM v_assemblies ORDER BY ALL"
    )
    assert found == expected
    assert len(found) > 2
