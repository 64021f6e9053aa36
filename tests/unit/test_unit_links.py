"""Links of a unit: bounded, tidy, and the same bytes however the records were cut into batches."""

import random

import pytest

from tests.oracle.arrivals import Arrival, a_scan, a_site_load, arrived
from tests.oracle.generate import seeded_history
from tests.unit.ledgering import ledger_of


def _packed(boxes: int) -> list[Arrival]:
    """Return the arrivals of a unit packed into one box after another, and back into the first one."""
    scans = [a_scan()]
    for minute in range(boxes):
        box = f"sku:ACME/BOX/{minute}"
        scans.append(a_scan(step="PACK", minute=minute + 1, container=box, scan_id=f"in-{minute}"))
    scans.append(a_scan(step="PACK", minute=boxes + 2, container="sku:ACME/BOX/0", scan_id="again"))
    return [a_site_load(), *(arrived(scan) for scan in scans)]


def _bytes(arrivals: list[Arrival], cuts: set[int]) -> dict[bytes, bytes]:
    return ledger_of(arrivals, cuts.__contains__, cuts.__contains__).kept


@pytest.mark.parametrize("boxes", [5, 99, 100, 101, 260])
def test_a_unit_in_more_containers_than_it_has_links_for_is_in_the_last_one(boxes: int) -> None:
    ledgering = ledger_of(_packed(boxes), lambda _: False, lambda _: False)
    (unit,) = ledgering.units().values()
    assert unit["container"] == "sku:ACME/BOX/0"
    assert (unit["sequence"], unit["applied"]) == (boxes + 2, boxes + 2)


@pytest.mark.parametrize("boxes", [40, 150])
def test_a_units_links_are_the_same_bytes_however_its_scans_are_cut(boxes: int) -> None:
    arrivals = _packed(boxes)
    one_by_one = set(range(3, len(arrivals) + 1))
    assert _bytes(arrivals, one_by_one) == _bytes(arrivals, set())


@pytest.mark.parametrize("seed", range(12))
def test_any_history_leaves_the_same_bytes_however_it_is_cut(seed: int) -> None:
    arrivals, dice = seeded_history(seed, 250), random.Random(seed)  # noqa: S311  no secret
    cuts = {at for at in range(3, len(arrivals)) if dice.random() < 0.3}
    assert _bytes(arrivals, cuts) == _bytes(arrivals, set())
