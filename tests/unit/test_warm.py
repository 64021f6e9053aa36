"""After the warm-up nothing is left to compile: a simulation with every anomaly meets no new types."""

import importlib
import pkgutil
from collections.abc import Iterator

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

import pipeline.domain
import pipeline.ledger
import pipeline.wire
from pipeline.domain.compiled import compiled
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import Outputs
from pipeline.ledger.warm import warm_up
from pipeline.ledger.where import Where
from pipeline.simulate.plan import Plan
from pipeline.simulate.simulation import simulate
from pipeline.wire.record_batch import read_records

_IS_COMPILED = isinstance(compiled(lambda number: number), Dispatcher)
_PACKAGES = (pipeline.domain, pipeline.wire, pipeline.ledger)


def _signatures() -> dict[str, int]:
    return {name: len(function.signatures) for name, function in _compiled_functions()}


def _compiled_functions() -> Iterator[tuple[str, Dispatcher]]:
    for package in _PACKAGES:
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, member in vars(importlib.import_module(module.name)).items():
                if isinstance(member, Dispatcher) and member.py_func.__module__ == module.name:
                    yield f"{module.name}.{name}", member


def _told(outputs: Outputs) -> Batch:
    sent = outputs.internal
    assert set(sent.partitions(1)) == {0}
    numbers = np.arange(len(sent), dtype=np.int64)
    return Batch(list(sent.keys), list(sent.values), numbers, np.full(len(sent), 2_000_000_000_000, np.int64))


@pytest.mark.skipif(not _IS_COMPILED, reason="nothing is compiled in plain Python")
def test_after_the_warm_up_a_simulation_with_every_anomaly_compiles_nothing_more() -> None:
    simulation = simulate(Plan.of_scans(3_000, seed=5, anomalies=0.1))
    batches = list(simulation.batches(1_000))  # the generator has compiled functions of its own
    warm_up()
    before = _signatures()
    memory = Held()
    ledger = Ledger(Where(0, 1, 600_000, "scans", "internal"), built_in_lifecycles())
    taken = 0
    read_records(b"", 0)
    for number, batch in enumerate(batches):
        offsets = np.arange(taken, taken + len(batch), dtype=np.int64)
        taken += len(batch)
        received_at = np.full(len(batch), 2_000_000_000_000, np.int64)
        told = Batch(list(batch.keys), list(batch.values), offsets, received_at)
        if number % 2:  # as small batches are taken that wait beside a pallet's move
            told = Batch.joined([told.between(0, len(told) // 2), told.between(len(told) // 2, len(told))])
        outputs = ledger.take_scans(told, memory.load)
        while outputs.internal.keys:  # what units tell each other, containers their members among it
            memory.keep_outputs(outputs)
            outputs = ledger.take_internal(_told(outputs), memory)
        memory.keep_outputs(outputs)
    assert any(before.values())
    assert _signatures() == before
