"""Going on after input was lost: a dead letter on record for each gap, and the position after it, in one transaction.

Flow: newest position in `units`, watermarks of the inputs -> dead letters, a position in every output topic.
"""

import hashlib
import time
from typing import Any

from pipeline.broker.admin import check_topics
from pipeline.broker.topics import Topics
from pipeline.broker.transactions import Aborted, Fenced, OwnershipLost, TransactionalWriter
from pipeline.domain.reference import Reference
from pipeline.errors import SettingsWrong
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.newest import newest_position
from pipeline.ledger.outputs import POSITION_KEY, STREAMS
from pipeline.ledger.position import Position, decode_position, encode_position
from pipeline.ledger.where import where_of
from pipeline.settings import Settings
from pipeline.wire.schemas import decode, encode
from pipeline.worker.gap import Gap, GapFound, gaps_of
from pipeline.worker.takeover import transactional_id

_ATTEMPTS = 20


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
    newest = newest_position(settings, partition) or _before_the_first()
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


def _before_the_first() -> bytes:
    """Return the position of a partition in which no worker has written yet."""
    return encode_position(Position(), Reference(built_in_lifecycles()))


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
