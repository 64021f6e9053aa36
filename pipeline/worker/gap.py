"""Gaps between a partition's position and what its inputs still hold.

Flow: position, watermarks -> the records that can never be accounted for.
"""

from typing import NamedTuple

from pipeline.broker.admin import Watermarks, watermarks
from pipeline.errors import ScanledgerError
from pipeline.ledger.position import Position
from pipeline.ledger.where import Where
from pipeline.settings import Settings


class GapFound(ScanledgerError):
    """Records were removed from an input before they were accounted for."""


class Gap(NamedTuple):
    """Records of one input that can never be accounted for."""

    topic: str
    first: int
    """The offset that was to be read next."""
    resume: int
    """The first offset there is."""
    detail: str
    """For people."""


def refuse_gap(settings: Settings, where: Where, position: Position) -> None:
    """Refuse to read on where the log does not have the position: what lies between was never accounted for.

    A partition without any history is no exception: its log begins at 0, or records were removed that nobody read.

    Raises:
        GapFound: `scanledger accept-gap` is needed.
    """
    if gaps := gaps_of(settings, where, position):
        message = (
            f"{'; '.join(gap.detail for gap in gaps)}. `scanledger accept-gap --partition {where.partition}` records "
            "the loss and lets the partition go on"
        )
        raise GapFound(message)


def gaps_of(settings: Settings, where: Where, position: Position) -> list[Gap]:
    """Return the gaps of both inputs."""
    following = (position.scans_next, position.internal_next)
    places = zip((where.scans_topic, where.internal_topic), following, _marks(settings, where), strict=True)
    return [gap for topic, offset, marks in places if (gap := _gap_of(topic, where.partition, offset, marks))]


def _marks(settings: Settings, where: Where) -> list[Watermarks]:
    return [watermarks(settings, topic)[where.partition] for topic in (where.scans_topic, where.internal_topic)]


def _gap_of(topic: str, partition: int, following: int, marks: Watermarks) -> Gap | None:
    place = f"{topic}-{partition}"
    if following < marks.low:
        detail = f"{place}: offsets {following} to {marks.low - 1} were removed before they were read"
        return Gap(topic, following, marks.low, detail)
    if following > marks.high:
        detail = f"{place}: ends at offset {marks.high}, before the position {following}: it is not the same log"
        return Gap(topic, following, marks.low, detail)
    return None
