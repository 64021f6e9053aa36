"""What no worker of ours would write to `internal`: refused with its reason, and the partition goes on."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.wire.schemas import encode
from tests.oracle.arrivals import RECEIVED_AT, a_scan, a_site_load, arrived
from tests.unit.ledgering import Ledgering

ROOT = Path(__file__).parents[2]
UNIT, OTHER = "sku:ACME/PUMP/1", "sku:ACME/PUMP/2"
TIME, HUGE, DEEP = 1_700_000_000_000, 2**70, 900
LIFE: dict[str, Any] = {
    **dict.fromkeys(("event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at"), TIME),
    **{"expiry": -1, "sale": 0, "flags": [], "plain": [], "state": "STORED", "site": "berlin", "custody": ""},
    **{"container": "", "parent": "", "lot": None},
}
MOVE: dict[str, Any] = {
    **{"fact": "1", "root": "1", "depth": 0, "step": "SHIP", "event_time": TIME, "capture_time": TIME, "site": "berlin"}
}
SOUND: dict[str, dict[str, Any]] = {
    "ALIAS": {"alias": OTHER, "version": 7, "since": TIME, "life": LIFE, "aliases": []},
    "EDGE": {"member": OTHER, "kind": "CONTAINER", "version": 7, "added": [[TIME, None]], "removed": []},
    "FANOUT": {"move": MOVE, "holds": True, "after": ""},
}
SURROGATE = "\ud800"
NO_LIVES: list[Any] = [None, [], LIFE | {"lot": "l" * 700_000}]
NONSENSE: list[tuple[str, dict[str, Any]]] = [
    *(("ALIAS", {"expected": [one]}) for one in ([1, 9, 0], [1 << 31, 1, 0], [1, 1], None)),
    *(("ALIAS", {"version": one}) for one in (HUGE, 0, "7", True, None, float("inf"))),
    *(("ALIAS", {"since": one}) for one in (HUGE, 2**62, -1, 1.5)),
    *(("ALIAS", {"life": LIFE | {"flags": one}}) for one in (["stolen"] * 40_000, ["odd"], "stolen")),
    *(("ALIAS", {"life": LIFE | {"container": one}}) for one in (None, "x" * 500, SURROGATE)),
    *(("ALIAS", {"life": LIFE | {"sold_at": one}}) for one in (2**63, -(2**63))),
    *(("ALIAS", {"life": one}) for one in NO_LIVES),
    *(("ALIAS", {"alias": one}) for one in (UNIT, "", 5, "a" * 900_000, SURROGATE)),
    *(("EDGE", {"version": one}) for one in (float("inf"), HUGE, 0)),
    *(("EDGE", {"member": one}) for one in (SURROGATE, UNIT, "", "m" * 700_000, "\0")),
    *(("EDGE", {"added": one}) for one in ([[HUGE, None]], [[0]], 5, [[0, None]] * 5_000)),
    *(("FANOUT", {"move": MOVE | {"fact": one}}) for one in (str(2**80), float("inf"), 1)),
    *(("FANOUT", {"move": MOVE | {"event_time": one}}) for one in (float("inf"), HUGE, "x")),
    *(("FANOUT", {"move": MOVE | {"capture_time": one}}) for one in (HUGE, "x", None)),
    *(("FANOUT", {"move": MOVE | {"step": one}}) for one in ("NOPE", 5)),
    *(("FANOUT", {"move": MOVE | {name: 5}}) for name in ("site", "into", "owner", "destination", "document")),
    *(("FANOUT", {"move": MOVE | {"destination": [1]}}), ("FANOUT", {"move": MOVE | {"document": {}}})),
    *(("FANOUT", {"after": one}) for one in (5, SURROGATE)),
]


def a_record(kind: str, content: str, subject: str = UNIT) -> bytes:
    fields = {"id": "n", "kind": kind, "subject": subject, "base": -1, "author": "somebody", "sent_at": TIME}
    return encode("internal", fields | {"content": content})


def taken(ledger: Ledgering, record: bytes) -> tuple[str, str]:
    """Returns what came of a record."""
    ledger.take_bytes([UNIT.encode()], [record], [RECEIVED_AT], is_internal=True)
    act = ledger.written["acts"][-1]
    return act["result"], act["reason"]


def a_ledger_with_a_member() -> Ledgering:
    ledger = Ledgering()
    ledger.take([a_site_load()])
    ledger.take([arrived(a_scan(UNIT, "COMMISSION", 0)), arrived(a_scan(OTHER, "COMMISSION", 0))])
    assert taken(ledger, a_record("EDGE", json.dumps(SOUND["EDGE"] | {"member": "sku:ACME/PUMP/3"})))[0] == "APPLIED"
    return ledger


@pytest.mark.parametrize("kind", SOUND)
def test_what_makes_sense_is_applied(kind: str) -> None:
    assert taken(a_ledger_with_a_member(), a_record(kind, json.dumps(SOUND[kind]))) == ("APPLIED", "")


@pytest.mark.parametrize(("kind", "change"), NONSENSE)
def test_a_content_that_makes_no_sense_is_refused(kind: str, change: dict[str, Any]) -> None:
    ledger = a_ledger_with_a_member()
    before = dict(ledger.kept)
    assert taken(ledger, a_record(kind, json.dumps(SOUND[kind] | change))) == ("REFUSED", "content")
    assert {key: value for key, value in ledger.kept.items() if before.get(key) != value}.keys() <= {b"\0position"}


@pytest.mark.parametrize("kind", SOUND)
@pytest.mark.parametrize("subject", ["", "garbage", "k" * 700_000, "\0~edge\0"])
def test_a_subject_that_is_no_unit_is_refused(kind: str, subject: str) -> None:
    assert taken(Ledgering(), a_record(kind, json.dumps(SOUND[kind]), subject)) == ("REFUSED", "subject")


@pytest.mark.parametrize("kind", SOUND)
def test_a_unit_of_another_partition_is_refused(kind: str) -> None:
    results = {taken(Ledgering(4, at), a_record(kind, json.dumps(SOUND[kind]))) for at in range(4)}
    assert results == {("APPLIED", ""), ("REFUSED", "partition")}


@pytest.mark.parametrize("kind", SOUND)
def test_depth_without_end_is_refused(kind: str) -> None:
    deep = json.dumps(SOUND[kind])[:-1] + ', "more": ' + "[" * DEEP + "]" * DEEP + "}"
    assert taken(Ledgering(), a_record(kind, deep))[0] in ("REFUSED", "APPLIED")


def test_a_flag_said_twice_is_that_flag() -> None:
    ledger = a_ledger_with_a_member()
    life = LIFE | {"flags": ["recalled", "recalled"]}
    content = SOUND["ALIAS"] | {"life": life, "alias": "sku:ACME/PUMP/9"}
    assert taken(ledger, a_record("ALIAS", json.dumps(content), "sku:ACME/PUMP/8")) == ("APPLIED", "")
    assert ledger.units()["sku:ACME/PUMP/8"]["flags"] == "recalled"


def test_labels_without_end_are_refused() -> None:
    ledger = a_ledger_with_a_member()
    results = []
    for at in range(300):
        for since in (TIME, None):
            said = {"alias": f"sku:ACME/PUMP/old{at}", "version": 7 + (since is None), "since": since}
            content = SOUND["ALIAS"] | said
            results.append(taken(ledger, a_record("ALIAS", json.dumps(content))))
    assert (results[0], results[-1]) == (("APPLIED", ""), ("REFUSED", "aliases"))


def test_a_kind_that_nobody_knows_changes_no_rules() -> None:
    lifecycle = (ROOT / "schemas" / "lifecycles" / "asset.toml").read_text()
    assert taken(Ledgering(), a_record("EXPECT", lifecycle)) == ("REFUSED", "kind")


@settings(max_examples=60)
@given(st.sampled_from(sorted(SOUND)), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_content_raises(kind: str, content: Any) -> None:  # noqa: ANN401  JSON
    assert taken(Ledgering(), a_record(kind, json.dumps(content))) == ("REFUSED", "content")
