"""One partition's history folded under candidate rules, beside what was decided then.

Flow: stretches of a History, lifecycles or modes to try from an ordinal on -> a Comparison: two decisions of each scan.

The candidates are in force from the ordinal `since` on; before it everything is folded as it was, so units come to it
as they were. What the log loads of a candidate's name from then on, or in place of candidate modes, counts as a version
and changes nothing.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np

from pipeline.domain.lifecycle import Lifecycle, parse
from pipeline.domain.modes import Mode
from pipeline.domain.site_table import SiteTable
from pipeline.errors import RulesWrong
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import Stream
from pipeline.ledger.watch import Judged, Watch
from pipeline.ledger.where import Where
from pipeline.proof.beginnings import Beginnings
from pipeline.proof.comparison import Comparison
from pipeline.proof.history import SEQUENCE, Act, Stretch, Stretches
from pipeline.proof.taking import take

_LIFECYCLE: Final = "LIFECYCLE"
_MODES: Final = "MODES"
_WRITTEN: Final[tuple[Stream, ...]] = ("units",)


class Candidates(NamedTuple):
    """Rules to try: lifecycles, and a whole table of modes; None leaves the modes as they were, () has none."""

    lifecycles: tuple[Lifecycle, ...] = ()
    modes: tuple[Mode, ...] | None = None

    @property
    def is_none(self) -> bool:
        """Whether there is nothing to try: the rules as they were."""
        return not self.lifecycles and self.modes is None


class Trial:
    """The ledger of one partition, run from its first record on, with other rules from `comparison.since` on."""

    def __init__(
        self,
        where: Where,
        candidates: Candidates,
        comparison: Comparison,
        beginnings: Beginnings | None = None,
    ) -> None:
        """Begin with nothing known; with `beginnings`, units that are older than the history are left out."""
        self._candidates, self._comparison = candidates, comparison
        self._names = {candidate.name for candidate in candidates.lifecycles}
        self._beginnings = beginnings
        self._memory = Held()
        watch = Watch(self._judged, comparison.folded_again)
        self._ledger = Ledger(where, built_in_lifecycles(), watch=watch, streams=_WRITTEN)
        self._is_on_trial = False
        self._stretch: Stretch | None = None

    @property
    def sites(self) -> SiteTable:
        """The ledger's sites by number."""
        return self._ledger.reference.sites

    def run(self, history: Stretches, last: int, progress: Callable[[int], None]) -> None:
        """Fold everything up to an ordinal, telling how many ordinals each stretch had.

        Raises:
            RulesWrong: a candidate could not be loaded at that ordinal.
        """
        for stretch in history.stretches(last, (self._comparison.since,)):
            if stretch.first >= self._comparison.since and not self._is_on_trial:
                self._begin_trial()
            self._take_acts(stretch) if stretch.acts else self._take_scans(stretch)
            progress(len(stretch))

    def _begin_trial(self) -> None:
        self._is_on_trial = True
        for candidate in self._candidates.lifecycles:
            self._ledger.reference.put(candidate)
        if self._candidates.modes is not None:
            self._ledger.reference.put_modes(self._candidates.modes)

    def _take_scans(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._comparison.decided(stretch)
        take(self._ledger, stretch, self._memory)

    def _take_acts(self, stretch: Stretch) -> None:
        """Act as the log did, but for what would put a candidate out of force."""
        pieces = (
            _one_by_one(stretch)
            if self._is_on_trial and any(map(self._replaces_candidate, stretch.acts))
            else [stretch]
        )
        for piece in pieces:
            if self._is_on_trial and self._replaces_candidate(piece.acts[0]):
                self._ledger.reference.version = piece.acts[0].reference_version
                continue
            take(self._ledger, piece, self._memory)

    def _replaces_candidate(self, act: Act) -> bool:
        if act.kind == _MODES:
            return self._candidates.modes is not None
        if act.kind != _LIFECYCLE:
            return False
        try:
            return parse(act.content).name in self._names
        except RulesWrong:
            return False

    def _judged(self, judged: Judged) -> None:
        headless = np.empty(0, np.int64)
        if self._beginnings is not None and self._stretch is not None:
            sequences = self._stretch.verdicts[SEQUENCE, judged.origin.ordinal - self._stretch.first]
            headless = self._beginnings.headless(judged, sequences)
        self._comparison.judged(judged, headless)


def _one_by_one(stretch: Stretch) -> Iterator[Stretch]:
    batch = stretch.batch
    for i in range(len(batch)):
        one = type(batch)([batch.keys[i]], [batch.values[i]], batch.offsets[i : i + 1], batch.received_at[i : i + 1])
        yield Stretch(stretch.first + i, True, one, acts=stretch.acts[i : i + 1])
