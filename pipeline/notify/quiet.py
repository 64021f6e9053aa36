"""Quiet hours: whether a moment lies in them, and when they are over.

Flow: hours of a route, a moment in milliseconds -> the first moment that is not quiet.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final

from pipeline.notify.routes import Quiet

_MINUTE_MS: Final = 60_000


def is_quiet(hours: Quiet, at_ms: int) -> bool:
    """Tell whether the clocks of the zone show a time from `begin` on and before `end`, perhaps over midnight."""
    shown = datetime.fromtimestamp(at_ms / 1000, hours.zone).time()
    if hours.begin < hours.end:
        return hours.begin <= shown < hours.end
    return shown >= hours.begin or shown < hours.end


def quiet_until(hours: Quiet, at_ms: int) -> int:
    """Return the first moment from this one on that is not quiet."""
    if not is_quiet(hours, at_ms):
        return at_ms
    return _end_of(hours, at_ms // _MINUTE_MS)


@lru_cache(maxsize=1024)
def _end_of(hours: Quiet, minute: int) -> int:
    """Go from a quiet minute to one that is not, minute by minute: the zone may change its clocks on the way."""
    while is_quiet(hours, minute * _MINUTE_MS):
        minute += 1
    return minute * _MINUTE_MS
