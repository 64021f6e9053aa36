"""The newest position of a partition: how anyone but its owner learns where the partition stands.

Flow: the end of a partition of `units`, in growing tails -> the record that closed the last batch.
"""

from pipeline.broker.admin import watermarks
from pipeline.broker.read import read_partition
from pipeline.broker.topics import Topics
from pipeline.ledger.outputs import POSITION_KEY
from pipeline.settings import Settings

_FIRST_TAIL = 32  # every batch ends with a position, so nearly always it is among the last few records
_GROWTH = 128


def newest_position(settings: Settings, partition: int) -> bytes | None:
    """Return the position record nearest to the end of `units`, None where no worker has written yet.

    It stands at the end of every batch, and `units` keeps it for ever.

    Raises: BrokerUnreachable; TopicsWrong where there are no topics.
    """
    end = watermarks(settings, Topics.load(settings.topic_prefix).name("units"))[partition]
    tail = _FIRST_TAIL
    while True:
        start, newest = max(end.low, end.high - tail), None
        for record in read_partition(settings, "units", partition, start, end.high):
            if record.key == POSITION_KEY and record.value:
                newest = record.value
        if newest is not None or start == end.low:
            return newest
        tail *= _GROWTH
