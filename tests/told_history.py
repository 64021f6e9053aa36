"""A history as a ledger told it, without ClickHouse: what `pipeline.proof.history` reads from there."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

import numpy as np

from pipeline.domain.verdict import OUTCOMES, REASONS
from pipeline.ledger.batch import Batch
from pipeline.proof.comparison import REVISION
from pipeline.proof.history import Act, Numbers, Stretch
from pipeline.wire.schemas import decode, encode
from tests.oracle.arrivals import Arrival
from tests.oracle.rules import Record
from tests.unit.ledgering import Ledgering
from tests.unit.several import Several


class ToldHistory:
    """The arrivals of one partition with what a ledger made of them; those before `begin` are lost."""

    def __init__(self, arrivals: Sequence[Arrival], ledgering: Ledgering, begin: int = 1) -> None:
        self._arrivals, self._begin = arrivals, begin
        self._decisions = {one["decision"]["ordinal"]: one["decision"] for one in ledgering.written["verdicts"]}
        self._acts = {one["ordinal"]: one for one in ledgering.written["acts"]}
        self._told = ledgering.written["revisions"]

    def stretches(self, last: int, cuts: Collection[int] = ()) -> Iterator[Stretch]:
        ordinals = [one for one in range(1, last + 1) if one >= self._begin or one in self._acts]

        def run_of(ordinal: int) -> tuple[bool, bool, int, int]:
            is_act, is_internal = ordinal in self._acts, self._arrivals[ordinal - 1].is_internal
            return is_act, is_internal, sum(cut <= ordinal for cut in cuts), ordinal - ordinals.index(ordinal)

        for (is_act, is_internal, _, _), places in groupby(ordinals, run_of):
            same = list(places)
            yield self._of_acts(same) if is_act else self._of_scans(same, is_internal)

    def revisions(self) -> Numbers:
        """Returns the ledger's revisions as rows of REVISION."""
        numbered = [
            one | {"outcome": OUTCOMES.index(one["outcome"]), "reason": REASONS.index(one["reason"])}
            for one in self._told
        ]
        rows = [[one[name] for name in REVISION] for one in numbered]
        return np.array(rows, np.int64).reshape(-1, len(REVISION))

    def _of_scans(self, ordinals: Sequence[int], is_internal: bool) -> Stretch:
        told = [_numbers(self._decisions[ordinal]) for ordinal in ordinals]
        return Stretch(ordinals[0], is_internal, self._batch("scan", ordinals), np.array(told, np.int64).T)

    def _of_acts(self, ordinals: Sequence[int]) -> Stretch:
        acts = [self._acts[ordinal] for ordinal in ordinals]
        told = [Act(one["kind"], one["content"], one["reference_version"], False) for one in acts]
        return Stretch(ordinals[0], True, self._batch("internal", ordinals), acts=told)

    def _batch(self, record: str, ordinals: Sequence[int]) -> Batch:
        mine = [self._arrivals[ordinal - 1] for ordinal in ordinals]
        return Batch(
            keys=[one.key for one in mine],
            values=[encode(record, one.record) for one in mine],
            offsets=np.array(ordinals, np.int64),
            received_at=np.array([one.received_at for one in mine], np.int64),
        )


def arrivals_of(several: Several, partition: int) -> list[Arrival]:
    """Returns what a partition took, in the order of its ordinals: scans, what units told it, scans derived."""
    arrivals = []
    for is_internal, (key, value, received_at) in several.taken[partition]:
        name, record = decode(value)
        is_scan = name == "scan"
        arrivals.append(Arrival(record, key, is_scan, received_at, is_derived=is_scan and is_internal))
    return arrivals


def _numbers(decision: Record) -> list[int]:
    outcome, reason = OUTCOMES.index(decision["outcome"]), REASONS.index(decision["reason"])
    origin = [decision["ordinal"], decision["offset"], decision["received_at"]]
    return [*origin, 0, outcome, reason, decision["sequence"], 0]
