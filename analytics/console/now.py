"""What the page Now tells: the pace, what was made of the scans, how far behind, sites, alerts. One look for all.

Flow: a few questions of the warehouse, the ends of the log -> a Now. Looked at again only while somebody asks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from analytics.console.desk import Desk
from analytics.console.outside import Log
from analytics.questions import Row, ask
from pipeline.domain.verdict import OUTCOMES
from pipeline.errors import ScanledgerError
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.marks import Target, missing_records, read_marks
from pipeline.wire.alert_kinds import alert_kinds

SLICE_MS: Final = 5_000
FINE_MS: Final = 5 * 60_000
LATELY_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
PACE_MS: Final = 60_000
EVERY_SECONDS: Final = 2.0
PAGE_SECONDS: Final = 10.0
"""A page may begin with a look as old as this: its stream brings the next one within two seconds."""
_SITES_SECONDS: Final = 600.0  # less than the hour that is read every time, so that no site is missed
_RANK: Final = {"critical": 1, "warning": 2, "info": 3}
_NONE_SILENT: Final = {
    True: "none silent", False: "this stack does not ask which are silent", None: "no open alert of a silent site",
}  # fmt: skip
_NOT_SEEN: Final[Row] = {"last_at": None, "lately": 0, "rejected_lately": 0}
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Now:
    """One look at the ledger. Units: `pace` in scans a second, times in milliseconds since 1970."""

    at_ms: int
    slices: list[int]
    by_slice: dict[str, list[int]]
    """Per outcome the scans of each slice."""
    mix: dict[str, int]
    """Per outcome the scans of the last hour."""
    pace: float
    behind: int | None
    """Scans in the log that are not in ClickHouse yet; None where the log does not answer."""
    sites: list[Row]
    """Those with a scan in ClickHouse, and those that are silent; `last_at` is None where none of its scans is left."""
    alerts: list[Row]
    dead_letters: list[Row]
    trouble: str = ""
    unheard: list[str] = field(default_factory=list)
    """Other sites in the site table: no scan of theirs is in ClickHouse, never sent or removed since."""
    is_asked: bool | None = None
    """Whether somebody asks which sites are silent; None where that is not known."""
    most_of_a_kind: ClassVar[int] = 3
    """Alerts of a kind that are listed: so that none hides another kind."""

    @property
    def lately(self) -> int:
        """Scans of the last hour."""
        return sum(self.mix.values())

    @property
    def open_alerts(self) -> int:
        """All alerts that wait, also those not listed."""
        return sum({row["kind"]: row["of_kind"] for row in self.alerts}.values())

    @property
    def by_kind(self) -> list[list[Row]]:
        """The alerts of each kind, the most urgent kind first."""
        kinds = dict.fromkeys(row["kind"] for row in self.alerts)
        return [[row for row in self.alerts if row["kind"] == kind] for kind in kinds]

    @property
    def silence(self) -> str:
        """How many sites are silent, in words: that none is can be said only where somebody asks."""
        silent = sum(bool(site["silent_alert"]) for site in self.sites)
        return f"{silent:,} silent" if silent else _NONE_SILENT[self.is_asked]


@dataclass
class Looks:
    """Looks at a desk's ledger.

    The last scans of all sites are read in full now and then, the newest every time; the site table now and then too,
    once there is one.
    """

    desk: Desk
    _seen: dict[str, Row] = field(default_factory=dict)
    _loaded: list[str] = field(default_factory=list)
    _seen_ms: int = 0

    async def look(self) -> Now:
        """Return how the ledger stands. Raises: WarehouseDown, WarehouseRefused, SettingsWrong."""
        at_ms = int(self.desk.clock() * 1000)
        return await self.desk.asking.run(lambda warehouse: self._look(warehouse, at_ms))

    def _look(self, warehouse: Warehouse, at_ms: int) -> Now:
        times = {"since_ms": at_ms - LATELY_MS, "fine_ms": at_ms - FINE_MS, "slice_ms": SLICE_MS, "now_ms": at_ms}
        counted = ask(warehouse, "now_scans", **times)
        kinds = alert_kinds()
        ranks = [_RANK[kind.severity] for kind in kinds.values()]
        alerts = ask(warehouse, "now_alerts", kinds=list(kinds), ranks=ranks, most=Now.most_of_a_kind)
        dead = ask(warehouse, "now_dead_letters", since_ms=at_ms - DAY_MS)
        behind, trouble = _behind(warehouse, self.desk.log)
        slices, by_slice = in_slices(counted, at_ms)
        sites = with_silence(self._sites(warehouse, at_ms), silent_of(ask(warehouse, "site_alerts")))
        return Now(
            at_ms, slices, by_slice, mix_of(counted), pace_of(counted, at_ms), behind, sites,
            alerts, dead, trouble, unheard_of(self._loaded, sites), self.desk.are_questions_asked,
        )  # fmt: skip

    def _sites(self, warehouse: Warehouse, at_ms: int) -> list[Row]:
        is_whole = at_ms - self._seen_ms >= _SITES_SECONDS * 1000
        since = 0 if is_whole else at_ms - LATELY_MS
        rows = ask(warehouse, "now_sites", since_ms=since, lately_ms=at_ms - LATELY_MS, now_ms=at_ms)
        before = (
            {} if is_whole else {name: row | {"lately": 0, "rejected_lately": 0} for name, row in self._seen.items()}
        )
        seen = before | {str(row["site"]): row for row in rows}
        if is_whole or not self._loaded:
            self._loaded = [str(row["site"]) for row in ask(warehouse, "sites_loaded")]
        if is_whole:
            self._seen, self._seen_ms = seen, at_ms
        return list(seen.values())


class Latest:
    """One look shared by all who ask within its time; nobody asking, nothing is looked at."""

    def __init__(
        self,
        look: Callable[[], Awaitable[Now]],
        seconds: float = EVERY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look, self._seconds, self._clock = look, seconds, clock
        self._lock = asyncio.Lock()
        self._kept: tuple[float, Now] | None = None

    async def get(self, at_most: float | None = None) -> Now:
        """Return a look that is not older than its time, or than so many seconds; raises as the look."""
        seconds = self._seconds if at_most is None else at_most
        if self._kept is not None and self._clock() - self._kept[0] < seconds:
            return self._kept[1]
        async with self._lock:
            if self._kept is None or self._clock() - self._kept[0] >= seconds:
                begun = self._clock()
                self._kept = begun, await self._look()
            return self._kept[1]


def in_slices(counted: list[Row], at_ms: int) -> tuple[list[int], dict[str, list[int]]]:
    """Return the beginnings of the slices up to now, the one that goes on left out, and per outcome their scans."""
    end = at_ms // SLICE_MS * SLICE_MS
    slices = list(range(end - FINE_MS, end, SLICE_MS))
    places = {begins: place for place, begins in enumerate(slices)}
    by_slice = {outcome: [0] * len(slices) for outcome in OUTCOMES}
    for row in counted:
        if row["slice"] in places:
            by_slice[row["outcome"]][places[row["slice"]]] += row["scans"]
    return slices, by_slice


def mix_of(counted: list[Row]) -> dict[str, int]:
    """Return per outcome all that was counted."""
    mix = dict.fromkeys(OUTCOMES, 0)
    for row in counted:
        mix[row["outcome"]] += row["scans"]
    return mix


def pace_of(counted: list[Row], at_ms: int) -> float:
    """Return scans a second over the whole slices of the last minute."""
    end = at_ms // SLICE_MS * SLICE_MS
    came = sum(row["scans"] for row in counted if end - PACE_MS <= row["slice"] < end)
    return float(came) / (PACE_MS / 1000)


def silent_of(alerts: list[Row]) -> dict[str, str]:
    """Return the sites that are silent, with the id of the alert that says so.

    `alerts` are all that sites have, as the page Sites asks for them: the list of what waits has a few of a kind only.
    """
    return {row["site"]: row["id"] for row in alerts if row["kind"] == "SILENT_SITE"}


def unheard_of(loaded: list[str], sites: list[Row]) -> list[str]:
    """Return the sites in the site table that are not among others."""
    names = {site["site"] for site in sites}
    return [site for site in loaded if site not in names]


def with_silence(sites: list[Row], silent: Mapping[str, str]) -> list[Row]:
    """Return the sites with the id of the alert that says they are silent; these first, then the one heard last.

    A silent site of which no scan is left is among them, without a last one.
    """
    names = {site["site"] for site in sites}
    absent = [_NOT_SEEN | {"site": name} for name in silent if name not in names]
    told = [site | {"silent_alert": silent.get(site["site"], "")} for site in (*sites, *absent)]
    return sorted(told, key=_urgency)


def _urgency(site: Row) -> tuple[bool, float, str]:
    return not site["silent_alert"], -(site["last_at"] or _LONG_AGO).timestamp(), site["site"]


def chart_of(now: Now, colours: Mapping[str, str]) -> dict[str, Any]:
    """Return the option of the chart of the last minutes: scans a second, stacked by outcome."""
    series = [
        {
            "type": "bar", "stack": "scans", "name": outcome.capitalize(), "barCategoryGap": "12%",
            "itemStyle": {"color": colours[outcome]},
            "data": [
                [begins, round(count * 1000 / SLICE_MS, 1)]
                for begins, count in zip(now.slices, counts, strict=True)
            ],
        }
        for outcome, counts in now.by_slice.items()
        if any(counts) or outcome == "ACCEPTED"
    ]  # fmt: skip
    axes = {"xAxis": {"type": "time", "splitLine": {"show": False}}, "yAxis": {"type": "value", "minInterval": 1}}
    return {**axes, "series": series, "legend": {"show": True}}


def _behind(warehouse: Warehouse, log: Log) -> tuple[int | None, str]:
    try:
        ends = log.ends()
    except ScanledgerError as error:
        return None, str(error)
    marks = read_marks(warehouse)
    return sum(missing_records(marks, partition, Target(end - 1, -1)) for partition, end in ends.items()), ""
