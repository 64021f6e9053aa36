"""A person's acts on alerts: looked up in the warehouse, sent through the log, answered by the worker's act."""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import typer

from analytics.questions import ask
from jobs.replies import Replies
from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.broker.send import Sender
from pipeline.domain.routing import partition_of
from pipeline.domain.verdict import FINDING_KINDS
from pipeline.settings import Settings
from pipeline.wire.schemas import encode

NO_BASE = -1  # acts on alerts do not depend on the reference data

NOBODY_SHOWN: Mapping[str, str] = MappingProxyType({})

Row = dict[str, Any]


def act_on(  # noqa: PLR0913  what, on which, by whom
    settings: Settings,
    act: str,
    ids: Sequence[str],
    by: tuple[str, str],
    timeout: float,
    assignee: str | None = None,
    known: Mapping[str, str] = NOBODY_SHOWN,
) -> list[Row]:
    """Send one act per alert, all of them together, and wait for what became of each.

    Args:
        settings: where broker and warehouse are.
        act: ALERT_ACKNOWLEDGE, ALERT_CLOSE, ALERT_REOPEN or ALERT_ASSIGN.
        ids: the alerts.
        by: author and reason.
        timeout: seconds to wait for all.
        assignee: who is to look after them; it goes with ALERT_ASSIGN, which is STALE where somebody else was faster.
        known: who had an alert as the author saw it, by its id; of others what ClickHouse says now.

    Shape: one row per alert: id, subject, unit_key, kind, opening, result (APPLIED, STALE), reason, and where the act
    is: partition, ordinal.
    Raises: typer.BadParameter for an unknown id; NoAnswer; BrokerUnreachable; WarehouseDown.
    """
    alerts = _known_alerts(settings, list(dict.fromkeys(ids)))
    registry.join(settings)
    partitions = check_topics(settings)
    records = [record_of(act, alert, by, assignee, known) for alert in alerts]
    places = {record["id"]: partition_of(record["subject"].encode(), partitions) for record in records}
    with Replies(settings, "acts", sorted(set(places.values()))) as replies:
        sender = Sender(settings, "internal")
        for record in records:
            sender.send([record["subject"].encode()], [encode("internal", record)], places[record["id"]])
        sender.finish()
        answers = replies.named(places, time.monotonic() + timeout)
    return [_row(alert, answers[record["id"]]) for alert, record in zip(alerts, records, strict=True)]


def _known_alerts(settings: Settings, ids: list[str]) -> list[Row]:
    with open_warehouse(settings) as warehouse:
        found = ask(warehouse, "alerts", ids=ids, statuses=[], kinds=[], units=[], most=len(ids))
    by_id = {row["id"]: row for row in found}
    if missing := [identity for identity in ids if identity not in by_id]:
        message = f"no alert {', '.join(missing)}; `scanledger alerts list --status all` shows their ids"
        raise typer.BadParameter(message)
    return [by_id[identity] for identity in ids]


def record_of(
    act: str, alert: Row, by: tuple[str, str], assignee: str | None, known: Mapping[str, str] = NOBODY_SHOWN
) -> Row:
    """Return the record of `internal` that says an act; the arguments are those of `act_on`."""
    author, reason = by
    had = known.get(alert["id"], alert["assignee"])
    more = {} if assignee is None else {"to": assignee, "from": had}
    content = {"kind": alert["kind"], "opening": int(alert["opening"]), "reason": reason} | more
    return {
        "id": uuid.uuid4().hex, "kind": act, "subject": subject_of_act(alert), "base": NO_BASE, "author": author,
        "sent_at": time.time_ns() // 1_000_000, "content": json.dumps(content, ensure_ascii=False),
    }  # fmt: skip


def _row(alert: Row, answer: Row) -> Row:
    shown = {name: alert[name] for name in ("id", "subject", "unit_key", "kind", "opening")}
    return shown | {name: answer[name] for name in ("result", "reason", "partition", "ordinal")}


def subject_of_act(alert: Row) -> str:
    """Return what an act on an alert is about: its unit's key, or the subject of the findings that raised it."""
    return str(alert["subject"] if alert["kind"] in FINDING_KINDS else alert["unit_key"])
