"""A simulation: scans in the order of sending, batch by batch, with the truth of what was planted in each.

    simulation = simulate(Plan.of_scans(200_000, sites=12, seed=7))
    for batch in simulation.batches():
        send_scans(settings, batch.keys, batch.values, batch.partitions(4))

Flow: plan -> batches of keys, values and truths; the same plan gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.routing import partition_of
from pipeline.simulate.encode import Texts, encode_rows, scan_ids, texts_of
from pipeline.simulate.expected import CLEAN, CODE, EXPECTED
from pipeline.simulate.extras import Extra, Paper
from pipeline.simulate.plan import Plan
from pipeline.simulate.rows import Rows, document_name
from pipeline.simulate.truth import Truth
from pipeline.simulate.wave import make_wave
from pipeline.simulate.world import World, build_world

BATCH_ROWS = 50_000


@dataclass(frozen=True)
class Batch:
    """Scans in the order of sending.

    Shape: keys, values: one per scan; misrouted: places of those sent to a partition that is not theirs; capture:
    int64 milliseconds, one per scan; papers: documents to be told before the scans; derived: how many scans containers
    will have derived for what is in them, of the whole wave that begins here.
    """

    keys: list[bytes]
    values: list[bytes]
    misrouted: NDArray[np.int64]
    capture: NDArray[np.int64]
    truths: list[Truth]
    papers: list[Paper] = field(default_factory=list)
    derived: int = 0

    def __len__(self) -> int:
        return len(self.keys)

    def strays(self, partitions: int) -> dict[int, int]:
        """Return the partitions of the misrouted scans by their place; with one partition nothing can go astray."""
        return {
            place: (partition_of(self.keys[place], partitions) + 1) % partitions for place in self.misrouted.tolist()
        }


@dataclass(frozen=True)
class Simulation:
    """A plan with its world, ready to be told."""

    plan: Plan
    world: World

    def batches(self, batch_rows: int = BATCH_ROWS) -> Iterator[Batch]:
        """Tell the simulation; every call tells it again from the start."""
        for number in range(self.plan.waves):
            wave = make_wave(self.plan, self.world, number)
            texts = texts_of(self.world, self.plan.profile, wave.units, _salt(self.plan.seed, number), wave.extras)
            for start in range(0, len(wave.rows), batch_rows):
                batch = _batch(wave.rows[start : start + batch_rows], texts)
                yield batch if start else replace(batch, papers=wave.papers, derived=wave.derived)


def simulate(plan: Plan) -> Simulation:
    """Build the world of a plan; nothing is generated until batches are asked for."""
    return Simulation(plan, build_world(plan.sites, plan.seed))


def _salt(seed: int, wave: int) -> int:
    """Return where a wave's scan ids start: 2**32 apart, so that no two waves of any seed meet."""
    return ((seed & 0xFFFF) << 48) + (wave << 32)


def _batch(rows: Rows, texts: Texts) -> Batch:
    keys, values = encode_rows(rows, texts)
    misrouted = np.flatnonzero(rows["planted"] == CODE["MISROUTED"])
    return Batch(keys, values, misrouted, rows["capture"].copy(), _truths(rows, texts))


def _truths(rows: Rows, texts: Texts) -> list[Truth]:
    planted = rows[rows["planted"] != CLEAN]
    ids = scan_ids(planted["id"], texts.salt).values()
    items, serials = texts.item.take(planted["unit"]).values(), texts.serial.take(planted["unit"]).values()
    truths = [
        _truth(scan_id, item, serial, code)
        for scan_id, item, serial, code in zip(ids, items, serials, planted["planted"].tolist(), strict=True)
    ]
    for at in np.flatnonzero(planted["extra"]).tolist():
        truths[at] = _with_likely(truths[at], planted[at], texts.extras)
    return truths


def _truth(scan_id: bytes | None, item: bytes | None, serial: bytes | None, code: int) -> Truth:
    assert scan_id and serial
    expected = EXPECTED[code]
    key = b"/".join(part for part in (item, serial) if part)
    alert = expected.reason if expected.alert else ""
    return Truth(scan_id.decode(), key.decode(), expected.planted, expected.outcome, expected.reason, alert)


def _with_likely(truth: Truth, row: np.void, extras: Sequence[Extra]) -> Truth:
    """Note of a misread code the unit that it is almost, and the document that expects that."""
    likely = extras[row["extra"]].likely
    if likely is None:
        return truth
    return truth._replace(document=document_name(int(row["document"])).decode(), likely=likely.decode())
