"""What a worker counts of each batch: how long its stages took, and what came of its records.

Flow: the outputs of a batch -> metrics.
"""

from typing import Final

from pipeline.ledger.outputs import Outputs, Stream
from pipeline.metrics import Name, count, observe
from pipeline.wire.schemas import decode

_COUNTED: Final[tuple[tuple[Stream, Name, tuple[str, ...]], ...]] = (
    ("acts", "scanledger_worker_acts_total", ("kind", "result")),
    ("alerts", "scanledger_worker_alerts_total", ("kind", "event")),
    ("dead_letters", "scanledger_worker_dead_letters_total", ("error",)),
)
"""Streams of few records, counted by fields of theirs."""


def measure(records: int, outputs: Outputs, seconds: dict[str, float]) -> None:
    """Count a batch of so many records, its stages in processor seconds."""
    observe("scanledger_worker_batch_records", records)
    for stage, spent in seconds.items():
        observe("scanledger_worker_stage_seconds", spent, stage=stage)
    for (outcome, reason), number in outputs.outcomes.items():
        count("scanledger_worker_verdicts_total", number, outcome=outcome, reason=reason)
    for (outcome, reason), number in outputs.revised.items():
        count("scanledger_worker_revisions_total", number, outcome=outcome, reason=reason)
    for stream, name, labels in _COUNTED:
        for value in outputs.records[stream].values[:-1]:  # the last is the position
            record = decode(value)[1]
            count(name, 1, **{label: str(record[label]) for label in labels})
