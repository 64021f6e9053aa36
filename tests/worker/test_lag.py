"""The lag of a partition is asked of the consumer, from which another thread may just have taken the partition."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from faust.types import TP

from pipeline.faults import never
from pipeline.metrics import Progress
from pipeline.settings import Settings
from pipeline.worker.app import Partitions
from pipeline.worker.takeover import Means

SCANS = "scans"
OWNED: Any = SimpleNamespace(partition=0, waiting=0, next_offsets=(0, 0))
"""A run that nobody has told yet that it is over."""


def test_a_partition_taken_away_meanwhile_has_no_lag() -> None:
    async def asked() -> int | None:
        consumer = AIOKafkaConsumer()  # it has no partition, as after a rebalance
        with pytest.raises(AssertionError):
            consumer.highwater(TP(SCANS, 0))
        app: Any = SimpleNamespace(consumer=consumer)
        lag = await Partitions(Means(Settings(), 1, never), app, Progress(30.0))._lag(OWNED, SCANS)
        await consumer.stop()
        return lag

    assert asyncio.run(asked()) is None
