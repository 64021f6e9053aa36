"""The whole proof: inputs, ordinals, streams, units and a fresh fold, partition by partition.

Flow: what the inputs hold, what the worker wrote, what ClickHouse has -> a Report.

What arrives while it runs is left out: a partition is compared up to the position that it had when its turn came, which
is never less than what the inputs held at the start.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.broker.admin import check_topics
from pipeline.broker.group import Place
from pipeline.broker.sweep import first_offsets, sweep
from pipeline.errors import SinkBehind
from pipeline.ledger.where import Where, where_of
from pipeline.proof.chain import Input, check_offsets, check_ordinals
from pipeline.proof.refold import Refold
from pipeline.proof.repair import repair
from pipeline.proof.report import Report
from pipeline.proof.verdicts import WrittenVerdicts, check_verdicts
from pipeline.proof.written import Memory, check_streams, check_units, read_memory
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.marks import Target, wait_for
from pipeline.warehouse.retention import removals

INPUTS = ("scans", "internal")


@dataclass(frozen=True)
class Ledger:
    """What is verified, and how long to wait for the sink."""

    settings: Settings
    warehouse: Warehouse
    timeout_seconds: float = 60.0
    say: Callable[[str], None] = lambda _: None


def verify(ledger: Ledger, *, with_repair: bool = False) -> Report:
    """Check everything; with repair, insert first what is missing.

    Raises:
        BrokerUnreachable: Kafka does not answer.
        WarehouseDown: ClickHouse does not answer.
    """
    report = Report()
    report.removed = removals(ledger.warehouse)
    partitions = check_topics(ledger.settings)
    offsets = _offsets(ledger.settings, partitions)
    report.compared("sink", partitions)
    _wait(ledger, report, {at: Target(*(_last(inputs[name]) for name in INPUTS)) for at, inputs in enumerate(offsets)})
    if with_repair:
        report.repaired = sum(_repair(ledger, partition) for partition in range(partitions))
    for partition in range(partitions):
        ledger.say(f"partition {partition + 1} of {partitions}")
        _verify_partition(ledger, report, where_of(ledger.settings, partition, partitions), offsets[partition])
    return report


def _verify_partition(ledger: Ledger, report: Report, where: Where, offsets: dict[str, Input]) -> None:
    settings, warehouse, partition = ledger.settings, ledger.warehouse, where.partition
    memory = read_memory(settings, partition)
    _wait(ledger, report, {partition: Target(memory.scans_next - 1, memory.internal_next - 1)})
    before = report.results["ordinals"].problems
    removed = report.removed_until(partition)
    accounted = check_ordinals(warehouse, report, where, memory.ordinal, removed)
    check_offsets(report, partition, _until(settings, partition, offsets, memory), accounted, removed)
    check_streams(warehouse, report, partition, memory, removed)
    check_units(warehouse, report, partition, memory)
    if not removed and report.results["ordinals"].problems == before:
        written = WrittenVerdicts(settings, partition, memory.ordinal)
        Refold(warehouse, report, where).run(memory.ordinal, memory, written)
        return
    check_verdicts(settings, warehouse, report, partition, memory.ordinal, removed)
    if removed:
        report.listed("fold", len(memory.units))  # nobody knows the states that units had before
    else:
        report.found("fold", partition, "not folded afresh", ["the chain of ordinals is broken"], 1)


def _wait(ledger: Ledger, report: Report, targets: Mapping[int, Target]) -> None:
    try:
        wait_for(ledger.warehouse, targets, timeout_seconds=ledger.timeout_seconds)
    except SinkBehind as behind:
        report.results["sink"].problems += 1
        report.results["sink"].examples.append(str(behind))


def _repair(ledger: Ledger, partition: int) -> int:
    """Return the rows that were missing and the units that were not as the worker wrote them last."""
    ledger.say(f"repairing partition {partition}")
    memory, before = read_memory(ledger.settings, partition), Report()
    _wait(ledger, before, {partition: Target(memory.scans_next - 1, memory.internal_next - 1)})
    check_units(ledger.warehouse, before, partition, memory)
    removed = removals(ledger.warehouse).get(partition)
    written = repair(ledger.settings, ledger.warehouse, partition, removed.last_ordinal if removed else 0)
    return written + before.results["units"].problems


def _offsets(settings: Settings, partitions: int) -> list[dict[str, Input]]:
    """Return what both inputs hold of each partition."""
    places = [Place(topic, partition) for topic in INPUTS for partition in range(partitions)]
    starts, held = first_offsets(settings, places), {place: list[int]() for place in places}
    for run in sweep(settings, starts):
        held[run.place] += run.offsets()
    inputs = {at: Input(starts[at], np.array(offsets, np.int64), 0) for at, offsets in held.items()}
    return [{topic: inputs[Place(topic, partition)] for topic in INPUTS} for partition in range(partitions)]


def _last(log: Input) -> int:
    return int(log.offsets[-1]) if len(log.offsets) else -1


def _until(settings: Settings, partition: int, offsets: dict[str, Input], memory: Memory) -> dict[str, Input]:
    """Return what the inputs hold up to the position of the memory: what has come since the start, too."""
    nexts = {"scans": memory.scans_next, "internal": memory.internal_next}
    ends = {topic: max(log.low, _last(log) + 1) for topic, log in offsets.items()}
    since: dict[str, list[int]] = {topic: [] for topic in offsets}
    moved = {Place(topic, partition): end for topic, end in ends.items() if end < nexts[topic]}
    for run in sweep(settings, moved) if moved else ():  # a reader costs its start
        since[run.place.topic] += run.offsets()
    return {
        topic: Input(log.low, np.concatenate([log.offsets, np.array(since[topic], np.int64)]), nexts[topic])
        for topic, log in offsets.items()
    }
