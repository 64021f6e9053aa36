"""What a demo's scans came to, asked of the warehouse and compared with what was planted."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from analytics.documents import document_report
from analytics.questions import ask
from analytics.rates import Group, failure_rates
from jobs.derived_scans import count_derived
from jobs.unit import unit_report
from pipeline.domain.unit_key import parse
from pipeline.simulate.score import Score, score_alerts, score_duplicates, score_reasons
from pipeline.simulate.truth import Truth
from pipeline.warehouse.client import Warehouse

Row = dict[str, Any]

_DUPLICATE = "DUPLICATE_COMMISSION"
_STANDING = ["OPEN", "ACKNOWLEDGED", "CLOSED"]
_ALL = 1_000_000
_WORST = 3
_SHARE_DECIMALS = 4


@dataclass
class Found:
    """Everything the demo shows.

    Shape: verdicts: outcome, reason, scans; scans and alerts by class: kind, planted, found, recall, precision;
    duplicates: kind, what, planted, found; derived: scans that containers are to have derived, and those accepted;
    duplicate: as `jobs.unit.unit_report`, or nothing; verify: ok and its checks.
    """

    scans: int = 0
    units: int = 0
    sites: int = 0
    verdicts: list[Row] = field(default_factory=list)
    reasons: list[Row] = field(default_factory=list)
    alerts: list[Row] = field(default_factory=list)
    duplicates: list[Row] = field(default_factory=list)
    derived: dict[str, int] = field(default_factory=lambda: {"due": 0, "accepted": 0, "all": 0})
    worst_items: list[Row] = field(default_factory=list)
    duplicate: Row | None = None
    verify: Row = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_row(self) -> Row:
        """Return it as one row."""
        return asdict(self)


def ask_everything(warehouse: Warehouse, truths: Sequence[Truth], found: Found) -> None:
    """Fill in what the warehouse says of the scans."""
    found.verdicts = ask(warehouse, "verdicts")
    remarkable = [(row["scan_id"], row["reason"]) for row in ask(warehouse, "remarkable_scans")]
    found.reasons = _rows(score_reasons(truths, remarkable))
    found.duplicates = [score._asdict() for score in score_duplicates(truths, remarkable, _likely(warehouse, truths))]
    found.derived |= count_derived(warehouse)._asdict()
    raised = ask(warehouse, "alerts", statuses=_STANDING, kinds=[], units=[], ids=[], most=_ALL)
    found.alerts = _rows(score_alerts(truths, ((row["unit_key"], row["kind"]) for row in raised)))
    found.worst_items = worst(failure_rates(warehouse, [Group.ITEM]))
    duplicates = sorted(row["unit_key"] for row in raised if row["kind"] == _DUPLICATE)
    found.duplicate = unit_report(warehouse, parse(duplicates[0])) if duplicates else None


def _likely(warehouse: Warehouse, truths: Iterable[Truth]) -> list[tuple[str, str, str]]:
    """Return what the documents' reports pair: document, unit, the expected unit that it probably is."""
    names = sorted({truth.document for truth in truths if truth.likely})
    reports = (document_report(warehouse, name) for name in names)
    return [(report["document"], row["unit"], row["likely"]) for report in reports if report for row in report["units"]]


def worst(rates: Iterable[Row]) -> list[Row]:
    """Return the items that fail most, by rate."""
    failing = (row for row in rates if row["failures"])
    return sorted(failing, key=lambda row: row["afr_percent"], reverse=True)[:_WORST]


def _rows(scores: Iterable[Score]) -> list[Row]:
    return [
        {
            "kind": score.kind,
            "planted": score.planted,
            "found": score.found,
            "recall": _rounded(score.recall),
            "precision": _rounded(score.precision),
        }
        for score in scores
    ]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, _SHARE_DECIMALS)
