"""Who had a unit after each of its scans, as decided when each decision came to be known.

Flow: rows of events and revisions, the unit's lifecycle -> the same rows with `custody`.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from analytics.lifecycles import ending_steps
from pipeline.domain.derived_id import DEPTH_DIGITS, FORWARDED, ROOT_DIGITS
from pipeline.ledger.built_in import built_in_lifecycles

Line = Mapping[str, Any]
Parts = Mapping[str, Sequence[Line]]
"""Rows by kind."""
_Place = tuple[datetime, bool, bool, int]
_DEPTH: Final = slice(ROOT_DIGITS, ROOT_DIGITS + DEPTH_DIGITS)
_FORWARDED: Final = f"{FORWARDED:0{DEPTH_DIGITS}x}"


def with_custody(parts: Parts, lifecycle: str, since: datetime | None = None) -> Parts:
    """Return the parts, each scan and each revision of one with `custody`: the site that has the unit after that scan.

    As decided then: by the scans and decisions that the ledger knew with the record that caused the row, in the order
    of the fold, each scan by the lifecycle in force when it came. Empty: nobody has it. None: it cannot be told, for
    the scan touched no record, or its life came from another label or was removed and nobody was handed the unit since.

    Args:
        parts: Rows by kind; those of events name in `handing` what a lifecycle that was loaded does to custody.
        lifecycle: The unit's, by name.
        since: Scans received before it may be missing; None: none is.
    """
    custody, told = _Custody(lifecycle, since), defaultdict[int, list[tuple[str, Line]]](list)
    for kind in ("event", "revision"):
        for row in parts.get(kind, ()):
            told[row["ordinal"]].append((kind, row))
    found: dict[str, list[Line]] = {"event": [], "revision": []}
    for ordinal in sorted(told):
        for _, row in told[ordinal]:
            custody.learn(row)
        for kind, row in told[ordinal]:
            found[kind].append({**row, "custody": custody.after(row.get("revises", ordinal))})
    return {kind: found.get(kind, rows) for kind, rows in parts.items()}


class _Custody:
    """Who has a unit after each of its scans, as its lifecycle lets them hand it on; learnt decision by decision."""

    def __init__(self, lifecycle: str, since: datetime | None) -> None:
        self._since = since
        known = next((one for one in built_in_lifecycles() if one.name == lifecycle), None)
        self._rules: Mapping[str, str] = known.custody if known else {}
        self._ending = ending_steps(known) if known else ["RETIRE", "DESTROY"]
        self._scans: dict[int, Line] = {}
        self._applied: list[_Place] = []
        self._handing: list[_Place] = []

    def learn(self, row: Line) -> None:
        """Take in a scan as first decided, or another decision of one known."""
        ordinal = row.get("revises", row["ordinal"])
        scan = self._scans.get(ordinal)
        if "revises" not in row:
            scan = row
        elif scan is not None:
            self._forget(self._place(scan))
            scan = {**scan, **{name: row[name] for name in ("outcome", "reason", "state_before")}}
        if scan is not None:
            self._scans[ordinal] = scan
            self._apply(scan)

    def after(self, ordinal: int) -> str | None:
        """Return who has the unit after a scan by what has been learnt: empty for nobody, None for not known."""
        scan = self._scans.get(ordinal)
        if scan is None or not scan["state_before"]:
            return None
        place = self._place(scan)
        at = bisect_right(self._handing, place)
        if at == 0:
            return self._at_first(scan, place)
        last = self._scans[self._handing[at - 1][-1]]
        is_whole = self._since is None or last is scan or last["event_time"] >= self._since
        return self._given(last) if is_whole else None

    def _at_first(self, scan: Line, place: _Place) -> str | None:
        """Return who has the unit while no scan has handed it on: nobody where its life began by one known."""
        has_former = bool(self._applied) and self._applied[0] <= place
        first = self._scans[self._applied[0][-1]] if has_former else scan
        return "" if first["state_before"] == "NONE" and self._since is None else None

    def _apply(self, scan: Line) -> None:
        is_fact = scan["outcome"] in {"ACCEPTED", "FLAGGED"} and scan["step"] != "VOID"
        if not is_fact or scan["reason"] == "RETIRED_LABEL":
            return
        insort(self._applied, self._place(scan))
        if self._given(scan) is not None:
            insort(self._handing, self._place(scan))

    def _forget(self, place: _Place) -> None:
        for places in (self._applied, self._handing):
            at = bisect_left(places, place)
            if places[at : at + 1] == [place]:
                del places[at]

    def _given(self, scan: Line) -> str | None:
        """Return to whom an applied scan gives the unit, empty for nobody; None where it leaves it with whom it is."""
        how = scan.get("handing") or self._rules.get(scan["step"])
        if how == "take":
            return str(scan["site"])
        if how == "give":
            return str(scan["destination"] or "")
        is_anew = scan["step"] == "COMMISSION" and scan["reason"] == "NONE" and scan["state_before"] != "NONE"
        return "" if how == "free" or is_anew else None

    def _place(self, scan: Line) -> _Place:
        """Return where the fold has a scan: own before derived at one time, and what ends a life last."""
        is_derived = scan["origin"] == "DERIVED" and scan["scan_id"][_DEPTH] < _FORWARDED
        return scan["event_time"], scan["step"] in self._ending, is_derived, scan["ordinal"]
