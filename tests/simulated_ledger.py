"""A simulation told to the oracle: what a correct ledger makes of every scan, without any broker."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.simulate.simulation import Batch, Simulation
from pipeline.simulate.truth import Truth
from pipeline.wire.schemas import decode
from tests.oracle.arrivals import RECEIVED_AT, SKEW_MS, a_site_load
from tests.oracle.oracle import Oracle
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


def tell(simulation: Simulation) -> Told:
    """Sends a simulation through one oracle per partition."""
    oracles = [Oracle(_PARTITIONS, partition, SKEW_MS) for partition in range(_PARTITIONS)]
    places = {name: (latitude, longitude) for name, latitude, longitude, _ in simulation.world.sites()}
    for oracle in oracles:
        oracle.internal(a_site_load(sites=dict(places)).record, 1, _LONG_AFTER)
    told, ordinals = Told(), [1] * _PARTITIONS
    newest_seen: dict[bytes, int] = {}
    where: list[tuple[int, int, str]] = []
    for batch in simulation.batches(1_000):
        told.truths += batch.truths
        for partition, key, scan in _arrivals(batch):
            told.late += scan["event_time"] < newest_seen.get(key, scan["event_time"])
            newest_seen[key] = max(newest_seen.get(key, 0), scan["event_time"])
            ordinals[partition] += 1
            oracles[partition].scan(scan, key, partition, ordinals[partition], ordinals[partition], _LONG_AFTER)
            where.append((partition, ordinals[partition], scan["scan_id"]))
    newest = [_newest(oracle) for oracle in oracles]
    told.scans = [(scan_id, *newest[partition][ordinal]) for partition, ordinal, scan_id in where]
    told.alerts = {alert for oracle in oracles for alert in _standing(oracle.alerts)}
    return told


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
