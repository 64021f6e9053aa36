"""Aalen-Johansen: the share that does fail by each age, with what else ends units competing."""

import numpy as np

from analytics.statistics.age_table import AgeTable, RiskSets, risk_sets, stop_of, until
from analytics.statistics.arrays import Floats
from analytics.statistics.poisson import DEFAULT_CONFIDENCE
from analytics.statistics.survival import Curve, greenwood_terms, log_log_limits

METHOD = (
    "Aalen-Johansen, the share that does fail while other ends compete; variance of Gaynor et al. (Greenwood's where "
    "nothing competes), log-log limits of 1 - share"
)

_ROUNDING = 1e-12


def aalen_johansen(table: AgeTable, confidence: float = DEFAULT_CONFIDENCE) -> Curve:
    """Return the cumulative incidence of the event; without competing ends it is 1 - Kaplan-Meier, limits included.

    Units: shares from 0 to 1; the limits are undefined where the share is 0 or 1.
    Source: Aalen and Johansen 1978; variance Gaynor et al. 1993, as in Marubini and Valsecchi 1995, (10.12).
    """
    whole = table._replace(events=table.events + table.competing, competing=np.zeros_like(table.events))
    stop = stop_of(whole)
    risk = until(risk_sets(table), stop)
    any_end = risk.events + risk.competing
    survival = np.cumprod(1.0 - any_end / risk.at_risk)
    survival_before = np.concatenate([[1.0], survival[:-1]])
    share = np.cumsum(survival_before * risk.events / risk.at_risk)
    share = np.where(share > 1.0 - _ROUNDING, 1.0, share)
    std_err = np.sqrt(np.maximum(_variance(risk, share, survival_before), 0.0))
    std_err = np.where(share < 1, std_err, np.nan)
    low, high = log_log_limits(1.0 - share, std_err, confidence)
    return Curve(risk, share, std_err, 1.0 - high, 1.0 - low, stop)


def _variance(risk: RiskSets, share: Floats, survival_before: Floats) -> Floats:
    """Return the sum over ages s <= t of (F(t) - F(s))² a + S(s-)² b - 2 (F(t) - F(s)) S(s-) c, multiplied out."""
    among = greenwood_terms(risk.events + risk.competing, risk.at_risk)
    own = survival_before**2 * risk.events * (risk.at_risk - risk.events) / risk.at_risk**3
    both = survival_before * risk.events / risk.at_risk**2
    square = share**2 * np.cumsum(among) - 2 * share * np.cumsum(among * share) + np.cumsum(among * share**2)
    return square + np.cumsum(own) - 2 * (share * np.cumsum(both) - np.cumsum(both * share))
