"""Scans sent instead of dead letters: under which id, filled with what, refused with which words."""

import json
from contextlib import nullcontext
from typing import Any

import pytest

from analytics.console.redrive import dump_of, filled, of_another_unit, original_of, scan_id_of, text_of, why_not
from jobs import console_redrive
from jobs.console_redrive import LogRedrives, act_of, scan_of
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


def test_a_dead_letter_stands_for_one_unit_whatever_was_sent_first() -> None:
    sent = [{"unit_key": "sku:ACME/W/A1", "author": "ann"}]
    assert not of_another_unit("sku:ACME/W/B2", [])
    assert not of_another_unit("sku:ACME/W/A1", sent)
    assert "A scan of sku:ACME/W/A1 was sent instead of it already, by ann" in of_another_unit("sku:ACME/W/B2", sent)


def test_a_scan_of_another_unit_than_the_acts_name_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    acts = [{"unit_key": "sku:ACME/W/A1", "author": "ann"}]
    decided: list[str] = []
    monkeypatch.setattr(console_redrive, "open_warehouse", lambda _: nullcontext())
    monkeypatch.setattr(console_redrive, "ask", lambda *_, **named: acts if named["of"] == 1 else [])
    monkeypatch.setattr(console_redrive, "send_internal", lambda *_: {})

    def decide(_: Settings, unit: Any, *__: object) -> dict[str, str]:  # noqa: ANN401  a unit's key
        decided.append(unit.text)
        return {"scan_id": "s", "unit_key": unit.text, "outcome": "ACCEPTED", "reason": "NONE"}

    monkeypatch.setattr(console_redrive, "decided", decide)
    redrives, other = LogRedrives(Settings()), a_scan("sku:ACME/W/B2", "SELL", 5)
    with pytest.raises(ValueError, match="take its scan back by a VOID"):
        redrives.corrected(a_letter(), FORM, "ben")
    with pytest.raises(ValueError, match="take its scan back by a VOID"):
        redrives.original(a_letter(), other, "ben")
    redrives.original(a_letter(), a_scan("sku:ACME/W/A1", "SELL", 5), "ben")
    assert decided == ["sku:ACME/W/A1"]
