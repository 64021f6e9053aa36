"""What to simulate: how much, from which seed, how late and how wrong.

Plan(units=20_000, sites=12, seed=7)
Plan.of_scans(200_000, sites=12)          # as many units as that takes, exactly that many scans
Plan.bench(scans=1_000_000, units=100_000)
Plan.made(5_000_000)                      # one scan each
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from pipeline.simulate.plants import PLANTS
from pipeline.simulate.profile import BENCH, MADE, RETAIL, Profile

JANUARY_2025: Final = 1_735_689_600_000
_SPARE: Final = 1.04  # more units than needed: trimming takes scans away, nothing adds any


@dataclass(frozen=True)
class Plan:
    """One simulation; the same plan gives the same bytes.

    Units: anomalies is planted scans as a share of all scans, spread evenly over the classes unless `weights` gives a
    share of its own to some; a class that adds clean scans beside, as a pallet's, has as many less of its own. late is
    the share of scans that arrive after a later one of their unit. start and until are milliseconds since 1970: lives
    begin in the four months after start, or, with until, end in the days before.
    """

    units: int
    sites: int = 12
    seed: int = 1
    anomalies: float = 0.03
    late: float = 0.02
    scans: int | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    profile: Profile = RETAIL
    start: int = JANUARY_2025
    until: int | None = None
    wave_units: int = 25_000

    @property
    def waves(self) -> int:
        """How many waves the units come in."""
        return ceil(self.units / self.wave_units)

    def class_weights(self) -> dict[str, float]:
        """Return each class's share of the scans."""
        share = self.anomalies / len(PLANTS)
        return {name: self.weights.get(name, share / plant.scans) for name, plant in PLANTS.items()}

    def expected_scans(self, units: int) -> int:
        """Return about how many scans so many units make."""
        if self.scans is not None:
            return round(self.scans * units / self.units)
        return round(units * self.profile.scans_per_unit() / (1 - self.anomalies))

    def exact_scans(self, wave: int) -> int | None:
        """Return how many scans a wave must make, None where that is left open."""
        if self.scans is None:
            return None
        ends = [self.scans * min(self.units, n * self.wave_units) // self.units for n in (wave, wave + 1)]
        return ends[1] - ends[0]

    @staticmethod
    def of_scans(scans: int, *, sites: int = 12, seed: int = 1, anomalies: float = 0.03, late: float = 0.02) -> Plan:
        """Return a plan of exactly so many scans."""
        units = ceil(scans * _SPARE * (1 - anomalies) / RETAIL.scans_per_unit()) + 1
        return Plan(units, sites=sites, seed=seed, anomalies=anomalies, late=late, scans=scans)

    @staticmethod
    def made(units: int, *, sites: int = 50, seed: int = 1) -> Plan:
        """Return a plan of units that are made and no more: one scan each, to fill a ledger with units."""
        return Plan(units, sites=sites, seed=seed, anomalies=0.0, late=0.0, profile=MADE, wave_units=100_000)

    @staticmethod
    def bench(scans: int = 1_000_000, units: int = 100_000, *, seed: int = 1, sites: int = 50) -> Plan:
        """Return the benchmark's mix: a fifth of the units has over 32 scans; 2 % late, 1 % corrections, 2 % alerts.

        `scans` is exact where it leaves those units 33 to 43 scans each: about ten scans a unit.
        """
        alerts = dict.fromkeys(
            ("SEEN_AFTER_END", "DUPLICATE_COMMISSION", "IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT"), 0.005
        )
        return Plan(
            units,
            sites=sites,
            seed=seed,
            scans=scans,
            weights={**alerts, "CORRECTION_VOID": 0.01},
            anomalies=0.0,
            profile=BENCH,
            wave_units=100_000,
        )
