"""Two decisions of each scan of a partition: what the ledger holds now, and what it would hold under other rules.

Flow: stretches as decided then, batches as judged now, revisions from ClickHouse -> both newest decisions in columns.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.decision import Decided
from pipeline.domain.site_table import SiteTable
from pipeline.domain.verdict import ALERT_KINDS, EVENT_OPENED, OUTCOMES, REASONS
from pipeline.ledger.watch import Judged
from pipeline.proof.history import IS_FOREIGN, ORDINAL, OUTCOME, REASON, SEQUENCE, Stretch
from pipeline.wire import scan as scan_field
from pipeline.wire.verdict import Origin

Numbers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int16]

NO_SCAN: Final = -1
_REASONS: Final = 256
REVISION: Final = ("ordinal", "caused_by", "n", "outcome", "reason", "sequence")


@dataclass
class Counted:
    """What is counted beside the decisions."""

    openings: Counter[str] = field(default_factory=Counter)
    """Alerts that would open from `since` on, by kind."""
    first_changed: int = 0
    """Scans from `since` on that would be decided differently at first."""
    foreign: int = 0
    """Scans from `since` on that other code decided."""
    left_out: int = 0
    """Scans of units whose beginning is missing."""


class Comparison:
    """The scans of one partition from the ordinal `since` to `last`.

    Shape: `live` and `would` hold `code(outcome, reason)` of the newest decisions by ordinal - since, NO_SCAN where the
    ordinal is no scan's; `item` and `site` numbers of names, see `item_of` and `site_of`; `revisions` rows of REVISION.
    """

    def __init__(self, since: int, last: int) -> None:
        self.since, self.counted = since, Counted()
        self._items, self._sites = SiteTable(), SiteTable()
        room = max(0, last - since + 1)
        self.live, self.would = np.full(room, NO_SCAN, np.int16), np.full(room, NO_SCAN, np.int16)
        self.item, self.site = np.zeros(room, np.int32), np.zeros(room, np.int32)
        self._told = np.empty((0, 0), np.int64)
        self._revisions: list[Numbers] = []

    @property
    def revisions(self) -> Numbers:
        """Every revision that there would be, in the order in which they come to be."""
        return np.concatenate(self._revisions or [np.empty((0, len(REVISION)), np.int64)])

    def decided(self, stretch: Stretch) -> None:
        """Take in what was decided at first of the scans that are judged next."""
        self._told = stretch.verdicts
        if stretch.first >= self.since:
            at = self._told[ORDINAL] - self.since
            self.live[at] = code(self._told[OUTCOME], self._told[REASON])
            self.counted.foreign += int(self._told[IS_FOREIGN].sum())

    def judged(self, judged: Judged, headless: Numbers) -> None:
        """Take in what the rules make of them now.

        Args:
            judged: the scans.
            headless: ordinals of those to leave out, because what came before them is not known.
        """
        self.folded_again(judged.decided, judged.origin)
        ordinals, decisions = judged.origin.ordinal, judged.decided.decisions
        if not len(ordinals) or ordinals[0] < self.since:
            return
        at = ordinals - self.since
        self.would[at] = code(decisions["outcome"], decisions["reason"])
        self._name(judged, at)
        told = self._told[SEQUENCE, ordinals - self._told[ORDINAL, 0]]
        is_other = (self.would[at] != self.live[at]) | (decisions["sequence"] != told)
        is_compared = ~np.isin(ordinals, headless)
        self.counted.first_changed += int((is_other & is_compared).sum())
        self.counted.left_out += len(is_compared) - int(is_compared.sum())
        self.live[at[~is_compared]] = self.would[at[~is_compared]] = NO_SCAN

    def folded_again(self, decided: Decided, origin: Origin) -> None:
        """Take in what becomes of earlier decisions and of alerts, whatever record that comes of."""
        self._note_revisions(decided, origin)
        if len(origin.ordinal) and origin.ordinal[0] >= self.since:
            self._count_openings(decided)

    def item_of(self, number: int) -> str:
        """Return the item of that number."""
        return self._items.names[number].decode()

    def site_of(self, number: int, known: SiteTable) -> str:
        """Return the site of that number: above 0 the ledger's own, whose table it is; below 0 of a broken contract."""
        return (known.names[number] if number > 0 else self._sites.names[-number]).decode()

    def revise(self, live: Numbers) -> None:
        """Let revisions hold over the first decisions: those there would be, and those there are (rows of REVISION)."""
        for codes, revisions in ((self.live, live), (self.would, self.revisions)):
            ordinal, _, _, outcome, reason, _ = revisions.T
            mine = (ordinal >= self.since) & (ordinal < self.since + len(codes))
            at = ordinal[mine] - self.since
            is_scan = codes[at] != NO_SCAN
            codes[at[is_scan]] = code(outcome[mine], reason[mine])[is_scan]

    def compared(self, revisions: Numbers) -> Numbers:
        """Return those revisions that are of scans compared here: all, where the history is whole."""
        at = revisions[:, 0] - self.since
        is_here = (at >= 0) & (at < len(self.live))
        is_here[is_here] = self.live[at[is_here]] != NO_SCAN
        return revisions[is_here]

    def _name(self, judged: Judged, at: Numbers) -> None:
        """Number items and sites: a unit's item once, the sites as the ledger does; broken scans one by one."""
        unit, broken = judged.unit, np.flatnonzero(judged.unit < 0)
        of_units = _numbers(self._items, judged, scan_field.ITEM, judged.first)
        self.item[at] = of_units[unit] if len(of_units) else 0
        self.site[at] = judged.sites[:, 0]
        if len(broken):
            self.item[at[broken]] = _numbers(self._items, judged, scan_field.ITEM, broken)
            self.site[at[broken]] = -_numbers(self._sites, judged, scan_field.SITE, broken)

    def _note_revisions(self, decided: Decided, origin: Origin) -> None:
        count = int(decided.revision_count[0])
        keys, rows = decided.revisions[:count], decided.revised[:count]
        if count:
            caused_by = origin.ordinal[keys["scan"]]
            columns = (keys["ordinal"], caused_by, keys["n"], rows["outcome"], rows["reason"], rows["sequence"])
            self._revisions.append(np.stack([column.astype(np.int64) for column in columns], axis=1))

    def _count_openings(self, decided: Decided) -> None:
        changes = decided.changes.rows[: decided.changes.filled[0]]
        if len(changes):
            kinds = np.bincount(changes["kind"][changes["event"] == EVENT_OPENED], minlength=len(ALERT_KINDS))
            self.counted.openings.update({REASONS[kind]: int(kinds[slot]) for slot, kind in enumerate(ALERT_KINDS)})


def code(outcome: npt.NDArray[np.integer], reason: npt.NDArray[np.integer]) -> Codes:
    """Return one number for a decision; words that this code does not know (-1) are a decision of their own."""
    return ((outcome.astype(np.int16) & 0x7F) * _REASONS + (reason.astype(np.int16) & 0xFF)).astype(np.int16)


def words(decision: int) -> tuple[str, str]:
    """Return outcome and reason of a code."""
    outcome, reason = divmod(decision, _REASONS)
    is_known = outcome < len(OUTCOMES) and reason < len(REASONS)
    return (OUTCOMES[outcome], REASONS[reason]) if is_known else ("?", "?")


def _numbers(names: SiteTable, judged: Judged, column: int, rows: Numbers) -> npt.NDArray[np.int32]:
    columns = judged.columns
    return names.numbers_of(columns.buffer, columns.number[column][rows], columns.length[column][rows].astype(np.int64))
