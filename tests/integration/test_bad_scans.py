"""Scans no site should send, through a real worker on a real broker: each accounted for once, none stops it."""

import hashlib
from collections.abc import Iterator

import pytest

from pipeline.domain.routing import partition_of
from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from tests.integration.bad_input import (
    BODY,
    KEPT_BYTES,
    KEY,
    PARTITIONS,
    a_ledger_for_bad_input,
    assert_nothing_was_lost,
    fates_of,
    framed,
    key_of,
    running_to_the_end,
)
from tests.oracle.arrivals import T0, a_scan, an_internal, arrived
from tests.oracle.rules import Record
from tests.unit.ledgering import Ledgering
from tests.worker.account import Account, wait_until_accounted
from tests.worker.running import Pair, WorkerProcess, send

_HOT_SCANS, _FEW_BATCHES = 50_000, 50
_YEAR_0, _YEAR_9999 = -62_167_219_200_000, 253_402_300_799_000
_INT64 = 1 << 63


@pytest.fixture(scope="module")
def settings(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return a_ledger_for_bad_input(kafka_bootstrap, tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="module", autouse=True)
def worker(settings: Settings) -> Iterator[WorkerProcess]:
    with running_to_the_end(settings) as process:
        yield process


ELSEWHERE = key_of(1, "BAD")
UNHEARD, NAMELESS = key_of(0, "UNHEARD"), key_of(0, "NAMELESS")
_BEFORE_STEP = 5 + sum(1 + len(text) for text in ("AAAA", *KEY.rsplit("/", 1)))
_DESTINATION = BODY.index(b"berlin") + len("berlin")


def _with(at: int, *replaced: int) -> bytes:
    return BODY[:at] + bytes(replaced) + BODY[at + len(replaced) :]


DEAD = {
    "no avro at all": (b"hello, world", "UNDECODABLE"),
    "another magic byte": (_with(0, 1), "UNDECODABLE"),
    "no bytes": (b"", "TRUNCATED"),
    "half a frame": (BODY[:3], "TRUNCATED"),
    "a frame alone": (BODY[:5], "TRUNCATED"),
    "truncated by a byte": (BODY[:-1], "TRUNCATED"),
    "truncated in the middle": (BODY[: len(BODY) // 2], "TRUNCATED"),
    "padded": (BODY + b"\0", "TRAILING_BYTES"),
    "two bodies behind one another": (BODY + BODY[5:], "TRAILING_BYTES"),
    "two frames behind one another": (BODY + BODY, "TRAILING_BYTES"),
    "a schema id that nobody knows": (_with(1, 0x7F, 0, 0, 9), "UNKNOWN_SCHEMA"),
    "a record of another topic": (encode("internal", an_internal("SITES", "sites", "[]").record), "UNKNOWN_SCHEMA"),
    "invalid UTF-8": (BODY.replace(b"AAAA", b"\xff\xfe\xfd\xfc"), "BAD_UTF8"),
    "half a surrogate": (BODY.replace(b"AAAA", b"A\xed\xa0\x80"), "BAD_UTF8"),
    "a step out of range": (_with(_BEFORE_STEP, 0x7E), "BAD_ENUM"),
    "a negative step": (_with(_BEFORE_STEP, 0x01), "BAD_ENUM"),
    "a union branch out of range": (_with(_DESTINATION, 0x04), "BAD_UNION"),
    "a negative union branch": (_with(_DESTINATION, 0x01), "BAD_UNION"),
    "a length beyond the record": (_with(5, 0xFE, 0x7F), "TRUNCATED"),
    "a negative length": (_with(5, 0x01), "UNDECODABLE"),
    "a field of 1 MB": (framed(KEY, site="x" * 1_000_000), "TOO_LONG"),
    "a field one byte too long": (framed(KEY, site="x" * 129), "TOO_LONG"),
}

JUDGED: dict[str, tuple[bytes | None, bytes, str]] = {
    "another unit's key": (b"sku:ACME/BAD/other", BODY, "MISKEYED"),
    "no key": (None, BODY, "MISKEYED"),
    "an empty key": (b"", BODY, "MISKEYED"),
    "a key that is the ledger's own": (b"\0position", BODY, "MISKEYED"),
    "a key of 1 MB": (b"k" * 1_000_000, BODY, "MISKEYED"),
    "another partition's unit": (ELSEWHERE.encode(), framed(ELSEWHERE), "MISROUTED"),
    "the origin of our own records": (KEY.encode(), framed(KEY, origin="DERIVED"), "BAD_ORIGIN"),
    "the year 0": (KEY.encode(), framed(KEY, event_time=_YEAR_0), "BAD_TIME"),
    "the first time there is": (KEY.encode(), framed(KEY, event_time=-_INT64), "BAD_TIME"),
    "the year 9999": (KEY.encode(), framed(KEY, event_time=_YEAR_9999), "FUTURE_TIME"),
    "the last time there is": (KEY.encode(), framed(KEY, event_time=_INT64 - 1), "FUTURE_TIME"),
    "a site that nobody loaded": (UNHEARD.encode(), framed(UNHEARD, site="kiosk"), "UNKNOWN_SITE"),
    "a site without a name": (NAMELESS.encode(), framed(NAMELESS, site=""), "UNKNOWN_SITE"),
    "texts that are empty": (
        NAMELESS.encode(),
        framed(NAMELESS, scan_id="", site="", reader="", lot=""),
        "DUPLICATE_COMMISSION",
    ),
}


def _good(count: int) -> list[Pair]:
    key = key_of(0, "GOOD")
    return [(key.encode(), framed(key, step="OBSERVE", scan_id=f"good-{n}", event_time=T0 + n)) for n in range(count)]


def test_bodies_that_cannot_be_read_are_dead_letters_and_their_neighbours_verdicts(settings: Settings) -> None:
    bodies = [(b"some key", body) for body, _ in DEAD.values()] + [(None, None)]
    good = _good(len(bodies))
    fates = fates_of(settings, "scans", [pair for both in zip(good, bodies, strict=True) for pair in both])
    assert {fate.stream for fate in fates[::2]} == {"verdicts"}
    expected = [(name, error) for name, (_, error) in DEAD.items()] + [("neither key nor value", "NO_VALUE")]
    names = [*DEAD, "neither key nor value"]
    letters = [fate.fields for fate in fates[1::2]]
    assert [(name, letter["error"]) for name, letter in zip(names, letters, strict=True)] == expected
    for letter, (key, body) in zip(letters, bodies, strict=True):
        assert (letter["key"], letter["value"]) == (key, body and body[:KEPT_BYTES])
        assert (letter["size"], letter["sha256"]) == (len(body or b""), hashlib.sha256(body or b"").hexdigest())


def test_scans_that_break_the_contract_are_verdicts_that_say_so(settings: Settings) -> None:
    bad = [(key, body) for key, body, _ in JUDGED.values()]
    fates = fates_of(settings, "scans", bad)
    found = {name: (fate.stream, fate.fields["reason"]) for name, fate in zip(JUDGED, fates, strict=True)}
    assert found == {name: ("verdicts", reason) for name, (_, _, reason) in JUDGED.items()}


def test_identifiers_without_a_part_are_rejected(settings: Settings) -> None:
    identifiers = (("sku:ACME/PUMP", ""), ("", ""), ("sku:ACME", "1"), ("sku:ACME/PUMP", "1/2"), ("sku:", "1"))
    placed: list[tuple[int, Pair]] = []
    for item, serial in identifiers:
        key = f"{item}/{serial}".encode() if item else serial.encode()
        placed.append(
            (partition_of(key, PARTITIONS), (key, encode("scan", a_scan() | {"item": item, "serial": serial})))
        )
    for partition in range(PARTITIONS):
        offsets = send(settings, "scans", [pair for place, pair in placed if place == partition], partition)
        wait_until_accounted(settings, partition)
        fates = Account(settings, partition).fates()
        assert {fates["scans", offset].fields["reason"] for offset in offsets} <= {"BAD_IDENTIFIER"}


def test_fifty_thousand_scans_of_one_unit_are_judged_in_few_batches_as_in_one(
    settings: Settings, worker: WorkerProcess
) -> None:
    key, batches = key_of(0, "HOT"), worker.counted("scanledger_worker_batch_records_count")
    steps = ["COMMISSION", *["OBSERVE"] * (_HOT_SCANS - 1)]
    scans = [a_scan(key, step, 10 * n, scan_id=f"hot-{n}") for n, step in enumerate(steps)]
    in_one = Ledgering(PARTITIONS)
    in_one.take([arrived(scan) for scan in scans])
    decisions = [verdict["decision"] for verdict in in_one.written["verdicts"]]
    assert [_judged(one) for one in decisions] == [(n, "FLAGGED", "UNKNOWN_SITE") for n in range(1, _HOT_SCANS + 1)]

    fates = fates_of(settings, "scans", [(key.encode(), encode("scan", scan)) for scan in scans])
    assert {fate.stream for fate in fates} == {"verdicts"}
    assert [fate.fields["scan"]["scan_id"] for fate in fates] == [scan["scan_id"] for scan in scans]
    assert [_judged(fate.fields) for fate in fates] == [_judged(one) for one in decisions]
    assert worker.counted("scanledger_worker_batch_records_count") - batches <= _FEW_BATCHES


def _judged(decision: Record) -> tuple[int, str, str]:
    return decision["sequence"], decision["outcome"], decision["reason"]


def test_nothing_was_lost_or_counted_twice_and_all_is_as_one_ledger_writes_it(
    settings: Settings, worker: WorkerProcess
) -> None:
    assert_nothing_was_lost(settings, worker)
