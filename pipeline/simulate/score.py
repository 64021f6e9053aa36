"""How much of what was planted was found, and how much of what was found was planted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.simulate.expected import DUPLICATES
from pipeline.simulate.truth import Truth


class Score(NamedTuple):
    """One class; recall and precision are None where there is nothing to divide by."""

    kind: str
    planted: int
    found: int
    right: int

    @property
    def recall(self) -> float | None:
        """Share of the planted that was found."""
        return self.right / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """Share of the found that was planted."""
        return self.right / self.found if self.found else None


def score_reasons(truths: Iterable[Truth], found: Iterable[tuple[str, str]]) -> list[Score]:
    """Compare the planted scans with what the ledger says, reason by reason.

    Args:
        truths: What was planted.
        found: (scan_id, reason) of every scan's newest decision whose reason is not NONE.
    """
    return _scores(Counter((truth.scan_id, truth.reason) for truth in truths if truth.reason != "NONE"), Counter(found))


def score_alerts(truths: Iterable[Truth], found: Iterable[tuple[str, str]]) -> list[Score]:
    """Compare the alerts that are due with those raised, kind by kind.

    Args:
        truths: What was planted; several sightings of one unit are one alert.
        found: (unit key, kind) of every alert that was not retracted: a late scan may disprove an alert.
    """
    return _scores(Counter({(truth.unit, truth.alert) for truth in truths if truth.alert}), Counter(found))


class Duplicates(NamedTuple):
    """One of the twelve kinds of duplicate: scans planted of it, and those told for what they are."""

    kind: str
    what: str
    planted: int
    found: int


def score_duplicates(
    truths: Sequence[Truth], found: Iterable[tuple[str, str]], likely: Iterable[tuple[str, str, str]]
) -> list[Duplicates]:
    """Compare the planted duplicates, and what only looks like one, with what the ledger says, kind by kind.

    Args:
        truths: What was planted.
        found: (scan_id, reason) of every scan's newest decision whose reason is not NONE.
        likely: (document, unit, the expected unit that it probably is) as the documents' reports pair them.
    """
    reasons, pairs = set(found), set(likely)
    remarkable = {scan_id for scan_id, _ in reasons}

    def is_found(truth: Truth) -> bool:
        if truth.likely and (truth.document, truth.unit, truth.likely) not in pairs:
            return False
        return truth.scan_id not in remarkable if truth.reason == "NONE" else (truth.scan_id, truth.reason) in reasons

    planted = Counter(truth.planted for truth in truths)
    right = Counter(truth.planted for truth in truths if is_found(truth))
    return [
        Duplicates(kind, what, sum(planted[name] for name in names), sum(right[name] for name in names))
        for kind, what, names in DUPLICATES
    ]


def _scores(due: Counter[tuple[str, str]], found: Counter[tuple[str, str]]) -> list[Score]:
    planted, right, all_found = (
        _by_kind(due), _by_kind(due & found), _by_kind(found),
    )  # fmt: skip
    return [Score(kind, planted[kind], all_found[kind], right[kind]) for kind in sorted(planted | all_found)]


def _by_kind(counted: Counter[tuple[str, str]]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for (_, kind), count in counted.items():
        kinds[kind] += count
    return kinds
