"""Rules tried on the history before anybody trusts them: what each scan was made of, and what it would be made of.

Flow: unit_events, acts and revisions of every partition, candidate rules -> a Tried: changes by item and site.
"""
# ruff: noqa: S608

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.site_table import SiteTable
from pipeline.domain.verdict import ALERT_KINDS, OUTCOMES, REASONS
from pipeline.ledger.where import Where
from pipeline.proof.beginnings import Beginnings
from pipeline.proof.comparison import NO_SCAN, REVISION, Comparison, words
from pipeline.proof.history import History, index_of
from pipeline.proof.trial import Candidates, Trial
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.marks import marks_of, read_marks

_KINDS: Final = {"REJECTED": "rejected", "FLAGGED": "flagged", "ACCEPTED": "allowed"}
_TABLES: Final = ("unit_events", "acts", "dead_letters")


class Change(NamedTuple):
    """Scans of one item at one site that would come out differently, in one and the same way."""

    change: str
    """rejected, flagged, allowed: the outcome they would newly have; other: another reason, or neither of these."""
    outcome: str
    reason: str
    new_outcome: str
    new_reason: str
    item: str
    site: str
    scans: int
    partition: int
    ordinal: int
    """Of the first of them."""


@dataclass
class Tried:
    """What came of it."""

    scans: int = 0
    """From `since` on, compared."""
    folded: int = 0
    """Ordinals folded, from the beginning on."""
    changes: list[Change] = field(default_factory=list)
    live_openings: Counter[str] = field(default_factory=Counter)
    openings: Counter[str] = field(default_factory=Counter)
    """Alerts opened from `since` on, by kind: those there were, and those there would be."""
    first_changed: int = 0
    """Scans that would be decided differently at first, before any revision."""
    revisions_changed: int = 0
    """Revisions that there would be and are not, or are and would not be."""
    foreign: int = 0
    """Scans compared that were decided by code other than this."""
    missing: int = 0
    """Ordinals that are not in ClickHouse: the history is not whole."""
    left_out: int = 0
    """Scans of units whose beginning is among them: not compared."""

    @property
    def changed(self) -> int:
        """How many scans would come out differently."""
        return sum(change.scans for change in self.changes)

    @property
    def is_same(self) -> bool:
        """Whether every verdict, every revision and the number of alerts would be what they are.

        Where the history is not whole that is said of the scans compared, and of no alert.
        """
        is_same_alerts = self.missing > 0 or +self.openings == +self.live_openings
        return not self.changes and not self.first_changed and not self.revisions_changed and is_same_alerts


class Backtest:
    """Tries candidates on one ledger's history, partition by partition."""

    def __init__(self, warehouse: Warehouse, candidates: Candidates, since_ms: int | None = None) -> None:
        self._warehouse, self._candidates, self._since_ms = warehouse, candidates, since_ms
        self.tried = Tried()
        self._changes: dict[tuple[str, ...], Change] = {}

    def run(self, wheres: Sequence[Where], progress: Callable[[int, int], None] = lambda done, total: None) -> Tried:
        """Fold every partition as far as it is in ClickHouse; tell how many ordinals of how many are done.

        Raises:
            RulesWrong: a candidate could not be loaded: it drops or renames states.
            WarehouseDown: ClickHouse does not answer.
        """
        lasts = {where.partition: self._last(where.partition) for where in wheres}
        total = sum(lasts.values())

        def done(ordinals: int) -> None:
            self.tried.folded += ordinals
            progress(self.tried.folded, total)

        for where in wheres:
            self._try(where, lasts[where.partition], done)
        progress(total, total)  # dead letters are no work
        self.tried.changes = sorted(self._changes.values(), key=lambda change: (-change.scans, change))
        return self.tried

    def _try(self, where: Where, last: int, progress: Callable[[int], None]) -> None:
        partition = where.partition
        since, missing = self._since(partition, last), last - self._count(partition, last)
        comparison = Comparison(since, last)
        trial = Trial(where, self._candidates, comparison, Beginnings() if missing else None)
        trial.run(History(self._warehouse, partition, where.scans_topic), last, progress)
        live = self._revisions(partition, last)
        comparison.revise(live)
        tried, counted = self.tried, comparison.counted
        tried.scans += int((comparison.live != NO_SCAN).sum())
        for change in _changes(comparison, trial.sites, partition):
            former = self._changes.get(change[:7])
            self._changes[change[:7]] = former._replace(scans=former.scans + change.scans) if former else change
        tried.openings += counted.openings
        tried.live_openings += self._openings(partition, since, last)
        tried.first_changed += counted.first_changed
        of_all = live, comparison.revisions
        tried.revisions_changed += _different(*(map(comparison.compared, of_all) if missing else of_all))
        tried.foreign += counted.foreign
        tried.left_out += counted.left_out
        tried.missing += missing

    def _last(self, partition: int) -> int:
        """Return the last ordinal that all streams have written; of tables without marks the last there is."""
        marks = read_marks(self._warehouse, partition)
        if marks:
            return min(mark.ordinal for mark in marks_of(marks, partition))
        lasts = [f"(SELECT max(ordinal) FROM {table} WHERE partition = {partition})" for table in _TABLES]
        ((last,),) = self._warehouse.query_rows(f"SELECT greatest({', '.join(lasts)})")
        return int(last)

    def _count(self, partition: int, last: int) -> int:
        where = Span(0, last).covers("ordinal", partition)
        each = " UNION ALL ".join(f"SELECT ordinal FROM {table} WHERE {where}" for table in _TABLES)
        ((count,),) = self._warehouse.query_rows(f"SELECT uniqExact(ordinal) FROM ({each})")
        return int(count)

    def _since(self, partition: int, last: int) -> int:
        if self._since_ms is None:
            return 1
        received = f"partition = {partition} AND received_at >= fromUnixTimestamp64Milli({self._since_ms})"
        each = " UNION ALL ".join(f"SELECT ordinal FROM {table} WHERE {received}" for table in _TABLES)
        ((count, first),) = self._warehouse.query_rows(f"SELECT count(), min(ordinal) FROM ({each})")
        return min(int(first), last + 1) if count else last + 1

    def _revisions(self, partition: int, last: int) -> npt.NDArray[np.int64]:
        numbers = {"outcome": index_of("outcome", OUTCOMES), "reason": index_of("reason", REASONS)}
        columns = [f"{numbers.get(name, f'toInt64({name})')} AS told_{name}" for name in REVISION]
        where = Span(0, last).covers("caused_by", partition)
        found = self._warehouse.query_columns(
            f"SELECT {', '.join(columns)} FROM unit_revisions WHERE {where} ORDER BY caused_by, n"
        )
        nothing = np.empty(0, np.int64)
        return np.stack([found.get(f"told_{name}", nothing).astype(np.int64) for name in REVISION], axis=1)

    def _openings(self, partition: int, since: int, last: int) -> Counter[str]:
        """Return how many alerts scans opened: those of findings are none of the rules'."""
        where = Span(since - 1, last).covers("ordinal", partition)
        opened = f"event = 'OPENED' AND kind IN ({', '.join(repr(REASONS[kind]) for kind in ALERT_KINDS)})"
        sql = f"SELECT toString(kind), count() FROM alerts WHERE {opened} AND {where} GROUP BY kind"
        return Counter({str(kind): int(count) for kind, count in self._warehouse.query_rows(sql)})


def _changes(comparison: Comparison, sites: SiteTable, partition: int) -> list[Change]:
    at = np.flatnonzero(comparison.live != comparison.would)
    columns = (comparison.live, comparison.would, comparison.item, comparison.site)
    rows = np.stack([column[at].astype(np.int32) for column in columns], axis=1)
    groups, first, counts = np.unique(rows, axis=0, return_index=True, return_counts=True)
    changes = []
    for (live, would, item, site), begin, count in zip(groups.tolist(), first.tolist(), counts.tolist(), strict=True):
        (outcome, reason), (new_outcome, new_reason) = words(live), words(would)
        kind = _KINDS.get(new_outcome, "other") if new_outcome != outcome else "other"
        texts = comparison.item_of(item), comparison.site_of(site, sites)
        ordinal = comparison.since + int(at[begin])
        changes.append(Change(kind, outcome, reason, new_outcome, new_reason, *texts, count, partition, ordinal))
    return changes


def _different(live: npt.NDArray[np.int64], would: npt.NDArray[np.int64]) -> int:
    """Return how many rows are on one side only."""
    if np.array_equal(live, would):
        return 0
    there, wanted = Counter(map(tuple, live.tolist())), Counter(map(tuple, would.tolist()))
    return max((there - wanted).total(), (wanted - there).total())
