"""Records written one at a time, because there are few: alerts and dead letters.

Flow: changes of alerts, undecodable records -> framed records.
"""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import RULES_VERSION
from pipeline.domain.verdict import ALERT_EVENTS, ALERT_KINDS, ALERT_STATUSES, REASONS
from pipeline.ledger.batch import Batch
from pipeline.ledger.columns import Columns
from pipeline.ledger.outputs import OWN_KEYS, Outputs
from pipeline.wire import scan as field
from pipeline.wire.scan import ERRORS, ScanColumns
from pipeline.wire.schemas import encode
from pipeline.wire.verdict import Origin

KEPT_BYTES = 64 * 1024


def kept_key(key: bytes | None) -> bytes:
    """Return the key for what came of a record that chose its own: not endless, and never one of the ledger's own."""
    kept = (key or b"")[:KEPT_BYTES]
    return b"" if kept.startswith(OWN_KEYS) else kept


def alert_id(subject: str, kind: str, opening: int) -> str:
    """Return an alert's id: the same at every replay."""
    return hashlib.sha256(f"{subject}\n{kind}\n{opening}".encode()).hexdigest()[:32]


def alert_of_subject(subject: str, kind: str, opening: int, **fields: Any) -> bytes:  # noqa: ANN401  as the schema has
    """Encode a change of one alert's status; the subject says of what it is, as unit:KEY or site:NAME."""
    fixed = {"id": alert_id(subject, kind, opening), "subject": subject, "kind": kind, "opening": opening}
    return encode("alert", fixed | {"rules_version": RULES_VERSION} | fields)


def alert_record(key: str, kind: int, opening: int, **fields: Any) -> bytes:  # noqa: ANN401  as the schema has them
    """Encode a change of the status of a unit's alert; `kind` is its slot in the unit."""
    return alert_of_subject(f"unit:{key}", REASONS[ALERT_KINDS[kind]], opening, **fields)


def alert_records(  # noqa: PLR0913  columns of one record
    outputs: Outputs,
    changes: npt.NDArray[np.void],
    keys: list[bytes],
    origin: Origin,
    columns: Columns | None,
    partition_and_version: tuple[int, int],
) -> None:
    """Add the alerts that a batch of scans opened or retracted, or a record that is no scan: then `columns` is None."""
    partition, version = partition_and_version
    for change in changes:
        i, key = int(change["scan"]), keys[change["unit"]]
        value = alert_record(
            key.decode(),
            int(change["kind"]),
            int(change["opening"]),
            partition=partition,
            ordinal=int(origin.ordinal[i]),
            n=int(change["n"]),
            status=ALERT_STATUSES[change["status"]],
            event=ALERT_EVENTS[change["event"]],
            count=int(change["count"]),
            **_place_of(columns, i),
            received_at=int(origin.received_at[i]),
            author="",
            reason="",
            sequence=int(change["sequence"]),
            reference_version=version,
        )
        outputs.records["alerts"].add(key, value)


def _place_of(columns: Columns | None, i: int) -> dict[str, Any]:
    """Return where and when the scan was made that changed an alert."""
    if columns is None:
        return {"site": "", "event_time": None}
    begin, length = int(columns.number[field.SITE, i]), int(columns.length[field.SITE, i])
    site = columns.buffer[begin : begin + length].tobytes().decode()
    return {"site": site, "event_time": int(columns.number[field.EVENT_TIME, i])}


def dead_letter(  # noqa: PLR0913  the fields of one record
    batch: Batch, i: int, ordinal: int, topic: str, partition: int, error: tuple[str, str]
) -> bytes:
    """Encode a record that could not be read, with its origin and, up to 64 KiB, its bytes."""
    value = batch.values[i]
    fields = {
        "partition": partition,
        "ordinal": ordinal,
        "n": 0,
        "topic": topic,
        "offset": int(batch.offsets[i]),
        "received_at": int(batch.received_at[i]),
        "error": error[0],
        "detail": error[1],
        "key": None if batch.keys[i] is None else (batch.keys[i] or b"")[:KEPT_BYTES],
        "value": None if value is None else value[:KEPT_BYTES],
        "size": len(value or b""),
        "sha256": hashlib.sha256(value or b"").hexdigest(),
    }
    return encode("dead_letter", fields)


def dead_letters(  # noqa: PLR0913  columns of one record
    outputs: Outputs,
    batch: Batch,
    columns: ScanColumns,
    ordinal: npt.NDArray[np.int64],
    bad: npt.NDArray[np.int64],
    topic: str,
    partition: int,
) -> None:
    """Add the scans that could not be decoded."""
    for i in bad.tolist():
        error = (ERRORS[columns.error[i]], f"at byte {columns.error_at[i]}")
        value = dead_letter(batch, i, int(ordinal[i]), topic, partition, error)
        outputs.records["dead_letters"].add(kept_key(batch.keys[i]), value)
