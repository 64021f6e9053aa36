"""Documents that name pallets: what is in them comes with them, another pallet is as surprising as any unit."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from tests.oracle.arrivals import RECEIVED_AT, Arrival, a_site_load, an_internal
from tests.oracle.choose import Seeded
from tests.oracle.group_histories import sscc
from tests.oracle.routing import partition_of
from tests.unit.ledgering import ledger_of
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


def under_a_document(seed: int) -> list[Arrival]:
    """Returns scans of pumps that come into pallets and out of them, some under a document that names a pallet."""
    dice = random.Random(seed)  # noqa: S311  no secret
    told = an_internal("DOCUMENT", "asn:1", {"units": [[PALLET, ""]], "names_containers": True})
    pumps = (IN_IT, IN_OTHER, LOOSE)
    arrivals = [a_site_load(), told, *(scan(key, "COMMISSION", 0) for key in (*pumps, PALLET, OTHER))]
    for number in range(1, 60):
        step, key = dice.choice(("PACK", "UNPACK", "SHIP", "RECEIVE", "RECEIVE")), dice.choice(pumps)
        container = dice.choice((PALLET, OTHER)) if step == "PACK" or dice.random() < 0.1 else None
        document = "asn:1" if step == "RECEIVE" else None
        minute = number + dice.choice((0, 0, -5))
        fields: dict[str, Any] = {"container": container, "document": document, "scan_id": str(number)}
        arrivals.append(scan(key, step, minute, **fields))
    return arrivals


@pytest.mark.parametrize("seed", range(8))
def test_what_a_document_has_against_a_scan_is_the_same_wherever_batches_are_cut(seed: int) -> None:
    arrivals, dice = under_a_document(seed), random.Random(seed)  # noqa: S311  no secret
    whole = ledger_of(arrivals, lambda _: False, lambda _: False)
    single = ledger_of(arrivals, lambda _: True, lambda _: False)
    some = ledger_of(arrivals, lambda _: dice.random() < 0.3, lambda _: dice.random() < 0.3)
    assert "NOT_EXPECTED" in {one["decision"]["reason"] for one in whole.written["verdicts"]}
    for other in (single, some):
        for stream in ("verdicts", "revisions", "alerts"):
            assert other.written[stream] == whole.written[stream]
        assert other.kept == whole.kept


def test_a_unit_whose_first_scan_says_that_it_is_in_a_pallet_comes_with_it() -> None:
    several = shipped("asn:1", [PALLET], names_containers=True)
    several.arrive([scan("sku:ACME/PUMP/first", "COMMISSION", 599, "munich", container=PALLET)])
    several.arrive([scan("sku:ACME/PUMP/first", "RECEIVE", 600, "munich", container=PALLET, document="asn:1")])
    several.settle()
    assert "NOT_EXPECTED" not in " ".join(verdicts(several, "sku:ACME/PUMP/first"))


def test_a_document_told_of_single_units_too_is_one_of_single_units() -> None:
    several = shipped("asn:1", [PALLET], names_containers=True)
    for partition in range(3):
        units = [[LOOSE, ""]] if partition_of(LOOSE.encode(), 3) == partition else []
        told = an_internal("DOCUMENT", "asn:1", {"units": units, "names_containers": False})
        several.put(partition, told.record, RECEIVED_AT)
    several.settle()
    received(several, PALLET, OTHER, LOOSE)
    assert verdicts(several, IN_IT)[-1] == "RECEIVE FLAGGED NOT_EXPECTED"
    assert verdicts(several, OTHER)[-1] == "RECEIVE ACCEPTED NONE"
    assert verdicts(several, LOOSE)[-1] == "RECEIVE ACCEPTED NONE"
