"""Internal records no process of ours should send, through a real worker: each accounted for once, none stops it."""

import hashlib
import json
from collections.abc import Iterator

import pytest

from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from tests.integration.bad_input import (
    KEPT_BYTES,
    LARGEST,
    a_ledger_for_bad_input,
    assert_nothing_was_lost,
    fates_of,
    running_to_the_end,
)
from tests.oracle.arrivals import an_internal
from tests.oracle.rules import Record
from tests.worker.running import WorkerProcess


@pytest.fixture(scope="module")
def settings(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return a_ledger_for_bad_input(kafka_bootstrap, tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="module", autouse=True)
def worker(settings: Settings) -> Iterator[WorkerProcess]:
    with running_to_the_end(settings) as process:
        yield process


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
    "JSON too deep for a finding": (
        {"kind": "FINDING", "subject": "site:a", "content": DEEP},
        "REFUSED content: no JSON that can be written",
    ),
    "the ledger's own position as a subject of findings": (
        {"kind": "FINDING", "subject": "\0position", "content": "{}"},
        "REFUSED subject: wants unit:KEY, site:NAME, lot:NAME or item:NAME",
    ),
    "an act on an alert of findings of the ledger's own position": (
        {"kind": "ALERT_CLOSE", "subject": "\0position", "content": '{"kind": "SENSOR_ALARM", "opening": 1}'},
        "STALE opening",
    ),
    "JSON too deep for an assignment": ({"kind": "ALERT_ASSIGN", "content": DEEP}, "REFUSED content"),
    "half a surrogate as an assignee": (
        {"kind": "ALERT_ASSIGN", "content": '{"kind": "SEEN_AFTER_END", "opening": 1, "to": "\\ud800"}'},
        "REFUSED content",
    ),
    "an alert of the ledger's own position given to somebody": (
        {
            "kind": "ALERT_ASSIGN",
            "subject": "\0position",
            "content": '{"kind": "SEEN_AFTER_END", "opening": 1, "to": "bob"}',
        },
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
    fates = fates_of(settings, "internal", [(b"any", body) for body in bodies])
    found = {
        name: f"{fate.fields['result']} {fate.fields['reason']}" for name, fate in zip(HOSTILE, fates, strict=True)
    }
    assert found == {name: expected for name, (_, expected) in HOSTILE.items()}
    assert {fate.fields["reference_version"] for fate in fates} == {0}


def test_internal_records_that_cannot_be_read_are_dead_letters(settings: Settings) -> None:
    body = encode("internal", _internal())
    entry = encode("reference", {"kind": "SITE", "name": "n", "index": 1, "version": 0, "content": "null"})
    bodies = (b"hello", b"", body[:-1], body + b"\0", entry, None)
    expected = ("UNDECODABLE", "TRUNCATED", "TRUNCATED", "TRAILING_BYTES", "UNKNOWN_SCHEMA", "NO_VALUE")
    fates = fates_of(settings, "internal", [(None, one) for one in bodies])
    assert tuple(fate.fields["error"] for fate in fates) == expected
    assert {fate.stream for fate in fates} == {"dead_letters"}


def test_an_internal_record_whose_act_would_be_too_large_is_a_truncated_dead_letter(settings: Settings) -> None:
    empty = len(encode("internal", _internal(content="")))
    spares = (-1, 0, 100, 1_000, 2_000)
    bodies = [encode("internal", _internal(content="x" * (LARGEST - empty - spare))) for spare in spares]
    key = b"k" * 1_000_000
    fates = fates_of(settings, "internal", [(key, body) for body in bodies])
    assert [fate.stream for fate in fates] == ["dead_letters"] * 4 + ["acts"]
    for fate, body in zip(fates[:4], bodies, strict=False):
        letter, digest = fate.fields, hashlib.sha256(body).hexdigest()
        assert (letter["error"], letter["size"], letter["sha256"]) == ("TOO_LONG", len(body), digest)
        assert (letter["key"], letter["value"]) == (key[:KEPT_BYTES], body[:KEPT_BYTES])


def test_nothing_was_lost_or_counted_twice_and_all_is_as_one_ledger_writes_it(
    settings: Settings, worker: WorkerProcess
) -> None:
    assert_nothing_was_lost(settings, worker)
