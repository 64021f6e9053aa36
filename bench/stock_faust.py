"""The same job the plain way in stock Faust: one scan at a time, fastavro, a RocksDB table, at least once.

    RUN_ID=… BOOTSTRAP=… SCANS=… VERDICTS=… REVISIONS=… ALERTS=… STATE_DIR=… PARTITIONS=4 SITES=sites.json \
        python -m bench.stock_faust worker -l info --without-web

Nothing of Faust's is tuned. Log level info, because at its default of warn Faust's start-up spinner sets the root
logger to debug, which costs a tenth more. The rules are the test oracle's: plain Python with dicts, as anyone would
write them. SITES names a file with the JSON of a load of sites; without it every site is unknown.
"""

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import fastavro
import faust

from bench.stock_state import pack, unpack
from pipeline.wire.schemas import catalogue
from tests.oracle.oracle import Oracle
from tests.oracle.reference import Reference

_SKEW_MS = 600_000
_FRAME_BYTES = 5
_RULES_VERSION = "stock"


class Result(NamedTuple):
    """What one scan came to, as framed records; `state` is None where the unit's record was not touched."""

    verdict: bytes
    revisions: list[bytes]
    alerts: list[bytes]
    state: bytes | None


class PlainLedger:
    """One partition after the other's scans, one at a time."""

    def __init__(self, partitions: int, topic: str, sites: str) -> None:
        self._partitions, self._topic = partitions, topic
        self._reference = Reference.built_in()
        self._scan = catalogue().version("scan").parsed
        if sites:
            self._reference.load_sites(sites)

    def take(self, key: bytes, value: bytes, state: bytes | None, origin: tuple[int, int, int]) -> Result:
        """Decide one scan; `origin` is its partition, offset and append time."""
        partition, offset, received_at = origin
        scan: Any = fastavro.schemaless_reader(BytesIO(value[_FRAME_BYTES:]), self._scan, None)
        oracle = Oracle(self._partitions, partition, _SKEW_MS, self._reference)
        name = key.decode()
        if state is not None:
            oracle.known[name] = unpack(name, self._reference, state)
        decision = oracle.scan(scan, key, partition, offset, offset + 1, received_at)
        stamped = {"rules_version": _RULES_VERSION}
        return Result(
            verdict=_encode("verdict", {"scan": scan, "decision": decision | stamped | {"topic": self._topic}}),
            revisions=[_encode("revision", revision | stamped) for revision in oracle.revisions],
            alerts=[_encode("alert", alert | stamped) for alert in oracle.alerts],
            state=pack(oracle.known[name]) if decision["sequence"] else None,
        )


def build(environment: Mapping[str, str]) -> faust.App:
    """Return the app; nothing is connected yet."""
    partitions = int(environment["PARTITIONS"])
    app = faust.App(
        environment["RUN_ID"],
        broker="kafka://" + environment["BOOTSTRAP"],
        store="rocksdb://",
        datadir=environment["STATE_DIR"],
        topic_partitions=partitions,
        topic_replication_factor=1,
        producer_compression_type="lz4",
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
    )
    raw: dict[str, Any] = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
    scans = app.topic(environment["SCANS"], **raw)
    verdicts, revisions, alerts = (app.topic(environment[name], **raw) for name in ("VERDICTS", "REVISIONS", "ALERTS"))
    units = app.Table("units", partitions=partitions, key_type=bytes, value_type=bytes)
    sites = Path(environment["SITES"]).read_text() if environment.get("SITES") else ""
    ledger = PlainLedger(partitions, environment["SCANS"], sites)

    @app.agent(scans)
    async def enforce(stream: faust.StreamT[bytes]) -> None:
        async for event in stream.events():
            key, message = event.key, event.message
            origin = (message.partition, message.offset, round(message.timestamp * 1000))
            result = ledger.take(key, event.value, units.get(key), origin)
            if result.state is not None:
                units[key] = result.state
            await verdicts.send(key=key, value=result.verdict)
            for value in result.revisions:
                await revisions.send(key=key, value=value)
            for value in result.alerts:
                await alerts.send(key=key, value=value)

    return app


def _encode(record: str, value: Mapping[str, Any]) -> bytes:
    known = catalogue().version(record)
    out = BytesIO()
    out.write(b"\0" + known.id.to_bytes(4, "big"))
    fastavro.schemaless_writer(out, known.parsed, value)
    return out.getvalue()


if __name__ == "__main__":
    build(os.environ).main()
