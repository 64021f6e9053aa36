"""Warranty returns in Nevada format: shipped units and their returns by period, as ages at return and at censoring.

A unit shipped in period s and returned in period r has age k = r - s. Timing `interval`: it failed within (k, k + 1],
and the units of a shipment that are left after its last known period L are censored at its end, L - s + 1. Timing
`exact`: it failed at k, survivors are censored at L - s.
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from analytics.statistics.age_table import AgeTable
from analytics.statistics.arrays import Floats, summed
from analytics.statistics.forecast import Coming
from analytics.statistics.weibull_likelihood import Sample, sample_of, sample_of_intervals


class Timing(StrEnum):
    """What an age of k periods says about when a unit failed."""

    INTERVAL = "interval"
    EXACT = "exact"


class Shipments(NamedTuple):
    """Shipments with the returns known of them.

    Shape: shipped, quantity, last (shipments,), periods as whole numbers; returns (shipments, ages): column k counts
    those returned k periods after the shipment. `last` is the last period whose returns are known, at least shipped - 1
    (nothing is known yet).
    """

    shipped: Floats
    quantity: Floats
    last: Floats
    returns: Floats


class ByAge(NamedTuple):
    """Returns and suspensions (survivors censored) at each age.

    Shape: three float64 arrays of one length, ages ascending.
    """

    age: Floats
    returns: Floats
    suspensions: Floats


def survivors(shipments: Shipments, timing: Timing) -> tuple[Floats, Floats]:
    """Return the age at which each shipment's survivors are censored, and how many they are."""
    whole = 1 if timing is Timing.INTERVAL else 0
    age = np.maximum(shipments.last - shipments.shipped + whole, 0.0)
    return age, shipments.quantity - shipments.returns.sum(axis=1)


def by_age(shipments: Shipments, timing: Timing) -> ByAge:
    """Return the table of ages: what a reader checks against the triangle."""
    censored_at, left = survivors(shipments, timing)
    returned = shipments.returns.sum(axis=0)
    ages = np.arange(max(len(returned), int(censored_at.max(initial=0.0)) + 1), dtype=np.float64)
    returned = np.concatenate([returned, np.zeros(len(ages) - len(returned))])
    suspended = summed(censored_at.astype(np.int64), left, len(ages))
    seen = (returned > 0) | (suspended > 0)
    return ByAge(ages[seen], returned[seen], suspended[seen])


def sample_of_shipments(shipments: Shipments, timing: Timing) -> Sample:
    """Return what a Weibull fit needs.

    Raises: ValueError where timing is exact and something is returned at age 0: a density has no such age.
    """
    table = by_age(shipments, timing)
    if timing is Timing.INTERVAL:
        return sample_of_intervals(table.age, table.returns, table.age, table.suspensions)
    if np.any(table.returns[table.age == 0] > 0):
        message = "a return in the period of shipment has age 0, which exact timing cannot place"
        raise ValueError(message)
    zeros = np.zeros_like(table.age)
    return sample_of(AgeTable(table.age, table.returns, zeros, table.suspensions, zeros))


def present_period(shipments: Shipments) -> float:
    """Return the last period in which the returns of any shipment are known; a planned shipment knows of none.

    Where none knows of any it is the period before the first shipment; inf where there is no shipment.
    """
    is_known = shipments.last >= shipments.shipped
    return float(shipments.last[is_known].max() if np.any(is_known) else shipments.last.min(initial=np.inf))


def coming(shipments: Shipments, timing: Timing, periods: int) -> Coming:
    """Return the survivors with their ages at the ends of the present period and of those to come.

    Shipments that lie ahead are 0 old.
    """
    known_to, left = survivors(shipments, timing)
    whole = 1 if timing is Timing.INTERVAL else 0
    ends = present_period(shipments) + np.arange(periods + 1)
    ages = np.maximum(ends - shipments.shipped[:, None] + whole, known_to[:, None])
    return Coming(left, np.concatenate([known_to[:, None], ages], axis=1))
