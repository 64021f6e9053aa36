"""Nelson-Aalen: the hazard of failing accumulated up to each age."""

import numpy as np

from analytics.statistics.age_table import AgeTable, risk_sets, stop_of, until
from analytics.statistics.arrays import Floats
from analytics.statistics.normal import two_sided
from analytics.statistics.poisson import DEFAULT_CONFIDENCE
from analytics.statistics.survival import Curve

METHOD = "Nelson-Aalen, variance the sum of events / at_risk^2, limits H exp(± z se / H), null while H is 0"


def nelson_aalen(table: AgeTable, confidence: float = DEFAULT_CONFIDENCE) -> Curve:
    """Return the cumulative hazard.

    Units: failures per unit at risk, a pure number that may exceed 1; the limits are undefined while it is 0.
    Source: Nelson 1969, Aalen 1978: d/n at each age, ties not spread out; Klein and Moeschberger 2003, (4.2.4).
    """
    stop = stop_of(table, stops_at_zero=False)
    risk = until(risk_sets(table), stop)
    hazard = np.cumsum(risk.events / risk.at_risk)
    std_err = np.sqrt(np.cumsum(risk.events / risk.at_risk**2))
    low, high = log_limits(hazard, std_err, confidence)
    return Curve(risk, hazard, std_err, low, high, stop)


def log_limits(value: Floats, std_err: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return value · exp(± z · se / value), which stay above 0; nan where the value is 0."""
    positive = value > 0
    safe = np.where(positive, value, 1.0)
    factor = np.exp(two_sided(confidence) * std_err / safe)
    return np.where(positive, value / factor, np.nan), np.where(positive, value * factor, np.nan)
