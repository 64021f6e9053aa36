"""The ledger itself finds all that a simulation plants, also what needs documents and containers."""

import pytest

from pipeline.capture.documents import Document, ExpectedUnit, contents
from pipeline.simulate.plan import Plan
from pipeline.simulate.simulation import Batch, simulate
from tests.oracle.arrivals import RECEIVED_AT, a_site_load
from tests.oracle.choose import Seeded
from tests.oracle.routing import partition_of
from tests.oracle.rules import Record
from tests.unit.several import Several

_PARTITIONS = 3
_LONG_AFTER = RECEIVED_AT + 3 * 365 * 24 * 3_600_000


def _tell_papers(several: Several, batch: Batch) -> None:
    for paper in batch.papers:
        document = Document(paper.name, tuple(ExpectedUnit(*unit) for unit in paper.units))
        for partition, texts in contents(document, _PARTITIONS).items():
            for text in texts:
                record = {"id": paper.name, "kind": "DOCUMENT", "subject": paper.name, "base": -1, "author": "t"}
                several.put(partition, record | {"sent_at": 0, "content": text}, _LONG_AFTER)
    several.settle()


def _told(seed: int) -> tuple[Several, list[Batch]]:
    simulation = simulate(Plan.of_scans(2_000, seed=seed, late=0.05))
    several = Several(_PARTITIONS, Seeded(seed))
    places = {name: (latitude, longitude) for name, latitude, longitude, _ in simulation.world.sites()}
    several.arrive([a_site_load(sites=dict(places))])
    batches = list(simulation.batches())
    for batch in batches:
        _tell_papers(several, batch)
        strays = batch.strays(_PARTITIONS)
        for place, (key, value) in enumerate(zip(batch.keys, batch.values, strict=True)):
            several.send(strays.get(place, partition_of(key, _PARTITIONS)), key, value, _LONG_AFTER)
    several.settle()
    return several, batches


def _newest(several: Several) -> list[Record]:
    decided: list[Record] = []
    for ledger in several.ledgers:
        told = ledger.written["verdicts"]
        revised = sorted(ledger.written["revisions"], key=lambda one: one["sequence"])
        latest = {one["ordinal"]: one for one in revised}
        decided += [{**one["scan"], **one["decision"], **latest.get(one["decision"]["ordinal"], {})} for one in told]
    return decided


@pytest.mark.parametrize("seed", [3])
def test_the_ledger_finds_what_was_planted_and_nothing_else_and_moves_what_is_packed(seed: int) -> None:
    several, batches = _told(seed)
    decided = _newest(several)
    own = [one for one in decided if one["origin"] != "DERIVED" or one["reason"] == "BAD_ORIGIN"]
    found = sorted((one["scan_id"], one["outcome"], one["reason"]) for one in own if one["reason"] != "NONE")
    truths = [truth for batch in batches for truth in batch.truths]
    assert found == sorted((one.scan_id, one.outcome, one.reason) for one in truths if one.reason != "NONE")
    moved = [one for one in decided if one["origin"] == "DERIVED" and one["container"]]
    assert len(moved) == sum(batch.derived for batch in batches) > 0
    assert {(one["outcome"], one["reason"]) for one in moved} == {("ACCEPTED", "NONE")}
