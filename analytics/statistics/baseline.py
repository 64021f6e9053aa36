"""Failures expected of a lot: its unit-days by age band at the rates of its item's other lots in the year before."""

from typing import NamedTuple

import numpy as np

from analytics.statistics.arrays import Floats, Truths, floats

TRAILING_DAYS = 365
LEAST_BASELINE_FAILURES = 20
AGE_BANDS = (0, 30, 90, 180, 365, 730, 1095, 1825, 3650)
"""Where age bands begin, in days."""


class Expected(NamedTuple):
    """What was expected of each lot on each day.

    Shape: four arrays (lots, days): failures expected; failures of the other lots that say so; whether those are enough
    for a test (where they are not, expected and seen are 0 and the day is not tested); failures seen in age bands of
    which something was expected.
    """

    failures: Floats
    baseline: Floats
    is_tested: Truths
    seen: Floats


def expected_failures(unit_days: Floats, failures: Floats) -> Expected:
    """Return the failures expected of the lots of one item.

    Shape: both arguments (lots, days, age bands); failures on the day they became known.
    Unit-days and failures in a band in which the other lots had no unit-days are left out: nothing says what to expect
    of them.
    """
    days, seen = (_trailing(column.sum(axis=0) - column) for column in (unit_days, failures))
    rate = np.divide(seen, days, out=np.zeros_like(days), where=days > 0)
    baseline = (seen * (unit_days > 0)).sum(axis=2)
    is_tested = baseline >= LEAST_BASELINE_FAILURES
    known = (failures * (days > 0)).sum(axis=2)
    expected = np.where(is_tested, (unit_days * rate).sum(axis=2), 0.0)
    return Expected(expected, baseline, is_tested, np.where(is_tested, known, 0.0))


def _trailing(amount: Floats) -> Floats:
    """Return the sum over the 365 days before each day."""
    sums = np.concatenate([np.zeros_like(amount[:, :1]), np.cumsum(amount, axis=1)], axis=1)
    days = np.arange(amount.shape[1])
    return floats(sums[:, days] - sums[:, np.maximum(days - TRAILING_DAYS, 0)])
