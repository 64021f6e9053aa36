"""Quantiles of the normal distribution that two-sided limits need."""

from scipy.special import ndtri


def two_sided(confidence: float) -> float:
    """Return z with the given share between -z and z.

    Raises: ValueError for a confidence outside (0, 1).
    """
    if not 0 < confidence < 1:
        message = f"confidence must be between 0 and 1, not {confidence}"
        raise ValueError(message)
    return float(ndtri(0.5 + confidence / 2))
