"""One scan typed by a person: built, checked, sent, and its verdict waited for."""

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import typer

from jobs.replies import Fields, Replies
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.broker.send import send_scans
from pipeline.domain.identifiers.document_name import one_name
from pipeline.domain.routing import partition_of
from pipeline.domain.unit_key import UnitKey
from pipeline.settings import Settings
from pipeline.wire.scan_fields import CAPS
from pipeline.wire.schemas import encode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NULLABLE = (
    "destination", "location", "reader", "operator", "document", "container", "other_unit", "lot", "condition",
    "corrects", "source", "flags_set", "flags_unset", "event",
)  # fmt: skip
_OF_DECISION = (
    "outcome", "reason", "state_before", "state_after", "sequence", "previous_site", "previous_event_time",
    "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at", "lot", "received_at", "partition", "offset",
    "ordinal", "reference_version", "rules_version",
)  # fmt: skip
_TIMES = frozenset(
    {"previous_event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at", "received_at"}
)


def build_scan(  # noqa: PLR0913  a scan has parts of five kinds
    unit: UnitKey,
    step: str,
    *,
    event_time: int | None,
    texts: Mapping[str, str],
    expiry: int | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Fields:
    """Return the fields of a scan as the schema wants them, its document under its one name; an empty text is none.

    Units: event_time in milliseconds since 1970 (now if None), expiry in days since 1970.
    Raises: typer.BadParameter where the site is empty, a text too long, or a VOID names nothing to take back.
    """
    now = time.time_ns() // 1_000_000
    if not texts["site"]:
        message = "a scan needs a site"
        raise typer.BadParameter(message)
    if step == "VOID" and not texts.get("corrects"):
        message = "VOID takes back the scan that --corrects names, and does nothing else"
        raise typer.BadParameter(message)
    texts = {**texts, "document": one_name(texts.get("document", ""))}
    _check_sizes(texts)
    return {
        "scan_id": texts.get("scan_id") or uuid.uuid4().hex,
        "item": unit.item,
        "serial": unit.serial,
        "step": step,
        "event_time": now if event_time is None else event_time,
        "capture_time": now,
        "site": texts["site"],
        **{name: texts.get(name) or None for name in _NULLABLE},
        "expiry": expiry,
        "origin": "CORRECTION" if texts.get("corrects") else "DEVICE",
        "receipt": None,
        "attributes": [{"name": name, "value": value} for name, value in (attributes or {}).items()],
    }


def _check_sizes(texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        cap = CAPS.get("scan_id" if name == "corrects" else name, 0)
        if cap and len(text.encode()) > cap:
            message = f"{name} has {len(text.encode())} bytes, at most {cap} fit"
            raise typer.BadParameter(message)


def decided(settings: Settings, unit: UnitKey, scan: Fields, timeout: float) -> dict[str, Any]:
    """Send a scan and return its verdict as one flat row.

    Only the partition of the unit is read, from where it ended before the scan was sent.

    Raises: NoAnswer where no worker decides it in time; BrokerUnreachable; TopicsWrong; NotDelivered.
    """
    registry.join(settings)
    key = unit.text.encode()
    partition = partition_of(key, check_topics(settings))
    with Replies(settings, "verdicts", [partition]) as replies:
        sent = send_scans(settings, [key], [encode("scan", scan)])
        found = replies.to(sent, time.monotonic() + timeout, key)[partition]
    decision = {name: _cell(name, found["decision"][name]) for name in _OF_DECISION}
    seen = {"unit_key": unit.text, "scan_id": scan["scan_id"], "step": scan["step"]}
    return seen | {"event_time": _when(scan["event_time"]), "site": scan["site"]} | decision


def _cell(name: str, value: Any) -> Any:  # noqa: ANN401  a field of any type
    return _when(value) if name in _TIMES and value is not None else value


def _when(milliseconds: int) -> datetime | int:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:  # a site may claim any time
        return milliseconds
