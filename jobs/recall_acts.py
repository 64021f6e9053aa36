"""Recalls started and closed: the list into ClickHouse, then the act through the log, then both readable.

A console calls these as the verb does: `start_recall`, `close_recall`. What only reads is in `analytics/recall`.
"""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from analytics.recall.asked import Asked
from analytics.recall.recalls import Act, Preview, Recall, begin, end
from jobs.alert_acts import NO_BASE
from jobs.replies import Replies
from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.broker.send import send_internal
from pipeline.domain.routing import partition_of
from pipeline.settings import Settings
from pipeline.warehouse.marks import Target, wait_for


class By(NamedTuple):
    """Who acts, and why."""

    author: str
    reason: str = ""


class Started(NamedTuple):
    """A recall that has begun: its id, what it concerns, its units one by one as `listing.listed` has them."""

    recall: str
    preview: Preview
    units: pl.DataFrame


def start_recall(
    settings: Settings, asked: Asked, by: By, timeout_seconds: float = 60.0, *, recall: str = ""
) -> Started:
    """Start a recall, under a new id where none is given; returns when ClickHouse has its act.

    Raises: BadPredicate; NoAnswer, SinkBehind after so many seconds; BrokerUnreachable, NotDelivered; WarehouseDown.
    """
    with open_warehouse(settings) as warehouse:
        act, seen, units = begin(warehouse, asked, by.reason, recall=recall)
    _send(settings, "RECALL_START", act, by, timeout_seconds)
    return Started(act.recall, seen, units)


def close_recall(settings: Settings, recall: str, by: By, timeout_seconds: float = 60.0) -> Recall:
    """Close a recall and return what had come of it; raises as `start_recall`, and NoSuchRecall."""
    with open_warehouse(settings) as warehouse:
        act, closed = end(warehouse, recall, by.reason)
    _send(settings, "RECALL_CLOSE", act, by, timeout_seconds)
    return closed


def _send(settings: Settings, kind: str, act: Act, by: By, timeout_seconds: float) -> None:
    registry.join(settings)
    subject = f"recall:{act.recall}"
    partition = partition_of(subject.encode(), check_topics(settings))
    send_act(
        settings, {"kind": kind, "subject": subject, "author": by.author}, {partition: act.content}, timeout_seconds
    )


def send_act(
    settings: Settings, named: Mapping[str, str], contents: Mapping[int, Mapping[str, Any]], timeout_seconds: float
) -> dict[int, dict[str, Any]]:
    """Send a record that the ledger writes down, a content to each partition; return the acts that ClickHouse has.

    Args:
        settings: where broker and warehouse are.
        named: kind, subject and author.
        contents: by partition.
        timeout_seconds: for the worker, and for the sink.

    Raises: NoAnswer, SinkBehind; BrokerUnreachable, NotDelivered; WarehouseDown.
    """
    sent: dict[int, int] = {}
    with Replies(settings, "acts", contents) as replies:
        for partition, content in contents.items():
            record = {
                "id": uuid.uuid4().hex, "base": NO_BASE, "sent_at": time.time_ns() // 1_000_000, **named,
                "content": json.dumps(content, ensure_ascii=False),
            }  # fmt: skip
            sent |= send_internal(settings, record, [partition])
        acts = replies.to(sent, time.monotonic() + timeout_seconds)
    targets = {partition: Target(-1, offset) for partition, offset in sent.items()}
    with open_warehouse(settings) as warehouse:
        wait_for(warehouse, targets, timeout_seconds=timeout_seconds)
    return acts
