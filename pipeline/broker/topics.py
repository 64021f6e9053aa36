"""The index of topics, `schemas/topics.toml`, with the prefix of this installation in front of every name."""

import tomllib
from dataclasses import dataclass
from typing import Any, Self

from pipeline.broker.clients import REQUEST_BYTES
from pipeline.errors import TopicsWrong
from pipeline.wire.schemas import contracts_folder

_AROUND_BYTES = 64 * 1024  # the key, the frame, what a batch has besides


@dataclass(frozen=True)
class Topic:
    """One topic: what it holds, who writes and who reads it."""

    key: str
    """How code calls it."""
    name: str
    """How Kafka calls it, prefix included."""
    schemas: tuple[str, ...]
    record_key: str
    purpose: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    is_input: bool
    """The broker's append time counts: message.timestamp.type is LogAppendTime."""
    retention_days: int
    """-1: for ever."""
    cleanup: str
    max_bytes: int
    """Of one record's value."""

    @property
    def batch_bytes(self) -> int:
        """Most bytes of a batch: of several records, or of one that is larger than those, with its key and frame."""
        return max(REQUEST_BYTES, self.max_bytes + _AROUND_BYTES)


@dataclass(frozen=True)
class Topics:
    """Every topic of one installation."""

    entries: dict[str, Topic]
    default_partitions: int

    @classmethod
    def load(cls, prefix: str = "") -> Self:
        """Read the index."""
        index = tomllib.loads((contracts_folder() / "topics.toml").read_text())
        entries = {key: _topic(key, prefix, entry) for key, entry in index["topics"].items()}
        return cls(entries, index["partitions"])

    def __getitem__(self, key: str) -> Topic:
        """Return one entry.

        Raises:
            TopicsWrong: the index has no such topic.
        """
        if key not in self.entries:
            message = f"no topic {key!r} in topics.toml; there are: {', '.join(self.entries)}"
            raise TopicsWrong(message)
        return self.entries[key]

    def name(self, key: str) -> str:
        """Return how Kafka calls a topic."""
        return self[key].name

    def all(self) -> list[Topic]:
        """Return every topic in the order of the index."""
        return list(self.entries.values())


def _topic(key: str, prefix: str, entry: dict[str, Any]) -> Topic:
    return Topic(
        key=key,
        name=prefix + entry["name"],
        schemas=tuple(entry["schemas"]),
        record_key=entry["key"],
        purpose=entry["purpose"],
        writers=tuple(entry["writers"]),
        readers=tuple(entry["readers"]),
        is_input=entry.get("input", False),
        retention_days=entry["retention_days"],
        cleanup=entry["cleanup"],
        max_bytes=entry["max_bytes"],
    )
