"""Scans sent instead of dead letters, as the console sends them: announced by an act, decided, then noted by another.

Flow: acts seen in ClickHouse, a scan -> an act that holds the scan_id, seen there too -> the scan -> what came of it.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import typer

from analytics.console.redrive import (
    FIELDS,
    attempt_of,
    digest_of,
    is_taken_back,
    original_of,
    scan_id_of,
    subject_of,
    to_take_back,
    told_of,
)
from analytics.questions import ask
from jobs import arguments
from jobs.alert_acts import NO_BASE
from jobs.one_scan import build_scan, decided
from jobs.warehouse import open_warehouse
from pipeline.broker.send import send_internal
from pipeline.domain.unit_key import UnitKey, parse
from pipeline.settings import Settings
from pipeline.wire.schemas import catalogue

_SECONDS: Final = 30.0
_SEEN_SECONDS: Final = 15.0
_LOOK_SECONDS: Final = 0.2
_NOT_TEXTS: Final = ("step", "event_time", "container", "other_unit")
_OPTIONAL: Final = ("operator", "source", "condition", "corrects", "flags_set", "flags_unset", "event")

Row = dict[str, Any]
Decide = Callable[[UnitKey, Row], Row]
"""Sends a scan of a unit and returns its verdict."""
Announce = Callable[[Row], Sequence[Row]]
"""Notes that a scan is about to be sent; returns all acts of its dead letter, this one among them."""


class LogRedrives:
    """Sends to the log of a ledger."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def original(self, letter: Row, fields: Row, author: str) -> Row:
        """Send the scan that its bytes are; return its verdict. Raises ValueError as `send_instead`."""
        return self._sent(letter, UnitKey(fields["item"], fields["serial"]), as_newest(fields), author)

    def corrected(self, letter: Row, form: Mapping[str, str], author: str) -> Row:
        """Send the scan that somebody says it is; raises ValueError, saying what would be right."""
        unit, fields = scan_of(form, original_of(letter))
        return self._sent(letter, unit, fields, author)

    def _sent(self, letter: Row, unit: UnitKey, fields: Row, author: str) -> Row:
        with open_warehouse(self._settings) as warehouse:

            def acts() -> list[Row]:
                return ask(warehouse, "redrives", subjects=[subject_of(letter)])

            def announce(sending: Row) -> list[Row]:
                self._note(letter, sending, author)
                return until_seen(sending["sending"], acts, time.monotonic() + _SEEN_SECONDS)

            decide = lambda of, scan: decided(self._settings, of, scan, _SECONDS)  # noqa: E731
            verdict = send_instead(letter, unit, fields, acts(), decide, announce)
        self._note(letter, verdict, author)
        return verdict

    def _note(self, letter: Row, verdict: Row, author: str) -> None:
        send_internal(self._settings, act_of(letter, verdict, author), [int(letter["partition"])])


def until_seen(sending: str, acts: Callable[[], list[Row]], deadline: float) -> list[Row]:
    """Return all acts of a dead letter as soon as this one is among them. Raises: ValueError after the deadline."""
    while True:
        found = acts()
        if any(act["sending"] == sending for act in found):
            return found
        if time.monotonic() >= deadline:
            message = (
                "ClickHouse does not have the note yet that this is sent, so nothing was sent. Send it again later."
            )
            raise ValueError(message)
        time.sleep(_LOOK_SECONDS)


def send_instead(
    letter: Row, unit: UnitKey, fields: Row, sent: Sequence[Row], decide: Decide, announce: Announce | None = None
) -> Row:
    """Send a scan instead of a dead letter and return its verdict; one before it without effect is taken back first.

    It is sent only once everybody can see that it is: whoever announces another one later under its scan_id sees this
    one first, and does not send. So two people, and a console that dies in between, make no record count twice.

    Args:
        letter: the dead letter; `attempt` is the attempt that a page offered.
        unit: the scan's.
        fields: the scan's.
        sent: the acts of what was sent before.
        decide: how a scan is sent.
        announce: how it is noted before; None where nobody else can send.

    Shape: the verdict, with what its act notes besides: sending, digest, told.
    Raises: ValueError, for people, where nothing is sent because one record would, or might, count twice.
    """
    digest = digest_of(fields)
    number = attempt_of(str(letter.get("attempt", "")), unit.text, digest, sent)
    before = to_take_back(number, sent)
    if before is not None:
        _take_back(letter, before, number, decide)
    scan = fields | {"scan_id": scan_id_of(letter, number)}
    sending = {
        "sending": uuid.uuid4().hex, "scan_id": scan["scan_id"], "unit_key": unit.text, "outcome": "", "reason": "",
        "digest": digest, "told": {name: value for name, value in told_of(scan).items() if value},
    }  # fmt: skip
    if announce is not None:
        attempt_of(str(number), unit.text, digest, announce(sending))
    return sending | decide(unit, scan)


def _take_back(letter: Row, before: Row, number: int, decide: Decide) -> None:
    verdict = decide(*taking_back(letter, before, number))
    if not is_taken_back(before, verdict):
        message = (
            f"The scan {before['scan_id']} of {before['unit_key']}, {before['stands']}, could not be taken back "
            f"({verdict['outcome']} {verdict['reason']}), so nothing was sent: it may count yet. Scan the unit."
        )
        raise ValueError(message)


def taking_back(letter: Row, before: Row, number: int) -> tuple[UnitKey, Row]:
    """Return the VOID of an attempt, the same however often it is asked for: its time is that of the act.

    Raises: ValueError where none can be made, because the attempt has no site.
    """
    unit, texts = parse(before["unit_key"]), {"site": before["site"], "corrects": before["scan_id"]}
    texts["scan_id"] = scan_id_of(letter, number, "void before attempt")
    noted_ms = round(before["received_at"].timestamp() * 1000)
    try:
        return unit, build_scan(unit, "VOID", event_time=noted_ms, texts=texts)
    except typer.BadParameter as fault:
        message = (
            f"The scan {before['scan_id']} of {before['unit_key']}, {before['stands']}, could not be taken back "
            f"({fault.message}), so nothing was sent: it may count yet. Scan the unit."
        )
        raise ValueError(message) from fault


def as_newest(fields: Row) -> Row:
    """Return the fields of a scan as the newest schema wants them."""
    return {field["name"]: fields.get(field["name"]) for field in catalogue().version("scan").schema["fields"]}


def scan_of(form: Mapping[str, str], original: Row | None = None) -> tuple[UnitKey, Row]:
    """Return the unit and the scan that a form describes; what it does not ask is as in the original, if known.

    Raises: ValueError, saying what is wrong and what would be right.
    """
    told = {name: form.get(name, "").strip() for name in ("code", *FIELDS)}
    kept = {} if original is None else as_newest(original)
    try:
        unit, step = arguments.unit_key(told["code"]), arguments.step(told["step"])
        texts = {name: told[name] for name in FIELDS if name not in _NOT_TEXTS}
        texts |= {name: kept.get(name) or "" for name in _OPTIONAL}
        texts |= {name: arguments.unit_key_text(told[name]) for name in ("container", "other_unit")}
        if not told["event_time"]:
            message = "say when it was seen, as 2026-11-02T09:30:00Z: the ledger orders scans by that"
            raise typer.BadParameter(message)
        scan = build_scan(unit, step, event_time=arguments.moment(told["event_time"]), texts=texts)
    except typer.BadParameter as fault:
        raise ValueError(fault.message[:1].upper() + fault.message[1:] + ".") from fault
    asked = ("item", "serial", *FIELDS)
    return unit, scan if original is None else kept | {name: scan[name] for name in asked}


def act_of(letter: Row, verdict: Row, author: str) -> Row:
    """Return the record that says who sends what instead of a dead letter, and what came of it, empty before."""
    named = {name: int(letter[name]) for name in ("partition", "ordinal", "offset")}
    told = {"scan_id": verdict["scan_id"], "unit": verdict["unit_key"]}
    content = named | told | {name: verdict[name] for name in ("outcome", "reason")}
    content |= {name: verdict[name] for name in ("sending", "digest", "told") if name in verdict}
    return {
        "id": uuid.uuid4().hex, "kind": "REDRIVE", "subject": subject_of(letter),
        "base": NO_BASE, "author": author, "sent_at": time.time_ns() // 1_000_000,
        "content": json.dumps(content, ensure_ascii=False),
    }  # fmt: skip
