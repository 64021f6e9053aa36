"""Input no site should send, through a real worker on a real broker: each record accounted for once, none stops it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from pipeline.domain.routing import partition_of
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from tests.oracle.arrivals import T0, a_scan, an_internal
from tests.oracle.rules import Record
from tests.worker.account import Account, Accounted, wait_until_accounted
from tests.worker.running import Pair, WorkerProcess, a_ledger, running, send

_PARTITIONS = 2
_KEPT_BYTES = 64 * 1024
_LARGEST = 1024 * 1024
_HOT_SCANS = 50_000
_YEAR_0, _YEAR_9999 = -62_167_219_200_000, 253_402_300_799_000
_INT64 = 1 << 63


@pytest.fixture(scope="module")
def settings(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return a_ledger(kafka_bootstrap, tmp_path_factory.mktemp("bad"), partitions=_PARTITIONS, batch_records=60_000)


@pytest.fixture(scope="module", autouse=True)
def worker(settings: Settings) -> Iterator[WorkerProcess]:
    with running(settings) as process:
        yield process
        assert process.stop() == 0
    assert "Traceback" not in process.log.read_text()


def _framed(key: str, **fields: object) -> bytes:
    return encode("scan", a_scan(key, **fields))  # type: ignore[arg-type]


def _key_of(partition: int, name: str) -> str:
    """Returns a unit key that belongs to this partition."""
    keys = (f"sku:ACME/{name}/{serial}" for serial in range(100))
    return next(key for key in keys if partition_of(key.encode(), _PARTITIONS) == partition)


KEY = _key_of(0, "BAD")
ELSEWHERE = _key_of(1, "BAD")
UNHEARD, NAMELESS = _key_of(0, "UNHEARD"), _key_of(0, "NAMELESS")
BODY = _framed(KEY, scan_id="AAAA", site="berlin", event_time=T0)
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
    "a field of 1 MB": (_framed(KEY, site="x" * 1_000_000), "TOO_LONG"),
    "a field one byte too long": (_framed(KEY, site="x" * 129), "TOO_LONG"),
}

JUDGED: dict[str, tuple[bytes | None, bytes, str]] = {
    "another unit's key": (b"sku:ACME/BAD/other", BODY, "MISKEYED"),
    "no key": (None, BODY, "MISKEYED"),
    "an empty key": (b"", BODY, "MISKEYED"),
    "a key that is the ledger's own": (b"\0position", BODY, "MISKEYED"),
    "a key of 1 MB": (b"k" * 1_000_000, BODY, "MISKEYED"),
    "another partition's unit": (ELSEWHERE.encode(), _framed(ELSEWHERE), "MISROUTED"),
    "the origin of our own records": (KEY.encode(), _framed(KEY, origin="DERIVED"), "BAD_ORIGIN"),
    "the year 0": (KEY.encode(), _framed(KEY, event_time=_YEAR_0), "BAD_TIME"),
    "the first time there is": (KEY.encode(), _framed(KEY, event_time=-_INT64), "BAD_TIME"),
    "the year 9999": (KEY.encode(), _framed(KEY, event_time=_YEAR_9999), "FUTURE_TIME"),
    "the last time there is": (KEY.encode(), _framed(KEY, event_time=_INT64 - 1), "FUTURE_TIME"),
    "a site that nobody loaded": (UNHEARD.encode(), _framed(UNHEARD, site="kiosk"), "UNKNOWN_SITE"),
    "a site without a name": (NAMELESS.encode(), _framed(NAMELESS, site=""), "UNKNOWN_SITE"),
    "texts that are empty": (
        NAMELESS.encode(),
        _framed(NAMELESS, scan_id="", site="", reader="", lot=""),
        "DUPLICATE_COMMISSION",
    ),
}


def _good(count: int) -> list[Pair]:
    key = _key_of(0, "GOOD")
    return [(key.encode(), _framed(key, step="OBSERVE", scan_id=f"good-{n}", event_time=T0 + n)) for n in range(count)]


def _fates_of(settings: Settings, topic: str, pairs: Sequence[Pair]) -> list[Accounted]:
    """Returns what became of records sent to partition 0 at once."""
    offsets = send(settings, topic, pairs)
    wait_until_accounted(settings, 0)
    fates = Account(settings, 0).fates()
    return [fates[topic, offset] for offset in offsets]


def test_bodies_that_cannot_be_read_are_dead_letters_and_their_neighbours_verdicts(settings: Settings) -> None:
    bodies = [(b"some key", body) for body, _ in DEAD.values()] + [(None, None)]
    good = _good(len(bodies))
    fates = _fates_of(settings, "scans", [pair for both in zip(good, bodies, strict=True) for pair in both])
    assert {fate.stream for fate in fates[::2]} == {"verdicts"}
    expected = [(name, error) for name, (_, error) in DEAD.items()] + [("neither key nor value", "NO_VALUE")]
    names = [*DEAD, "neither key nor value"]
    letters = [fate.fields for fate in fates[1::2]]
    assert [(name, letter["error"]) for name, letter in zip(names, letters, strict=True)] == expected
    for letter, (key, body) in zip(letters, bodies, strict=True):
        assert (letter["key"], letter["value"]) == (key, body and body[:_KEPT_BYTES])
        assert (letter["size"], letter["sha256"]) == (len(body or b""), hashlib.sha256(body or b"").hexdigest())


def test_scans_that_break_the_contract_are_verdicts_that_say_so(settings: Settings) -> None:
    bad = [(key, body) for key, body, _ in JUDGED.values()]
    fates = _fates_of(settings, "scans", bad)
    found = {name: (fate.stream, fate.fields["reason"]) for name, fate in zip(JUDGED, fates, strict=True)}
    assert found == {name: ("verdicts", reason) for name, (_, _, reason) in JUDGED.items()}


def test_identifiers_without_a_part_are_rejected(settings: Settings) -> None:
    identifiers = (("sku:ACME/PUMP", ""), ("", ""), ("sku:ACME", "1"), ("sku:ACME/PUMP", "1/2"), ("sku:", "1"))
    placed: list[tuple[int, Pair]] = []
    for item, serial in identifiers:
        key = f"{item}/{serial}".encode() if item else serial.encode()
        placed.append(
            (partition_of(key, _PARTITIONS), (key, encode("scan", a_scan() | {"item": item, "serial": serial})))
        )
    for partition in range(_PARTITIONS):
        offsets = send(settings, "scans", [pair for place, pair in placed if place == partition], partition)
        wait_until_accounted(settings, partition)
        fates = Account(settings, partition).fates()
        assert {fates["scans", offset].fields["reason"] for offset in offsets} <= {"BAD_IDENTIFIER"}


_LIFECYCLE = json.loads(built_in_lifecycles()[0].to_json())
DEEP = "[" * 200_000
PIECES = "\u00e9" * 400_000
HOSTILE: dict[str, tuple[Record, str]] = {
    "JSON too deep for a site table": ({"kind": "SITES", "content": DEEP}, "REFUSED content"),
    "JSON too deep for a lifecycle": ({"kind": "LIFECYCLE", "content": DEEP}, "REFUSED content"),
    "JSON too deep for an act": ({"kind": "ALERT_CLOSE", "content": DEEP}, "REFUSED content"),
    "no JSON": ({"kind": "ALERT_CLOSE", "content": "{"}, "REFUSED content"),
    "a list for an act": ({"kind": "ALERT_CLOSE", "content": "[1]"}, "REFUSED content"),
    "an opening without end": (
        {"kind": "ALERT_CLOSE", "content": '{"kind": "SEEN_AFTER_END", "opening": 1e999}'},
        "REFUSED content",
    ),
    "an opening that is no number": (
        {"kind": "ALERT_CLOSE", "content": '{"kind": "SEEN_AFTER_END", "opening": "9' + "9" * 5000 + '"}'},
        "REFUSED content",
    ),
    "half a surrogate as the reason": (
        {"kind": "ALERT_CLOSE", "content": '{"kind": "SEEN_AFTER_END", "opening": 1, "reason": "\\ud800"}'},
        "REFUSED content",
    ),
    "half a surrogate as a site": ({"kind": "SITES", "content": '[{"name": "\\ud800"}]'}, "REFUSED content"),
    "a site with an endless name": ({"kind": "SITES", "content": json.dumps([{"name": "n" * 200}])}, "REFUSED content"),
    "a site whose entry would be too large": (
        {"kind": "SITES", "content": json.dumps([{"name": "n", "kind": PIECES}], ensure_ascii=False)},
        "REFUSED content",
    ),
    "half a surrogate as a lifecycle": (
        {"kind": "LIFECYCLE", "content": json.dumps(_LIFECYCLE | {"name": "\ud800"})},
        "REFUSED content",
    ),
    "a lifecycle of too many words": (
        {"kind": "LIFECYCLE", "content": json.dumps(_LIFECYCLE | {"name": "n" * 500_000})},
        "REFUSED content",
    ),
    "a lifecycle of endless windows": (
        {"kind": "LIFECYCLE", "content": json.dumps(_LIFECYCLE | {"double_scan_ms": 1 << 70})},
        "REFUSED content",
    ),
    "a lifecycle whose windows are no numbers": (
        {"kind": "LIFECYCLE", "content": json.dumps(_LIFECYCLE | {"travel_over_km": float("nan")})},
        "REFUSED content",
    ),
    "a lifecycle that applies to half a surrogate": (
        {"kind": "LIFECYCLE", "content": json.dumps(_LIFECYCLE | {"applies_to": ["\ud800"]})},
        "REFUSED content",
    ),
    "a lifecycle with half a surrogate as a state": (
        {"kind": "LIFECYCLE", "content": json.dumps(_LIFECYCLE | {"states": [*_LIFECYCLE["states"], "\ud800"]})},
        "REFUSED content",
    ),
    "a site off the globe": ({"kind": "SITES", "content": '[{"name": "n", "latitude": 1e999}]'}, "REFUSED content"),
    "the ledger's own position as a unit": (
        {"kind": "ALERT_CLOSE", "subject": "\0position", "content": '{"kind": "SEEN_AFTER_END", "opening": 1}'},
        "STALE opening",
    ),
    "the store's own offset as a unit": (
        {"kind": "ALERT_CLOSE", "subject": "\0units-next", "content": '{"kind": "SEEN_AFTER_END", "opening": 1}'},
        "STALE opening",
    ),
    "no subject": (
        {"kind": "ALERT_CLOSE", "subject": "", "content": '{"kind": "SEEN_AFTER_END", "opening": 1}'},
        "STALE opening",
    ),
}


def _internal(**fields: object) -> Record:
    return an_internal("SITES", "sites", "[]").record | {"base": 0} | fields


def test_internal_records_that_make_no_sense_are_acts_that_changed_nothing(settings: Settings) -> None:
    bodies = [encode("internal", _internal(**fields)) for fields, _ in HOSTILE.values()]
    fates = _fates_of(settings, "internal", [(b"any", body) for body in bodies])
    found = {
        name: f"{fate.fields['result']} {fate.fields['reason']}" for name, fate in zip(HOSTILE, fates, strict=True)
    }
    assert found == {name: expected for name, (_, expected) in HOSTILE.items()}
    assert {fate.fields["reference_version"] for fate in fates} == {0}


def test_internal_records_that_cannot_be_read_are_dead_letters(settings: Settings) -> None:
    body = encode("internal", _internal())
    bodies = (b"hello", b"", body[:-1], body + b"\0", BODY, None)
    expected = ("UNDECODABLE", "TRUNCATED", "TRUNCATED", "TRAILING_BYTES", "UNKNOWN_SCHEMA", "NO_VALUE")
    fates = _fates_of(settings, "internal", [(None, one) for one in bodies])
    assert tuple(fate.fields["error"] for fate in fates) == expected
    assert {fate.stream for fate in fates} == {"dead_letters"}


def test_an_internal_record_whose_act_would_be_too_large_is_a_truncated_dead_letter(settings: Settings) -> None:
    empty = len(encode("internal", _internal(content="")))
    spares = (-1, 0, 100, 1_000, 2_000)
    bodies = [encode("internal", _internal(content="x" * (_LARGEST - empty - spare))) for spare in spares]
    key = b"k" * 1_000_000
    fates = _fates_of(settings, "internal", [(key, body) for body in bodies])
    assert [fate.stream for fate in fates] == ["dead_letters"] * 4 + ["acts"]
    for fate, body in zip(fates[:4], bodies, strict=False):
        letter, digest = fate.fields, hashlib.sha256(body).hexdigest()
        assert (letter["error"], letter["size"], letter["sha256"]) == ("TOO_LONG", len(body), digest)
        assert (letter["key"], letter["value"]) == (key[:_KEPT_BYTES], body[:_KEPT_BYTES])


def test_fifty_thousand_scans_of_one_unit_in_one_batch_are_judged_like_any_others(settings: Settings) -> None:
    key = _key_of(0, "HOT")
    scans = [_framed(key, step="OBSERVE", scan_id=f"hot-{n}", event_time=T0 + 6000 * n) for n in range(_HOT_SCANS)]
    fates = _fates_of(settings, "scans", [(key.encode(), scan) for scan in scans])
    assert {fate.fields["reason"] for fate in fates[1:]} == {fates[-1].fields["reason"]}


def test_nothing_was_lost_or_counted_twice_and_all_is_as_one_ledger_writes_it(
    settings: Settings, worker: WorkerProcess
) -> None:
    written: Counter[str] = Counter()
    for partition in range(_PARTITIONS):
        account = Account(settings, partition)
        account.assert_whole()
        written.update({stream: len(records) for stream, records in account.streams.items()})
        values = [record.value or b"" for records in account.streams.values() for record in records]
        assert max(map(len, values), default=0) <= _LARGEST
    for stream in ("verdicts", "acts", "dead_letters", "alerts", "revisions"):
        assert worker.counted(f"scanledger_worker_{stream}_total") == written[stream]
    assert worker.health()["ok"]
