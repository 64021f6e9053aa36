"""Documents that name pallets: what is in them comes with them, another pallet is as surprising as any unit."""

from collections.abc import Sequence

import pytest

from tests.oracle.arrivals import RECEIVED_AT, a_site_load, an_internal
from tests.oracle.choose import Seeded
from tests.oracle.group_histories import sscc
from tests.oracle.routing import partition_of
from tests.unit.several import Several
from tests.unit.test_labels import scan, verdicts

PALLET, OTHER = sscc(1), sscc(2)
IN_IT, IN_OTHER, LOOSE = (f"sku:ACME/PUMP/{name}" for name in ("in", "other", "loose"))


def shipped(document: str, expected: Sequence[str], *, names_containers: bool) -> Several:
    """Returns partitions that know two packed pallets and a loose pump, all on their way, and a document."""
    several = Several(3, Seeded(1))
    for partition in range(3):
        own = [[key, ""] for key in expected if partition_of(key.encode(), 3) == partition]
        content = {"units": own, "names_containers": names_containers}
        several.put(partition, an_internal("DOCUMENT", document, content).record, RECEIVED_AT)
    packed = {IN_IT: PALLET, IN_OTHER: OTHER}
    everything = (PALLET, OTHER, IN_IT, IN_OTHER, LOOSE)
    for part in (
        [a_site_load()],
        [scan(key, "COMMISSION", 0) for key in everything],
        [scan(key, "PACK", 1, container=pallet) for key, pallet in packed.items()],
        [scan(key, "SHIP", 2, destination="munich") for key in (PALLET, OTHER, LOOSE)],
    ):
        several.arrive(part)
        several.settle()
    return several


def received(several: Several, *keys: str, document: str = "asn:1", minute: int = 600) -> None:
    several.arrive([scan(key, "RECEIVE", minute, "munich", document=document) for key in keys])
    several.settle()


def test_what_is_in_an_expected_pallet_comes_with_it() -> None:
    several = shipped("asn:1", [PALLET], names_containers=True)
    received(several, PALLET, OTHER, LOOSE)
    last = {key: verdicts(several, key)[-1] for key in (PALLET, IN_IT, OTHER, LOOSE)}
    assert last == {
        PALLET: "RECEIVE ACCEPTED NONE",
        IN_IT: "RECEIVE ACCEPTED NONE",
        OTHER: "RECEIVE FLAGGED NOT_EXPECTED",
        LOOSE: "RECEIVE FLAGGED NOT_EXPECTED",
    }


def test_a_unit_read_by_itself_in_an_expected_pallet_is_no_surprise() -> None:
    several = shipped("asn:1", [PALLET], names_containers=True)
    received(several, IN_IT, minute=601)
    assert verdicts(several, IN_IT)[-1].endswith("AGGREGATION_BREAK")  # the pallet was not read there


def test_where_units_are_named_the_pallet_is_none_and_each_unit_in_it_is_asked_for() -> None:
    several = shipped("asn:1", [IN_IT], names_containers=False)
    received(several, PALLET, OTHER)
    last = {key: verdicts(several, key)[-1] for key in (PALLET, IN_IT, OTHER, IN_OTHER)}
    assert last == {
        PALLET: "RECEIVE ACCEPTED NONE",
        IN_IT: "RECEIVE ACCEPTED NONE",
        OTHER: "RECEIVE ACCEPTED NONE",
        IN_OTHER: "RECEIVE FLAGGED NOT_EXPECTED",
    }


@pytest.mark.parametrize(("key", "reason"), [(PALLET, "NONE"), (OTHER, "NOT_EXPECTED")])
def test_the_full_pallet_that_was_not_allocated_is_told_from_the_one_that_was(key: str, reason: str) -> None:
    several = shipped("order:1", [PALLET], names_containers=True)
    several.arrive([scan(key, "RECEIVE", 600, "munich")])
    several.settle()
    several.arrive([scan(key, "SHIP", 700, "munich", document="order:1")])
    several.settle()
    assert verdicts(several, key)[-1].endswith(f" {reason}")


def test_that_a_document_names_containers_outlives_a_take_over() -> None:
    several = shipped("asn:1", [PALLET], names_containers=True)
    for ledger in several.ledgers:
        ledger.hand_over()
    received(several, PALLET)
    assert verdicts(several, IN_IT)[-1] == "RECEIVE ACCEPTED NONE"
