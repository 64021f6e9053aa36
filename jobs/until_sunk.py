"""Waiting, with a bar, until what was sent is in ClickHouse: how verbs that send say that they are done."""

from collections.abc import Mapping
from types import MappingProxyType

from rich.console import Console
from rich.progress import Progress

from jobs.warehouse import open_warehouse
from pipeline.settings import Settings
from pipeline.warehouse.marks import Target, wait_for


def wait_until_sunk(
    settings: Settings,
    last_offsets: Mapping[int, int],
    timeout_seconds: float,
    bars: Progress,
    last_internal: Mapping[int, int] = MappingProxyType({}),
) -> None:
    """Return when every stream of the sink has passed the last scan, and record of `internal`, sent to each partition.

    Raises: SinkBehind where they have not in time; WarehouseDown.
    """
    total = sum(sum(sent.values()) + len(sent) for sent in (last_offsets, last_internal))
    bar = bars.add_task("in ClickHouse", total=total)
    targets = {
        partition: Target(last_offsets.get(partition, -1), last_internal.get(partition, -1))
        for partition in {*last_offsets, *last_internal}
    }

    def advance(missing: int) -> None:
        bars.update(bar, completed=total - missing)

    with open_warehouse(settings) as warehouse:
        wait_for(warehouse, targets, timeout_seconds=timeout_seconds, progress=advance)


def wait_with_bar(
    settings: Settings, last_offsets: Mapping[int, int], last_internal: Mapping[int, int], timeout_seconds: float
) -> None:
    """The same with a bar of its own."""
    if last_offsets or last_internal:
        with Progress(console=Console(stderr=True)) as bars:
            wait_until_sunk(settings, last_offsets, timeout_seconds, bars, last_internal)
