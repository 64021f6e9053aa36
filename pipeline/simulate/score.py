"""How much of what was planted was found, and how much of what was found was planted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

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
