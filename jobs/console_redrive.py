"""Scans sent instead of dead letters, as the console sends them: decided by the worker, then noted by an act."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, Final

import typer

from analytics.console.redrive import FIELDS, of_another_unit, scan_id_of
from analytics.questions import ask
from jobs import arguments
from jobs.alert_acts import NO_BASE
from jobs.one_scan import build_scan, decided
from jobs.warehouse import open_warehouse
from pipeline.broker.send import send_internal
from pipeline.domain.unit_key import UnitKey
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.wire.schemas import catalogue

_SECONDS: Final = 30.0
_MOST_ACTS: Final = 1_000
_NOT_TEXTS: Final = ("step", "event_time", "container", "other_unit")
_OPTIONAL: Final = ("operator", "source", "condition", "corrects", "flags_set", "flags_unset", "event")

Row = dict[str, Any]


class LogRedrives:
    """Sends to the log of a ledger."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def original(self, letter: Row, fields: Row, author: str) -> Row:
        """Send the scan that its bytes are; return its verdict. Raises ValueError as `refuse_another_unit`."""
        newest = catalogue().version("scan").schema["fields"]
        whole = {field["name"]: fields.get(field["name"]) for field in newest}
        return self._sent(letter, UnitKey(fields["item"], fields["serial"]), whole | _own(letter), author)

    def corrected(self, letter: Row, form: Mapping[str, str], author: str) -> Row:
        """Send the scan that somebody says it is; raises ValueError, saying what would be right."""
        unit, fields = scan_of(form)
        return self._sent(letter, unit, fields | _own(letter), author)

    def _sent(self, letter: Row, unit: UnitKey, fields: Row, author: str) -> Row:
        with open_warehouse(self._settings) as warehouse:
            refuse_another_unit(warehouse, letter, unit)
        verdict = decided(self._settings, unit, fields, _SECONDS)
        send_internal(self._settings, act_of(letter, verdict, author), [int(letter["partition"])])
        return verdict


def refuse_another_unit(warehouse: Warehouse, letter: Row, unit: UnitKey) -> None:
    """Raise ValueError, for people, where acts say that a scan of another unit was sent instead of a dead letter."""
    named = {"of": int(letter["partition"]), "ordinal": int(letter["ordinal"])}
    if why := of_another_unit(unit.text, ask(warehouse, "redrives", most=_MOST_ACTS, **named)):
        raise ValueError(why)


def scan_of(form: Mapping[str, str]) -> tuple[UnitKey, Row]:
    """Return the unit and the scan that a form describes.

    Raises: ValueError, saying what is wrong and what would be right.
    """
    told = {name: form.get(name, "").strip() for name in ("code", *FIELDS)}
    try:
        unit, step = arguments.unit_key(told["code"]), arguments.step(told["step"])
        texts = {name: told[name] for name in FIELDS if name not in _NOT_TEXTS} | dict.fromkeys(_OPTIONAL, "")
        texts |= {name: arguments.unit_key_text(told[name]) for name in ("container", "other_unit")}
        if not told["event_time"]:
            message = "say when it was seen, as 2026-11-02T09:30:00Z: the ledger orders scans by that"
            raise typer.BadParameter(message)
        return unit, build_scan(unit, step, event_time=arguments.moment(told["event_time"]), texts=texts)
    except typer.BadParameter as fault:
        raise ValueError(fault.message[:1].upper() + fault.message[1:] + ".") from fault


def act_of(letter: Row, verdict: Row, author: str) -> Row:
    """Return the record that notes who sent what instead of a dead letter, and what came of it."""
    named = {name: int(letter[name]) for name in ("partition", "ordinal", "offset")}
    told = {"scan_id": verdict["scan_id"], "unit": verdict["unit_key"]}
    content = named | told | {name: verdict[name] for name in ("outcome", "reason")}
    return {
        "id": uuid.uuid4().hex, "kind": "REDRIVE", "subject": f"dead-letter:{letter['partition']}/{letter['ordinal']}",
        "base": NO_BASE, "author": author, "sent_at": time.time_ns() // 1_000_000,
        "content": json.dumps(content, ensure_ascii=False),
    }  # fmt: skip


def _own(letter: Row) -> Row:
    """Return what every scan sent instead of a dead letter has: an id of its origin, so that twice is REDELIVERED."""
    return {"scan_id": scan_id_of(letter)}
