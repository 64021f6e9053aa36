"""Records of `internal` other than scans: reference data, people's acts on alerts, what units tell; one act for each.

Flow: a run of such records, the memory under them -> acts, alerts, changed units, reference data, what to tell.
"""

import json
from collections.abc import Mapping
from typing import Any

from pipeline.domain.alerts import ACTS, status_after
from pipeline.domain.compiled import RULES_VERSION
from pipeline.domain.reference import APPLIED, REFUSED, STALE, Reference
from pipeline.domain.routing import partition_of
from pipeline.domain.unit_key import BadUnitKey, parse
from pipeline.domain.verdict import ALERT_EVENTS, ALERT_KINDS, ALERT_STATUSES, EVENT_REOPENED, FINDING_KINDS, REASONS
from pipeline.ledger.assigning import ASSIGN, Assigning, read_assignment
from pipeline.ledger.at_hand import UnitsAtHand
from pipeline.ledger.batch import Batch
from pipeline.ledger.containers import Containers
from pipeline.ledger.documents import take_document
from pipeline.ledger.findings import Findings
from pipeline.ledger.heirs import Heirs
from pipeline.ledger.labels import take_alias
from pipeline.ledger.memory import Overlay
from pipeline.ledger.noted import NOTED, note
from pipeline.ledger.outputs import OWN_KEYS, Outputs
from pipeline.ledger.rare import alert_record, dead_letter, kept_key
from pipeline.ledger.telling import Telling
from pipeline.ledger.watch import Watch
from pipeline.ledger.where import Where
from pipeline.wire.framing import Undecodable
from pipeline.wire.schemas import decode
from pipeline.wire.schemas import encode as encode_record

_LARGEST = 1024 * 1024 - 1024
"""Bytes of a record whose act stays below 1 MiB: an act has the record's own fields and less than 1 KiB besides."""
_OF_UNITS = ("EDGE", "FANOUT", "ALIAS")
_KINDS = {REASONS[kind]: slot for slot, kind in enumerate(ALERT_KINDS)}


class InternalRecords:
    """Takes the records of one batch, one after the other: each may change what the next one meets."""

    def __init__(self, where: Where, reference: Reference, outputs: Outputs, overlay: Overlay, watch: Watch) -> None:
        self._where, self._reference, self._outputs, self._overlay = where, reference, outputs, overlay
        self._units = UnitsAtHand(reference, overlay, where.partition)
        self._findings = Findings(where, reference, outputs, overlay)
        self._assigning = Assigning(overlay)
        telling = Telling(where, outputs.internal)
        self._containers = Containers(self._units, overlay, telling, reference.sites.names)
        self._heirs = Heirs(where, reference, outputs, watch, (self._units, overlay, telling))

    def take(self, batch: Batch, ordinal: int, most_told: int) -> int:
        """Account for records of a run that holds no scans, the first with this ordinal; returns how many.

        All of them, but fewer once so many were told to other units.
        """
        count = 0
        while count < len(batch) and (count == 0 or len(self._outputs.internal) < most_told):
            self._take_one(batch, count, ordinal + count)
            count += 1
        self._units.put_back()
        self._findings.put_back()
        return count

    def _take_one(self, batch: Batch, i: int, ordinal: int) -> None:
        origin = {
            "partition": self._where.partition,
            "ordinal": ordinal,
            "n": 0,
            "received_at": int(batch.received_at[i]),
        }
        record = self._read(batch, i, ordinal)
        if record is not None:
            result, reason = self._act(record, origin)
            self._add_act(record, origin | {"offset": int(batch.offsets[i])}, result, reason)

    def _act(self, record: Mapping[str, Any], origin: dict[str, Any]) -> tuple[str, str]:
        """Do what a record asks; returns what came of it, and why where it was not applied."""
        cause = (origin["ordinal"], origin["received_at"])
        if record["kind"] in (*ACTS, ASSIGN):
            return self._assign(record) if record["kind"] == ASSIGN else self._act_on_alert(record, origin)
        if record["kind"] in _OF_UNITS:
            return self._act_on_unit(record, cause)
        if record["kind"] == "FINDING":
            return self._findings.take(record, origin)
        if record["kind"] in NOTED:
            return note(record, cause[0], self._where)
        if record["kind"] == "DOCUMENT":
            self._units.put_back()
            return take_document(record, cause[0], self._where, self._reference, self._overlay)
        return self._reference.load(record)

    def _act_on_unit(self, record: Mapping[str, Any], cause: tuple[int, int]) -> tuple[str, str]:
        """Do what units tell each other; the subject must be a unit of this partition, or it would live twice."""
        try:
            key = parse(record["subject"]).text.encode()
        except BadUnitKey:
            return REFUSED, "subject"
        if partition_of(key, self._where.partitions) != self._where.partition:
            return REFUSED, "partition"
        if record["kind"] == "ALIAS":
            return take_alias(record, cause, self._units, self._overlay, self._heirs)
        is_edge = record["kind"] == "EDGE"
        return (self._containers.take_edge if is_edge else self._containers.take_move)(record, cause)

    def _read(self, batch: Batch, i: int, ordinal: int) -> Mapping[str, Any] | None:
        try:
            return _decoded(batch.values[i])
        except Undecodable as fault:
            error = (fault.error, fault.detail)
        letter = dead_letter(batch, i, ordinal, self._where.internal_topic, self._where.partition, error)
        self._outputs.records["dead_letters"].add(kept_key(batch.keys[i]), letter)
        return None

    def _add_act(self, record: Mapping[str, Any], origin: dict[str, Any], result: str, reason: str) -> None:
        told = {name: record[name] for name in ("id", "kind", "subject", "author", "content", "base")}
        fields = told | origin | {"topic": self._where.internal_topic, "result": result, "reason": reason}
        versions = {"reference_version": self._reference.version, "rules_version": RULES_VERSION}
        self._outputs.records["acts"].add(kept_key(record["subject"].encode()), encode_record("act", fields | versions))

    def _assign(self, record: Mapping[str, Any]) -> tuple[str, str]:
        """Give an alert to somebody; it stays in the partition of the alert, and the alert as it was."""
        asked, subject = read_assignment(record["content"]), record["subject"]
        if asked is None or (asked.kind not in FINDING_KINDS and asked.kind not in _KINDS):
            return REFUSED, "content"
        if asked.kind in FINDING_KINDS:
            return self._assigning.take(subject, asked, self._findings.newest(subject, asked.kind), record["author"])
        unit = None if subject.encode().startswith(OWN_KEYS) else self._units.known(subject.encode())
        slot = None if unit is None else unit.units.alerts[0, _KINDS[asked.kind]]
        newest = None if slot is None else (int(slot["opening"]), int(slot["status"]))
        return self._assigning.take(f"unit:{subject}", asked, newest, record["author"])

    def _act_on_alert(self, record: Mapping[str, Any], origin: dict[str, Any]) -> tuple[str, str]:
        asked = _asked(record["content"])
        if asked is None:
            return REFUSED, "content"
        if asked[0] in FINDING_KINDS:
            return self._findings.act(record, asked, origin)
        kind, opening, why = _KINDS[asked[0]], *asked[1:]
        key = record["subject"].encode()
        unit = None if key.startswith(OWN_KEYS) else self._units.known(key)
        if unit is None:
            return STALE, "opening"
        slot = unit.units.alerts[0, kind]
        event = ACTS[record["kind"]]
        status = status_after(event, int(slot["status"]))
        if slot["opening"] != opening or opening == 0:
            return STALE, "opening"
        if status is None or (event == EVENT_REOPENED and slot["count"] == 0):
            return STALE, "status" if status is None else "evidence"
        slot["status"] = status
        unit.touch(origin["ordinal"])
        fields = origin | {"status": ALERT_STATUSES[status], "event": ALERT_EVENTS[event], "count": int(slot["count"])}
        fields |= {"site": "", "event_time": None, "author": record["author"], "reason": why}
        fields |= {"sequence": int(unit.head["sequence"]), "reference_version": self._reference.version}
        self._outputs.records["alerts"].add(key, alert_record(record["subject"], kind, opening, **fields))
        return APPLIED, ""


def _decoded(value: bytes | None) -> Mapping[str, Any]:
    """Decode one record of `internal`.

    Raises:
        Undecodable: it is none, or its act would be larger than a record may be.
    """
    if value is None:
        raise Undecodable(error="NO_VALUE", detail="a null value")
    if len(value) > _LARGEST:
        raise Undecodable(error="TOO_LONG", detail=f"{len(value)} bytes; at most {_LARGEST} make an act below 1 MiB")
    name, record = decode(value)
    if name != "internal":
        raise Undecodable(error="UNKNOWN_SCHEMA", detail=f"{name} in internal")
    return record


def _asked(text: str) -> tuple[str, int, str] | None:
    """Return kind, opening and reason that an act on an alert states; None where it makes no sense."""
    try:
        content = json.loads(text)
        kind, opening, why = content["kind"], int(content["opening"]), str(content.get("reason") or "")
        why.encode()  # half a surrogate can be written in JSON and in nothing else
        if kind not in FINDING_KINDS and kind not in _KINDS:
            return None
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return kind, opening, why
