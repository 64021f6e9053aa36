"""Early warning of a lot that fails more than its item's others: a Poisson CUSUM per lot, day by day."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.statistics.arrays import Floats, Truths

RATIO = 2.0
DAYS_PER_FALSE_ALARM = 90.0
_SEED = 20_250_102
_LEDGER_DAYS = 60_000
_MOST_CELLS = 40_000_000
_STANDARD_ERRORS = 2.0
_PRECISION = 0.05


class Watched(NamedTuple):
    """The streams of a ledger as they would run if all lots were healthy.

    Shape: expected (streams, days); baseline (streams,): failures of the other lots that the expectation rests on.
    """

    expected: Floats
    baseline: Floats


def reference(ratio: float = RATIO) -> float:
    """Return how much of the expected failures is taken off each day: (r - 1) / ln r, between 1 and r."""
    return float((ratio - 1) / np.log(ratio))


def cusum(seen: Floats, expected: Floats, threshold: float = np.inf, ratio: float = RATIO) -> tuple[Floats, Truths]:
    """Return each stream's sum on each day and whether it raised the alarm, after which it starts again from 0.

    Shape: all (streams, days). The sum is max(0, sum + seen - reference × expected); a sum of at least the threshold is
    an alarm. Units: failures.
    Source: Lucas 1985, with a reference for each day's own expectation: the likelihood ratio of r against 1, over ln r.
    """
    path, alarms = np.empty(seen.shape), np.zeros(seen.shape, dtype=np.bool_)
    steps, now = seen - reference(ratio) * expected, np.zeros(seen.shape[0])
    for day in range(seen.shape[1]):
        now = np.maximum(now + steps[:, day], 0.0)
        path[:, day], alarms[:, day] = now, now >= threshold
        now = np.where(alarms[:, day], 0.0, now)
    return path, alarms


def healthy_threshold(watched: Watched, days_per_alarm: float = DAYS_PER_FALSE_ALARM, ratio: float = RATIO) -> float:
    """Return the least threshold (to 0.05) at which healthy streams together raise an alarm per so many days at most.

    By simulation of fixed seed over about 60,000 days of the whole ledger: failures are Poisson around what is truly
    due, which differs from what is expected as the baseline's own failures would have it. The number of alarms counted
    must lie two standard errors below what is allowed.
    """
    streams, days = watched.expected.shape
    if watched.expected.sum() == 0:
        return np.inf
    repeats = int(np.clip(_LEDGER_DAYS // days, 1, max(_MOST_CELLS // (streams * days), 1)))
    seen = _healthy(watched, repeats)
    allowed = repeats * days / days_per_alarm
    most = allowed - _STANDARD_ERRORS * np.sqrt(allowed)
    low, high = 0.0, _alarms(seen, watched.expected, np.inf, ratio)[1] + _PRECISION
    while high - low > _PRECISION:
        middle = (low + high) / 2
        if _alarms(seen, watched.expected, middle, ratio)[0] > most:
            low = middle
        else:
            high = middle
    return high


def _healthy(watched: Watched, repeats: int) -> NDArray[np.uint16]:
    """Return failures of healthy streams. Shape: (days, repeats, streams)."""
    generator = np.random.default_rng(_SEED)
    count = np.maximum(watched.baseline, 1.0)
    truth = generator.gamma(count, size=(repeats, len(count))) / count
    return np.stack([generator.poisson(due * truth).astype(np.uint16) for due in watched.expected.T])


def _alarms(seen: NDArray[np.uint16], expected: Floats, threshold: float, ratio: float) -> tuple[int, float]:
    """Return how many alarms all streams raise, and the greatest sum there was."""
    now, count, greatest = np.zeros(seen.shape[1:]), 0, 0.0
    for failures, due in zip(seen, reference(ratio) * expected.T, strict=True):
        now = np.maximum(now + failures - due, 0.0)
        is_alarm = now >= threshold
        count, greatest = count + int(is_alarm.sum()), max(greatest, float(now.max()))
        now[is_alarm] = 0.0
    return count, greatest
