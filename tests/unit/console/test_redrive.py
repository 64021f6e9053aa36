"""Scans sent instead of dead letters: under which id, filled with what, refused with which words."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest

from analytics.console.redrive import (
    attempt_of,
    dump_of,
    filled,
    kept_of,
    next_attempt,
    original_of,
    scan_id_of,
    text_of,
    why_not,
)
from jobs import console_redrive
from jobs.console_redrive import LogRedrives, act_of, scan_of, send_instead
from pipeline.domain.unit_key import UnitKey, parse
from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from tests.oracle.arrivals import a_scan

FORM = {"code": "(01)09506000134352(21)A1", "step": "receive", "site": "oslo", "event_time": "2026-11-02T09:30:00Z"}


def a_letter(value: bytes | None = b"abc", **other: object) -> dict[str, Any]:
    shown = None if value is None else value.hex().upper()
    letter = {"topic": "scans", "partition": 1, "offset": 7, "ordinal": 9, "n": 0, "error": "TRUNCATED"}
    return {**letter, "key_hex": None, "value_hex": shown, "size": len(value or b""), **other}


def test_the_scan_id_is_of_the_origin_alone() -> None:
    first = scan_id_of(a_letter())
    assert first == scan_id_of(a_letter(b"other", error="BAD_UTF8", ordinal=4))
    assert len({first, scan_id_of(a_letter(offset=8)), scan_id_of(a_letter(partition=2))}) == 3
    assert len({first, scan_id_of(a_letter(), 1), scan_id_of(a_letter(), 2), scan_id_of(a_letter(), 1, "void")}) == 4


def test_bytes_that_can_be_read_by_now_fill_the_form() -> None:
    scan = a_scan("sku:ACME/W/A1", "SELL", 5, site="oslo", document="order:1")
    letter = a_letter(encode("scan", scan))
    assert original_of(letter) == scan
    form = filled(letter)
    assert (form["code"], form["step"], form["site"], form["document"]) == ("sku:ACME/W/A1", "SELL", "oslo", "order:1")
    unit, again = scan_of(form)
    assert (unit.text, again["event_time"], again["step"]) == ("sku:ACME/W/A1", scan["event_time"], "SELL")


@pytest.mark.parametrize("value", [b"", b"abc", None, encode("scan", a_scan("sku:ACME/W/A1", "SELL", 5))[:30]])
def test_bytes_that_cannot_be_read_leave_the_unit_of_the_key(value: bytes | None) -> None:
    letter = a_letter(value, key_hex=b"sku:ACME/W/A1".hex())
    assert original_of(letter) is None
    assert filled(letter)["code"] == "sku:ACME/W/A1"
    assert filled(a_letter(value, key_hex="ff"))["code"] == ""


def test_bytes_that_were_cut_are_not_taken_for_the_original() -> None:
    value = encode("scan", a_scan("sku:ACME/W/A1", "SELL", 5))
    assert original_of(a_letter(value, size=len(value) + 1)) is None


@pytest.mark.parametrize("other", [{"n": 1}, {"error": "GAP"}, {"topic": "internal"}])
def test_what_holds_no_scan_is_told_why(other: dict[str, Any]) -> None:
    assert why_not(a_letter(**other))
    assert not why_not(a_letter(topic="t1-scans"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"code": "(01)09506000134352"}, "names gtin:09506000134352, no single unit"),
        ({"step": "SELLL"}, "did you mean SELL"),
        ({"site": " "}, "A scan needs a site"),
        ({"event_time": ""}, "Say when it was seen"),
        ({"event_time": "noon"}, "is no time"),
        ({"container": "box 7"}, "names no unit"),
        ({"reader": "r" * 70_000}, "Reader has 70000 bytes"),
    ],
)
def test_a_form_that_makes_no_scan_is_told_what_would(wrong: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        scan_of(FORM | wrong)


def test_an_act_names_the_dead_letter_who_sent_and_what_came_of_it() -> None:
    verdict = {"scan_id": "s", "unit_key": "sku:ACME/W/A1", "outcome": "ACCEPTED", "reason": "NONE"}
    act = act_of(a_letter(), verdict, "ann")
    assert (act["kind"], act["subject"], act["author"]) == ("REDRIVE", "dead-letter:1/9", "ann")
    assert json.loads(act["content"]) == {
        "partition": 1, "ordinal": 9, "offset": 7, "scan_id": "s", "unit": "sku:ACME/W/A1", "outcome": "ACCEPTED",
        "reason": "NONE",
    }  # fmt: skip


def test_bytes_are_dumped_and_told_as_text() -> None:
    assert dump_of(b"Scan\x00\xff".hex()) == f"000000  {'53 63 61 6e 00 ff':<47}  Scan.."
    assert dump_of(None) == ""
    assert len(dump_of(b"x".hex() * 100_000).splitlines()) == 256
    assert text_of(b"a\x1d\xff".hex()) == "a\\x1d\\xff"


def an_act(unit: str = "sku:ACME/W/A1", stands: str = "ACCEPTED", attempt: int = 0, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    told = {"unit_key": unit, "author": "ann", "scan_id": scan_id_of(a_letter(), attempt), "stands": stands}
    told |= {"stands_why": "UNKNOWN_UNIT" if stands == "REJECTED" else "NONE", "site": "oslo", "corrects": ""}
    return told | {"received_at": datetime(2026, 11, 2, attempt, tzinfo=UTC)} | other


OTHER = "sku:ACME/W/B2"
REJECTED = an_act(stands="REJECTED")


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ([], 0),
        ([an_act()], 0),
        ([an_act(stands="UNDECIDED")], 0),
        ([an_act(stands="")], 0),
        ([REJECTED], 1),
        ([REJECTED, REJECTED], 1),
        ([an_act(attempt=1), REJECTED], 1),
        ([an_act(attempt=1, stands="REJECTED"), REJECTED], 2),
    ],
)
def test_a_new_attempt_begins_only_where_the_last_one_was_rejected(sent: list[dict[str, Any]], number: int) -> None:
    assert next_attempt(sent) == number
    assert attempt_of("", "sku:ACME/W/A1", sent) == number


@pytest.mark.parametrize(
    ("stands", "says"),
    [
        ("ACCEPTED", "A scan of sku:ACME/W/A1 was sent instead of it already, by ann, and it is ACCEPTED"),
        ("FLAGGED", "take the scan [0-9a-f]{32} back by a VOID"),
        ("REPEATED", "would count twice"),
        ("UNDECIDED", "it is UNDECIDED"),
        ("", "Wait a moment"),
    ],
)
def test_what_took_effect_or_may_yet_is_not_sent_for_another_unit(stands: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        attempt_of("", OTHER, [an_act(stands=stands)])
    assert attempt_of("", OTHER, [REJECTED]) == 1


def test_a_form_sent_twice_is_one_attempt_and_an_older_one_is_none() -> None:
    assert attempt_of("0", "sku:ACME/W/A1", [REJECTED]) == 0
    with pytest.raises(ValueError, match="was rejected: see below"):
        attempt_of("0", OTHER, [REJECTED])
    with pytest.raises(ValueError, match="since this page was made"):
        attempt_of("0", "sku:ACME/W/A1", [an_act(attempt=1), REJECTED])
    with pytest.raises(ValueError, match="counts by now"):
        attempt_of("1", "sku:ACME/W/A1", [an_act()])


@pytest.mark.parametrize("asked", ["-1", "one", "9" * 5000, "\u0661", " "])
def test_what_is_no_attempt_is_the_next_one(asked: str) -> None:
    assert attempt_of(asked, "sku:ACME/W/A1", [REJECTED]) == 1


class Deciding:
    """Decides every scan alike, but for a VOID, and keeps what was sent."""

    def __init__(self, void: tuple[str, str] = ("ACCEPTED", "NONE")) -> None:
        self.void, self.sent = void, list[tuple[str, dict[str, Any]]]()

    def __call__(self, unit: UnitKey, fields: dict[str, Any]) -> dict[str, Any]:
        self.sent.append((unit.text, fields))
        outcome, reason = self.void if fields["step"] == "VOID" else ("ACCEPTED", "NONE")
        return {"scan_id": fields["scan_id"], "unit_key": unit.text, "outcome": outcome, "reason": reason}


def test_a_rejected_scan_is_taken_back_before_another_is_sent_and_always_by_the_same_void() -> None:
    decide, scan = Deciding(), a_scan(OTHER, "SELL", 5)
    for _ in range(2):
        send_instead(a_letter(), parse(OTHER), scan, [REJECTED], decide)
    (first, void), (second, sent), *again = decide.sent
    assert (first, void["step"], void["corrects"]) == ("sku:ACME/W/A1", "VOID", REJECTED["scan_id"])
    assert (second, sent["step"], sent["scan_id"]) == (OTHER, "SELL", scan_id_of(a_letter(), 1))
    same = ("scan_id", "event_time", "site", "step")
    assert [again[0][1][name] for name in same] == [void[name] for name in same]
    assert len({void["scan_id"], sent["scan_id"], REJECTED["scan_id"]}) == 3


@pytest.mark.parametrize(
    ("void", "corrects", "is_sent"),
    [
        (("FLAGGED", "UNKNOWN_SITE"), "", True),
        (("REPEATED", "REDELIVERED"), "", True),
        (("UNDECIDED", "CORRECTS_UNKNOWN"), "", True),
        (("UNDECIDED", "CORRECTS_UNKNOWN"), "s1", False),
        (("UNDECIDED", "LATE_BEYOND_TAIL"), "", False),
        (("REJECTED", "FUTURE_TIME"), "", False),
    ],
)
def test_nothing_is_sent_where_the_rejected_scan_may_count_yet(
    void: tuple[str, str], corrects: str, *, is_sent: bool
) -> None:
    decide, unit = Deciding(void), parse("sku:ACME/W/A1")
    with nullcontext() if is_sent else pytest.raises(ValueError, match="could not be taken back"):
        send_instead(a_letter(), unit, a_scan(unit.text, "SELL", 5), [REJECTED | {"corrects": corrects}], decide)
    assert [scan["step"] for _, scan in decide.sent] == ["VOID", "SELL"][: 1 + is_sent]


def test_what_broke_the_contract_of_scans_needs_no_taking_back() -> None:
    decide, unit = Deciding(), parse("sku:ACME/W/A1")
    send_instead(a_letter(), unit, a_scan(unit.text, "SELL", 5), [REJECTED | {"stands_why": "FUTURE_TIME"}], decide)
    assert [scan["step"] for _, scan in decide.sent] == ["SELL"]


def test_a_corrected_scan_keeps_of_the_original_what_no_form_asks() -> None:
    more = {"operator": "op-7", "source": "wms", "condition": "active", "expiry": 20_000, "event": "ni:///sha-256;1"}
    scan = a_scan("sku:ACME/W/A1", "SELL", 5, site="oslo", lot="L1", reader="gate", **more)
    scan["attributes"] = [{"name": "supplier", "value": "ACME"}, {"name": "supplier", "value": "Other"}]
    letter = a_letter(encode("scan", scan))
    unit, sent = scan_of(filled(letter) | {"site": "bergen", "reader": ""}, original_of(letter))
    assert sent == scan | {"site": "bergen", "reader": None}
    assert unit.text == "sku:ACME/W/A1"
    kept = kept_of(letter)
    assert {name: kept[name] for name in ("operator", "source", "condition")} == {
        "operator": "op-7", "source": "wms", "condition": "active",
    }  # fmt: skip
    assert kept_of(a_letter()) == {}


def test_a_scan_of_another_unit_than_the_acts_name_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = Deciding()
    monkeypatch.setattr(console_redrive, "open_warehouse", lambda _: nullcontext())
    monkeypatch.setattr(
        console_redrive, "ask", lambda *_, subjects: [an_act()] if subjects == ["dead-letter:1/9"] else []
    )
    monkeypatch.setattr(console_redrive, "send_internal", lambda *_: {})
    monkeypatch.setattr(console_redrive, "decided", lambda _, unit, fields, __: decide(unit, fields))
    redrives, other = LogRedrives(Settings()), a_scan(OTHER, "SELL", 5)
    with pytest.raises(ValueError, match="back by a VOID"):
        redrives.corrected(a_letter(), FORM, "ben")
    with pytest.raises(ValueError, match="back by a VOID"):
        redrives.original(a_letter(), other, "ben")
    redrives.original(a_letter(), a_scan("sku:ACME/W/A1", "SELL", 5), "ben")
    assert [unit for unit, _ in decide.sent] == ["sku:ACME/W/A1"]
