"""What streams through a stack while its parts die: adversarial histories of many units over months, loads, acts."""

from collections.abc import Callable, Iterable

from pipeline.broker.send import Sender
from pipeline.settings import Settings
from pipeline.warehouse.marks import Target
from pipeline.wire.schemas import encode
from tests.oracle.arrivals import MINUTE, Arrival, a_site_load
from tests.oracle.generate import seeded_history
from tests.oracle.routing import partition_of

_RECORDS = 300  # a history
_UNITS = 6
_DAY_MS = 24 * 60 * MINUTE
_HISTORIES_PER_LOAD = 20


def units_of(seed: int) -> list[str]:
    """Returns the units of a history, which no other history has."""
    half = _UNITS // 2
    return [f"sku:ACME/PUMP/{seed}-{n}" for n in range(half)] + [f"asset:ACME/DRIVE/{seed}-{n}" for n in range(half)]


def feed(settings: Settings, partitions: int, records: int, hold_back: Callable[[float], None]) -> dict[int, Target]:
    """Send so many records, asking before each history, and return, by partition, the last ones sent."""
    scans, internal = Sender(settings, "scans"), Sender(settings, "internal")
    version = 0
    for seed in range(records // _RECORDS):
        hold_back(seed * _RECORDS / records)
        if seed % _HISTORIES_PER_LOAD == 0:
            load = a_site_load(version)
            version += 1
            for partition in range(partitions):
                _send_internal(internal, load, partition)
        told = seeded_history(seed, _RECORDS, units_of(seed))
        mine = [_alone(_shifted(arrival, seed)) for arrival in told if not arrival.is_internal]
        scans.send([one.key or b"" for one in mine], [encode("scan", one.record) for one in mine])
        for act in _acts(told):
            _send_internal(internal, act, partition_of(act.record["subject"].encode(), partitions))
    last_scans, last_internal = scans.finish(), internal.finish()
    return {
        partition: Target(last_scans.get(partition, -1), last_internal.get(partition, -1))
        for partition in range(partitions)
    }


def _send_internal(sender: Sender, arrival: Arrival, partition: int) -> None:
    key = arrival.key or b""
    sender.send([key], [encode("internal", arrival.record)], partition)


def _acts(arrivals: Iterable[Arrival]) -> list[Arrival]:
    return [arrival for arrival in arrivals if str(arrival.record.get("kind", "")).startswith("ALERT_")]


def _alone(arrival: Arrival) -> Arrival:
    """Returns the arrival without other units: the oracle of one partition does not hear what units tell each other.

    Those are compared with the oracle of a group, and killed midway, in tests/worker/test_containers.py.
    """
    return Arrival(arrival.record | {"container": None, "other_unit": None}, arrival.key)


def _shifted(arrival: Arrival, days: int) -> Arrival:
    """Returns the arrival some days later, so that the event times of all histories span months."""
    scan = arrival.record
    if scan["event_time"] < _DAY_MS:
        return arrival
    moved = {name: scan[name] + days % 200 * _DAY_MS for name in ("event_time", "capture_time")}
    return Arrival(scan | moved, arrival.key)
