"""Points of a Weibull probability plot: each failure age against the share failed halfway down its step."""

from typing import NamedTuple

import numpy as np

from analytics.statistics.age_table import AgeTable
from analytics.statistics.arrays import Floats
from analytics.statistics.survival import kaplan_meier


class PlotPoints(NamedTuple):
    """Failure ages and the shares failed by them.

    Shape: two float64 arrays of one length.
    """

    time: Floats
    probability: Floats


def plot_points(table: AgeTable) -> PlotPoints:
    """Return 1 - (S(t-) + S(t)) / 2 at each failure age, S the Kaplan-Meier curve.

    Source: Meeker and Escobar 1998, section 6.4: halfway, so that the last failure of a whole sample has a place.
    """
    curve = kaplan_meier(table)
    before = np.concatenate([[1.0], curve.value[:-1]])
    failed = curve.risk.events > 0
    return PlotPoints(curve.risk.time[failed], 1.0 - (before + curve.value)[failed] / 2)
