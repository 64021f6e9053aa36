"""Which partition a ledger is of, and what holds for all of it."""

from typing import NamedTuple

from pipeline.broker.topics import Topics
from pipeline.settings import Settings


class Where(NamedTuple):
    """One partition number of both inputs."""

    partition: int
    partitions: int
    skew_ms: int
    scans_topic: str
    internal_topic: str


def where_of(settings: Settings, partition: int, partitions: int) -> Where:
    """Return a partition's place by the settings: its topics' names, how far a site's clock may be ahead."""
    topics = Topics.load(settings.topic_prefix)
    skew_ms = settings.clock_skew_minutes * 60_000
    return Where(partition, partitions, skew_ms, topics.name("scans"), topics.name("internal"))
