"""The log-rank test: do groups fail alike, age by age."""

from typing import NamedTuple

import numpy as np
from scipy.special import gammaincc

from analytics.statistics.age_table import AgeTable, pooled
from analytics.statistics.arrays import Floats, floats

METHOD = "log-rank with hypergeometric variance; at risk where entry < t <= exit"

_LEAST_EIGENVALUE = 1e-9


class LogRank(NamedTuple):
    """What was seen and expected in each group, and how far apart they are.

    `chi2` and `p` are nan where fewer than two groups were at risk together (df 0).
    """

    chi2: float
    df: int
    p: float
    observed: Floats
    expected: Floats


def log_rank(groups: list[AgeTable]) -> LogRank:
    """Return the test of k groups.

    Source: Mantel 1966; the covariance of Peto and Peto 1972 for k groups. A group that was never at risk beside
    another gives no degree of freedom.
    """
    if not groups:
        return LogRank(np.nan, 0, np.nan, np.zeros(0), np.zeros(0))
    ages = pooled(groups)
    deaths = ages.events > 0
    time = ages.age[deaths]
    at_risk = np.stack([_at_risk(group, time) for group in groups])
    events = np.stack([_events(group, time) for group in groups])
    total, died = at_risk.sum(axis=0), ages.events[deaths]
    share = at_risk / total
    expected = (share * died).sum(axis=1)
    ties = np.divide(total - died, total - 1, out=np.zeros_like(total), where=total > 1)
    spread = share * (died * ties)
    covariance = np.diag(spread.sum(axis=1)) - spread @ share.T
    chi2, df = _distance(events.sum(axis=1) - expected, covariance)
    return LogRank(chi2, df, float(gammaincc(df / 2, chi2 / 2)) if df else np.nan, events.sum(axis=1), expected)


def _distance(apart: Floats, covariance: Floats) -> tuple[float, int]:
    """Return apart' V⁻ apart and the rank of V, by way of correlations, so that a small group is not lost."""
    variance = np.diag(covariance)
    scale = np.sqrt(np.where(variance > 0, variance, np.inf))
    size, direction = np.linalg.eigh(covariance / np.outer(scale, scale))
    real = size > _LEAST_EIGENVALUE
    along = (direction[:, real].T @ (apart / scale)) ** 2 / size[real]
    return (float(along.sum()) if np.any(real) else np.nan), int(real.sum())


def _at_risk(group: AgeTable, time: Floats) -> Floats:
    """Return how many of the group are at risk at each time: those entered before it less those who left before it."""
    present = np.concatenate([[0.0], np.cumsum(group.entered - group.exits)])
    return floats(present[np.searchsorted(group.age, time, side="left")])


def _events(group: AgeTable, time: Floats) -> Floats:
    counted = np.zeros(len(time))
    own = group.events > 0
    counted[np.searchsorted(time, group.age[own])] = group.events[own]
    return counted
