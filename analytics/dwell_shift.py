"""Shifts of dwell: at which site, after which step, units have stayed longer or shorter of late.

Flow: stays of two spans of time, as `finding_dwell_shift` counts them -> rows of findings.
"""

import json
import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from analytics.statistics.age_table import CENSORED, EVENT, AgeTable, age_table
from analytics.statistics.discoveries import adjusted
from analytics.statistics.log_rank import LogRank, log_rank

Row = Mapping[str, Any]


class _Compared(NamedTuple):
    site: str
    step: str
    test: LogRank
    window: tuple[int, int]

    @property
    def is_longer(self) -> bool:
        """Whether fewer stays ended of late than would have at the pace of both spans together."""
        return bool(self.test.observed[1] < self.test.expected[1])

    @property
    def times(self) -> float:
        """How many times faster or slower stays ended of late than before; without end where none did."""
        before, recent = (self.test.observed / self.test.expected).tolist()
        return float(max(recent / before, before / recent)) if recent else math.inf


def shifted(rows: Sequence[Row], *, q: float, times: float, least_ended: float) -> list[dict[str, Any]]:
    """Return what has shifted: log-rank of the recent span against the one before, Benjamini-Hochberg over all.

    Args:
        rows: sorted by site and step.
        q: rate of false discoveries.
        times: the pace at which stays end must differ so many times, either way.
        least_ended: stays that must have ended in the span before, and be expected to end in the recent one.

    Shape: one row per site and step: subject, window_from, window_to, window_name, site_name, evidence.
    """
    groups = groupby(rows, key=lambda row: (row["site"], row["step"]))
    compared = [one for (site, step), same in groups if (one := _compare(site, step, list(same), least_ended))]
    values = adjusted([one.test.p for one in compared])
    found = zip(compared, values, strict=True)
    return [_row(one, float(value)) for one, value in found if value <= q and one.times >= times]


def _compare(site: str, step: str, rows: Sequence[Row], least_ended: float) -> _Compared | None:
    before, recent = (_table([row for row in rows if bool(row["is_recent"]) is wanted]) for wanted in (False, True))
    if before is None or recent is None:
        return None
    test = log_rank([before, recent])
    is_enough = test.df == 1 and test.observed[0] >= least_ended and test.expected[1] >= least_ended
    window = (int(rows[0]["window_from"]), int(rows[0]["window_to"]))
    return _Compared(site, step, test, window) if is_enough else None


def _table(rows: Sequence[Row]) -> AgeTable | None:
    if not rows:
        return None
    entry, leave, units = (np.array([row[name] for row in rows], np.float64) for name in ("entry", "leave", "units"))
    event = np.where([bool(row["has_ended"]) for row in rows], EVENT, CENSORED)
    return age_table(entry, leave, event, units)


def _row(one: _Compared, adjusted_p: float) -> dict[str, Any]:
    evidence = {
        "step": one.step,
        "dwell": "longer" if one.is_longer else "shorter",
        "ended": f"{one.test.observed[1]:.0f}",
        "expected": f"{one.test.expected[1]:.1f}",
        "p_adjusted": f"{adjusted_p:.3g}",
    }
    begin, end = one.window
    return {
        "subject": f"site:{one.site}", "window_from": begin, "window_to": end, "window_name": one.step,
        "site_name": one.site, "evidence": json.dumps(evidence),
    }  # fmt: skip
