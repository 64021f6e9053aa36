"""Decisions counted, for metrics."""

import numpy as np
import numpy.typing as npt

from pipeline.domain.verdict import OUTCOMES, REASONS


def count_outcomes(counted: dict[tuple[str, str], int], decisions: npt.NDArray[np.void]) -> None:
    """Add decisions to what was counted, by outcome and reason."""
    pairs = decisions["outcome"].astype(np.int64) * len(REASONS) + decisions["reason"]
    counts = np.bincount(pairs)
    for pair in np.flatnonzero(counts).tolist():
        told = (OUTCOMES[pair // len(REASONS)], REASONS[pair % len(REASONS)])
        counted[told] = counted.get(told, 0) + int(counts[pair])
