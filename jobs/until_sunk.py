"""Waiting, with a bar, until what was sent is in ClickHouse: how verbs that send say that they are done."""

from collections.abc import Mapping

from rich.console import Console
from rich.progress import Progress

from jobs.warehouse import open_warehouse
from pipeline.settings import Settings
from pipeline.warehouse.marks import Target, wait_for


def wait_until_sunk(
    settings: Settings, last_offsets: Mapping[int, int], timeout_seconds: float, bars: Progress
) -> None:
    """Return when every stream of the sink has passed the last scan sent to each partition.

    Raises: SinkBehind where they have not in time; WarehouseDown.
    """
    total = sum(last_offsets.values()) + len(last_offsets)
    bar = bars.add_task("in ClickHouse", total=total)
    targets = {partition: Target(scans_last=offset) for partition, offset in last_offsets.items()}

    def advance(missing: int) -> None:
        bars.update(bar, completed=total - missing)

    with open_warehouse(settings) as warehouse:
        wait_for(warehouse, targets, timeout_seconds=timeout_seconds, progress=advance)


def wait_for_scans(settings: Settings, last_offsets: Mapping[int, int], timeout_seconds: float) -> None:
    """The same with a bar of its own."""
    if last_offsets:
        with Progress(console=Console(stderr=True)) as bars:
            wait_until_sunk(settings, last_offsets, timeout_seconds, bars)
