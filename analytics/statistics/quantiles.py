"""Quantiles of a Kaplan-Meier curve: by when a share of the units has had the event, if nothing else ended them."""

from typing import NamedTuple

import numpy as np

from analytics.statistics.arrays import Floats
from analytics.statistics.survival import Curve

_ROUNDING = 1e-12  # a product of shares that should be exactly a half may end a little above it


class Quantile(NamedTuple):
    """A time and its limits; nan where the curve, or the limit of it, never comes down so far."""

    time: float
    low: float
    high: float


def quantile(curve: Curve, share: float) -> Quantile:
    """Return the first time at which survival is at most 1 - share, with the times at which its limits are.

    Source: Brookmeyer and Crowley 1982: the times at which the confidence limits of the curve hold 1 - share.
    Raises: ValueError for a share outside (0, 1).
    """
    if not 0 < share < 1:
        message = f"a share lies between 0 and 1, not {share}"
        raise ValueError(message)
    return Quantile(*(_first(curve.risk.time, column, 1 - share) for column in (curve.value, curve.low, curve.high)))


def _first(time: Floats, survival: Floats, level: float) -> float:
    down = survival <= level + _ROUNDING  # nan is never at most anything
    return float(time[np.argmax(down)]) if np.any(down) else float("nan")
