"""What the worker writes to one partition of an output topic after a record was sent: how a verb gets its answer."""

import time
from collections.abc import Callable
from typing import Any

from pipeline.broker.admin import watermarks
from pipeline.broker.read import read_partition
from pipeline.broker.topics import Topics
from pipeline.errors import NoAnswer
from pipeline.settings import Settings
from pipeline.wire.schemas import decode

Fields = dict[str, Any]

POLL_SECONDS = 0.1
_OWN_RECORDS = b"\0"  # keys of position and reference records begin so


class Replies:
    """The records of a partition from where it ended when this was made, each seen once."""

    def __init__(self, settings: Settings, topic: str, partition: int) -> None:
        """Note where the partition ends.

        Raises: BrokerUnreachable, TopicsWrong.
        """
        self._settings, self._topic, self._partition = settings, topic, partition
        self._next = watermarks(settings, Topics.load(settings.topic_prefix).name(topic))[partition].high

    def first(self, is_wanted: Callable[[Fields], bool], deadline: float, key: bytes | None = None) -> Fields:
        """Return the first record that is wanted, waiting until the deadline of `time.monotonic`.

        Args:
            is_wanted: tells by a record's fields.
            deadline: when to give up.
            key: only records under this key are looked at, so that a busy partition costs little.

        Raises: NoAnswer at the deadline; BrokerUnreachable.
        """
        while True:
            for record in read_partition(self._settings, self._topic, self._partition, self._next):
                self._next = record.offset + 1
                if record.value is None or record.key is None or record.key.startswith(_OWN_RECORDS):
                    continue
                if key in {None, record.key} and is_wanted(fields := decode(record.value)[1]):
                    return fields
            if time.monotonic() > deadline:
                message = (
                    f"No worker has answered in partition {self._partition}. What was sent is on the log and will be "
                    "accounted once one runs: see `scanledger status`, or start one with `scanledger worker`."
                )
                raise NoAnswer(message)
            time.sleep(POLL_SECONDS)
