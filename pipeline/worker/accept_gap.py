"""Going on after input was lost: a dead letter on record for each gap, and the position after it, in one transaction.

Flow: newest position in `units`, watermarks of the inputs -> dead letters, a position in every output topic.
"""

import hashlib
import time
from typing import Any

from pipeline.broker.admin import check_topics, watermarks
from pipeline.broker.changelog import read_to_end
from pipeline.broker.topics import Topics
from pipeline.broker.transactions import Aborted, Fenced, OwnershipLost, TransactionalWriter
from pipeline.errors import SettingsWrong
from pipeline.ledger.outputs import POSITION_KEY, STREAMS
from pipeline.ledger.position import decode_position
from pipeline.ledger.where import where_of
from pipeline.settings import Settings
from pipeline.wire.schemas import decode, encode
from pipeline.worker.gap import Gap, GapFound, gaps_of
from pipeline.worker.takeover import transactional_id

_ATTEMPTS = 20
_FIRST_WINDOW = 1_000


def accept_gap(settings: Settings, partition: int) -> list[Gap]:
    """Record the gaps of a partition's inputs and move its position behind them; returns them, empty where none is.

    The worker that waits for this tries to take the partition over every few seconds, which fences this writer; it is
    fenced in turn, and a lost attempt leaves nothing behind.

    Raises:
        SettingsWrong: there is no such partition.
        GapFound: the worker was faster every time.
        BrokerUnreachable: Kafka does not answer.
    """
    partitions = check_topics(settings)
    if not 0 <= partition < partitions:
        message = f"there is no partition {partition}; they are numbered 0 to {partitions - 1}"
        raise SettingsWrong(message)
    for _ in range(_ATTEMPTS):
        writer = TransactionalWriter(settings, transactional_id(settings, partition))
        try:
            writer.take_over()
            return _accept(settings, partition, partitions, writer)
        except (Aborted, Fenced, OwnershipLost):
            continue
        finally:
            writer.close()
    message = f"a worker took partition {partition} over {_ATTEMPTS} times meanwhile: stop it, or try again"
    raise GapFound(message)


def _accept(settings: Settings, partition: int, partitions: int, writer: TransactionalWriter) -> list[Gap]:
    newest = _newest_position(settings, partition)
    if newest is None:
        return []  # no history: the partition begins where its log begins
    where = where_of(settings, partition, partitions)
    gaps = gaps_of(settings, where, decode_position(newest))
    if not gaps:
        return []
    fields: dict[str, Any] = decode(newest)[1]
    letters = []
    for gap in gaps:
        fields["ordinal"] += 1
        fields["scans_next" if gap.topic == where.scans_topic else "internal_next"] = gap.resume
        letters.append(_dead_letter(gap, partition, fields["ordinal"]))
    topics, position = Topics.load(settings.topic_prefix), encode("position", fields)
    records = [
        (topics.name(stream), [b""] * len(own) + [POSITION_KEY], [*own, position])
        for stream in STREAMS
        for own in ([letters if stream == "dead_letters" else []])
    ]
    writer.write(partition, records, watched=topics.name("units"))
    return gaps


def _newest_position(settings: Settings, partition: int) -> bytes | None:
    """Return the position record nearest to the end of `units`; every transaction ends with one."""
    topic = Topics.load(settings.topic_prefix).name("units")
    marks = watermarks(settings, topic)[partition]
    window = _FIRST_WINDOW
    while True:
        start, newest = max(marks.low, marks.high - window), None
        for keys, values, _ in read_to_end(settings, topic, partition, start):
            newest = next(
                (v for k, v in zip(reversed(keys), reversed(values), strict=True) if k == POSITION_KEY), newest
            )
        if newest is not None or start == marks.low:
            return newest
        window *= 10


def _dead_letter(gap: Gap, partition: int, ordinal: int) -> bytes:
    fields = {
        "partition": partition,
        "ordinal": ordinal,
        "n": 0,
        "topic": gap.topic,
        "offset": gap.first,
        "received_at": int(time.time() * 1000),
        "error": "GAP",
        "detail": gap.detail,
        "key": None,
        "value": None,
        "size": 0,
        "sha256": hashlib.sha256(b"").hexdigest(),
    }
    return encode("dead_letter", fields)
