"""Kaplan-Meier: the share that has not failed by each age, if nothing else ended a unit."""

from typing import NamedTuple

import numpy as np

from analytics.statistics.age_table import AgeTable, RiskSets, Stop, risk_sets, stop_of, until
from analytics.statistics.arrays import Floats, floats
from analytics.statistics.normal import two_sided
from analytics.statistics.poisson import DEFAULT_CONFIDENCE

METHOD = (
    "Kaplan-Meier with Greenwood's variance and log-log limits; at risk where entry < t <= exit, events before "
    "censorings; 1 - survival is the share failed if nothing else ended the unit"
)


class Curve(NamedTuple):
    """A curve over age with its limits.

    Shape: `risk` has one row per distinct exit age up to the stop; the four arrays are of its length. Undefined: nan.
    """

    risk: RiskSets
    value: Floats
    std_err: Floats
    low: Floats
    high: Floats
    stop: Stop | None


def kaplan_meier(table: AgeTable, confidence: float = DEFAULT_CONFIDENCE) -> Curve:
    """Return the survival curve; units that something else ended count as censored.

    Units: shares from 0 to 1; the limits are undefined where survival is 1 or 0, the standard error where it is 0.
    Source: Kaplan and Meier 1958; Greenwood 1926; limits by log(-log S) as Kalbfleisch and Prentice 1980.
    """
    stop = stop_of(table)
    risk = until(risk_sets(table), stop)
    survival = floats(np.cumprod(1.0 - risk.events / risk.at_risk))
    relative = np.sqrt(np.cumsum(greenwood_terms(risk.events, risk.at_risk)))
    std_err = np.where(survival > 0, survival * relative, np.nan)
    low, high = log_log_limits(survival, std_err, confidence)
    return Curve(risk, survival, std_err, low, high, stop)


def greenwood_terms(events: Floats, at_risk: Floats) -> Floats:
    """Return d / (n (n - d)) for each row, 0 where all failed at once: survival is 0 there and has no such variance."""
    left = at_risk - events
    return np.divide(events, at_risk * left, out=np.zeros_like(at_risk), where=left > 0)


def log_log_limits(survival: Floats, std_err: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return S ** exp(± z · se / (S · |log S|)), which stay inside 0..1; nan where S is 1 or 0."""
    inside = (survival > 0) & (survival < 1)
    share = np.where(inside, survival, 0.5)
    width = two_sided(confidence) * std_err / (share * -np.log(share))
    limits = (np.where(inside, share ** np.exp(sign * width), np.nan) for sign in (1, -1))
    low, high = limits
    return low, high
