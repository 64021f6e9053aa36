"""Work done some turns one after another: the least it took, by the clock and of processors."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from bench.part import Part

_TURNS: Final = 4


class Seconds(NamedTuple):
    """What a turn took: by the clock, and of processors, this process and ClickHouse together."""

    wall: float
    cpu: float


def best(work: Callable[[], object], clickhouse: Part, turns: int = _TURNS) -> Seconds:
    """Return the least of some turns; the first one compiles and warms up."""
    taken = []
    for _ in range(turns):
        begun, mine, theirs = time.monotonic(), time.process_time(), clickhouse.sample().cpu
        work()
        spent = time.process_time() - mine + clickhouse.sample().cpu - theirs
        taken.append(Seconds(time.monotonic() - begun, spent))
    return Seconds(*map(min, zip(*taken[1:], strict=True)))
