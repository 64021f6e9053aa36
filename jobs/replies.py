"""What the worker writes after a record was sent: how a verb gets its answer."""

import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from pipeline.broker.tail import Followed, Tail
from pipeline.errors import NoAnswer
from pipeline.settings import Settings
from pipeline.wire.schemas import decode

Fields = dict[str, Any]

_WAIT_SECONDS = 0.2
_OWN_RECORDS = b"\0"  # keys of position and reference records begin so


class Replies:
    """The verdicts or acts of some partitions from where they ended when this was made: make it before you send."""

    def __init__(self, settings: Settings, topic: str, partitions: Iterable[int]) -> None:
        """Note where the partitions end.

        Raises: BrokerUnreachable, TopicsWrong.
        """
        self._tail = Tail(settings, topic, partitions)

    def to(self, offsets: Mapping[int, int], deadline: float, key: bytes | None = None) -> dict[int, Fields]:
        """Return by partition what came of the records sent to these offsets of the input.

        Args:
            offsets: one offset per partition.
            deadline: when to give up, by `time.monotonic`.
            key: only records under this key are decoded, so that a busy partition costs little.

        Raises: NoAnswer at the deadline, naming the partitions without an answer.
        """
        found: dict[int, Fields] = {}
        while len(found) < len(offsets):
            for record in self._tail.read(_WAIT_SECONDS):
                fields = _fields(record, key)
                if fields is not None and _input_offset(fields) == offsets.get(record.partition):
                    found[record.partition] = fields
            if len(found) < len(offsets) and time.monotonic() > deadline:
                raise _no_answer(sorted(offsets.keys() - found.keys()))
        return found

    def named(self, sent: Mapping[str, int], deadline: float) -> dict[str, Fields]:
        """Return by id the acts on records of `internal` that were sent, however many to one partition.

        Args:
            sent: the partition of each record by its id.
            deadline: when to give up, by `time.monotonic`.

        Raises: NoAnswer at the deadline, naming the partitions without an answer to all.
        """
        found: dict[str, Fields] = {}
        while len(found) < len(sent):
            for record in self._tail.read(_WAIT_SECONDS):
                fields = _fields(record, None)
                if fields is not None and fields["id"] in sent:
                    found[fields["id"]] = fields
            if len(found) < len(sent) and time.monotonic() > deadline:
                raise _no_answer(sorted({sent[one] for one in sent.keys() - found.keys()}))
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tail.close()


def _fields(record: Followed, key: bytes | None) -> Fields | None:
    if record.value is None or record.key is None or record.key.startswith(_OWN_RECORDS):
        return None
    return decode(record.value)[1] if key in {None, record.key} else None


def _input_offset(fields: Fields) -> int:
    return int(fields.get("decision", fields)["offset"])


def _no_answer(partitions: list[int]) -> NoAnswer:
    numbers = ", ".join(map(str, partitions))
    message = (
        f"No worker has answered in partition {numbers}. What was sent is on the log and will be accounted once one "
        "runs: see `scanledger status`, or start one with `scanledger worker`."
    )
    return NoAnswer(message)
