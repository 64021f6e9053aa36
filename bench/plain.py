"""Two plain measures to compare with on a machine whose speed is not known: no Kafka, no compiled code."""

import time
from io import BytesIO
from itertools import islice
from typing import Final

import fastavro

from bench.ground import PARTITIONS, Ground
from bench.loading import mix_of, sites_json
from bench.stock_faust import PlainLedger
from bench.worker import Figures
from pipeline.domain.routing import partition_of
from pipeline.wire.schemas import catalogue

_DECODED: Final = 20_000
_DECIDED: Final = 5_000
_FRAME_BYTES: Final = 5


def run(ground: Ground) -> Figures:
    """Decode 20,000 scans with fastavro; decide 5,000 the plain way, with a dict for a store."""
    ground.say("plain Python decodes and decides some scans")
    mix = mix_of(100_000)
    batch = next(mix.batches())
    schema = catalogue().version("scan").parsed
    begun = time.process_time()
    for value in islice(batch.values, _DECODED):
        fastavro.schemaless_reader(BytesIO(value[_FRAME_BYTES:]), schema, None)
    decoded = time.process_time()
    ledger, now = PlainLedger(PARTITIONS, "scans", sites_json(mix.world)), time.time_ns() // 1_000_000
    states: dict[bytes, bytes] = {}
    for place, (key, value) in enumerate(islice(zip(batch.keys, batch.values, strict=True), _DECIDED)):
        result = ledger.take(key, value, states.get(key), (partition_of(key, PARTITIONS), place, now))
        if result.state is not None:
            states[key] = result.state
    decided = time.process_time()
    return {
        "plain_decode_cpu_us_per_scan": 1e6 * (decoded - begun) / _DECODED,
        "plain_job_cpu_us_per_scan": 1e6 * (decided - decoded) / _DECIDED,
    }
