"""Roots of many functions at once, each between two points where it has opposite signs."""

from collections.abc import Callable

import numpy as np

from analytics.statistics.arrays import Floats

_STEPS = 100
_RELATIVE = 1e-13


def find_roots(function: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return where each element of `function` is 0 between `low` and `high`.

    The function takes and returns arrays of the shape of `low`. Where the signs at both ends are the same the result
    is nan. It never leaves the bracket and never takes more steps than bisection by much.
    Source: Chandrupatla 1997: inverse quadratic interpolation where the last three points allow it, else bisection.
    """
    a, b = high.astype(np.float64), low.astype(np.float64)
    at_a, at_b = function(a), function(b)
    usable = np.sign(at_a) * np.sign(at_b) <= 0
    c, at_c, part = a, at_a, np.full(a.shape, 0.5)
    for _ in range(_STEPS):
        x = a + part * (b - a)
        at_x = function(x)
        same = np.sign(at_x) == np.sign(at_a)
        c, at_c = np.where(same, a, b), np.where(same, at_a, at_b)
        b, at_b = np.where(same, b, a), np.where(same, at_b, at_a)
        a, at_a = x, at_x
        best = np.where(np.abs(at_a) < np.abs(at_b), a, b)
        tolerance = _RELATIVE * np.abs(best) + np.finfo(np.float64).tiny
        width = np.abs(b - a)
        if np.all((tolerance >= width) | (at_a == 0) | (at_b == 0) | ~usable):
            break
        part = _next_part(a, b, c, at_a, at_b, at_c)
        edge = np.divide(tolerance, width, out=np.full(a.shape, 0.5), where=width > 0)
        part = np.clip(part, np.minimum(edge, 0.5), np.maximum(1 - edge, 0.5))
    best = np.where(np.abs(at_a) < np.abs(at_b), a, b)
    return np.where(usable, best, np.nan)


def _next_part(a: Floats, b: Floats, c: Floats, at_a: Floats, at_b: Floats, at_c: Floats) -> Floats:  # noqa: PLR0913, PLR0917
    """Return how far from a to b the next point lies."""
    with np.errstate(all="ignore"):
        xi, phi = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
        smooth = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        inverse = at_a / (at_b - at_a) * at_c / (at_b - at_c)
        inverse = inverse + (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
    return np.where(smooth & np.isfinite(inverse), inverse, 0.5)
