"""A simulation told to the oracle: what a correct ledger makes of every scan, without any broker.

What is packed together is told to the oracle of groups, which knows what a container's moves mean for its members.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.simulate.simulation import Batch, Simulation
from pipeline.simulate.truth import Truth
from pipeline.wire.schemas import decode
from tests.oracle.arrivals import RECEIVED_AT, SKEW_MS, a_site_load, arrived
from tests.oracle.belonging import own_key
from tests.oracle.group import group_of
from tests.oracle.oracle import Oracle
from tests.oracle.reference import Reference
from tests.oracle.routing import partition_of

_PARTITIONS = 3
_LONG_AFTER = RECEIVED_AT + 3 * 365 * 24 * 3_600_000


@dataclass
class Told:
    """What came out: (scan_id, outcome, reason) of each scan's newest decision, (unit, kind) of standing alerts."""

    scans: list[tuple[str, str, str]] = field(default_factory=list)
    alerts: set[tuple[str, str]] = field(default_factory=set)
    truths: list[Truth] = field(default_factory=list)
    late: int = 0
    derived: int = 0
    """Scans that containers had derived for what is in them."""
    due: int = 0
    """How many of them the simulation says there are."""


def tell(simulation: Simulation) -> Told:
    """Sends a simulation through one oracle per partition."""
    oracles = [Oracle(_PARTITIONS, partition, SKEW_MS) for partition in range(_PARTITIONS)]
    places = {name: (latitude, longitude) for name, latitude, longitude, _ in simulation.world.sites()}
    for oracle in oracles:
        oracle.internal(a_site_load(sites=dict(places)).record, 1, _LONG_AFTER)
    told, ordinals = Told(), [1] * _PARTITIONS
    newest_seen: dict[bytes, int] = {}
    where: list[tuple[int, int, str]] = []
    batches = list(simulation.batches(1_000))
    packed, together = _packed(batches), list[dict[str, Any]]()
    for batch in batches:
        told.truths += batch.truths
        told.due += batch.derived
        for oracle in oracles:
            oracle.reference.documents |= {paper.name: dict(paper.units) for paper in batch.papers}
        for partition, key, scan in _arrivals(batch):
            told.late += scan["event_time"] < newest_seen.get(key, scan["event_time"])
            newest_seen[key] = max(newest_seen.get(key, 0), scan["event_time"])
            if key in packed:
                together.append(scan)
                continue
            ordinals[partition] += 1
            oracles[partition].scan(scan, key, partition, ordinals[partition], ordinals[partition], _LONG_AFTER)
            where.append((partition, ordinals[partition], scan["scan_id"]))
    newest = [_newest(oracle) for oracle in oracles]
    told.scans = [(scan_id, *newest[partition][ordinal]) for partition, ordinal, scan_id in where]
    told.alerts = {alert for oracle in oracles for alert in _standing(oracle.alerts)}
    _tell_together(together, oracles[0].reference, told)
    return told


def _packed(batches: Iterable[Batch]) -> set[bytes]:
    """Returns the keys of units that are ever in a container, and of the containers."""
    found = set[bytes]()
    for batch in batches:
        for key, value in zip(batch.keys, batch.values, strict=True):
            container = decode(value)[1]["container"]
            found |= {key, container.encode()} if container else set()
    return found


def _tell_together(scans: list[dict[str, Any]], reference: Reference, told: Told) -> None:
    """Add what comes of scans of units that are in each other."""
    units = group_of([arrived(scan) for scan in scans], reference)
    for key, unit in units.items():
        facts = [fact for fact in unit.facts.ordered if not fact.is_derived]
        told.scans += [(fact.scan["scan_id"], fact.decision["outcome"], fact.decision["reason"]) for fact in facts]
        assert len(facts) == sum(own_key(scan) == key for scan in scans)
        derived = [fact for fact in unit.facts.ordered if fact.is_derived]
        assert all(fact.decision["outcome"] == "ACCEPTED" for fact in derived), key
        told.derived += len(derived)
        told.alerts |= {(key, alert.kind) for alert in unit.alerts.opened if alert.is_live}


def _arrivals(batch: Batch) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    strays = batch.strays(_PARTITIONS)
    for place, (key, value) in enumerate(zip(batch.keys, batch.values, strict=True)):
        yield strays.get(place, partition_of(key, _PARTITIONS)), key, decode(value)[1]


def _newest(oracle: Oracle) -> dict[int, tuple[str, str]]:
    revised = sorted(oracle.revisions, key=lambda revision: revision["sequence"])
    decisions = {**oracle.decisions, **{revision["ordinal"]: revision for revision in revised}}
    return {ordinal: (decision["outcome"], decision["reason"]) for ordinal, decision in decisions.items()}


def _standing(alerts: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    newest = {(alert["subject"].removeprefix("unit:"), alert["kind"]): alert["status"] for alert in alerts}
    return {alert for alert, status in newest.items() if status != "RETRACTED"}
