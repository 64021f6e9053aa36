"""Scans sent instead of dead letters: under which id, filled with what, refused with which words."""

import json
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest

from analytics.console.redrive import (
    attempt_of,
    digest_of,
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
from jobs.console_redrive import LogRedrives, act_of, scan_of, send_instead, until_seen
from pipeline.domain.unit_key import UnitKey, parse
from pipeline.errors import NoAnswer
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
    told = {
        "partition": 1, "ordinal": 9, "offset": 7, "scan_id": "s", "unit": "sku:ACME/W/A1", "outcome": "ACCEPTED",
        "reason": "NONE",
    }  # fmt: skip
    assert json.loads(act["content"]) == told
    noted = {"sending": "one", "digest": "d", "told": {"step": "SELL"}}
    assert json.loads(act_of(a_letter(), verdict | noted | {"site": "oslo"}, "ann")["content"]) == told | noted


def test_bytes_are_dumped_and_told_as_text() -> None:
    assert dump_of(b"Scan\x00\xff".hex()) == f"000000  {'53 63 61 6e 00 ff':<47}  Scan.."
    assert dump_of(None) == ""
    assert len(dump_of(b"x".hex() * 100_000).splitlines()) == 256
    assert text_of(b"a\x1d\xff".hex()) == "a\\x1d\\xff"


def an_act(unit: str = "sku:ACME/W/A1", stands: str = "ACCEPTED", attempt: int = 0, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    told = {"unit_key": unit, "author": "ann", "scan_id": scan_id_of(a_letter(), attempt), "stands": stands}
    told |= {"stands_why": "UNKNOWN_UNIT" if stands == "REJECTED" else "NONE", "site": "oslo", "corrects": ""}
    told |= {"sending": "", "digest": "", "told": "", "outcome": stands, "reason": "NONE"}
    return told | {"received_at": datetime(2026, 11, 2, attempt, tzinfo=UTC)} | other


OTHER = "sku:ACME/W/B2"
REJECTED = an_act(stands="REJECTED")


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ([], 0),
        ([an_act()], 0),
        ([an_act(stands="FLAGGED")], 0),
        ([an_act(stands="UNDECIDED")], 1),
        ([an_act(stands="REPEATED")], 1),
        ([an_act(stands="")], 0),
        ([REJECTED], 1),
        ([REJECTED, REJECTED], 1),
        ([an_act(attempt=1), REJECTED], 1),
        ([an_act(attempt=1, stands="REJECTED"), REJECTED], 2),
    ],
)
def test_a_new_attempt_begins_only_where_the_last_one_has_no_effect(sent: list[dict[str, Any]], number: int) -> None:
    assert next_attempt(sent) == number
    assert attempt_of("", "sku:ACME/W/A1", "d", sent) == number


@pytest.mark.parametrize(
    ("stands", "says"),
    [
        ("ACCEPTED", "A scan of sku:ACME/W/A1 was sent instead of it already, by ann, and it is ACCEPTED"),
        ("FLAGGED", "take the scan [0-9a-f]{32} back by a VOID"),
        ("FLAGGED", "would count twice"),
        ("", "Wait a moment"),
    ],
)
def test_what_took_effect_or_may_yet_is_not_sent_for_another_unit(stands: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        attempt_of("", OTHER, "d", [an_act(stands=stands)])
    assert attempt_of("", OTHER, "d", [REJECTED]) == 1


@pytest.mark.parametrize("stands", ["ACCEPTED", "FLAGGED", ""])
def test_another_content_of_the_same_unit_is_not_sent_under_a_scan_id_that_is_taken(stands: str) -> None:
    sent, unit = [an_act(stands=stands, digest="d")], "sku:ACME/W/A1"
    with pytest.raises(ValueError, match="send this one"):
        attempt_of("", unit, "e", sent)
    assert attempt_of("", unit, "d", sent) == 0
    assert attempt_of("", unit, "e", [an_act(stands=stands)]) == 0


@pytest.mark.parametrize("stands", ["REJECTED", "REPEATED", "UNDECIDED"])
def test_what_has_no_effect_is_put_right_by_another_attempt(stands: str) -> None:
    sent = [an_act(stands=stands, digest="d")]
    assert (attempt_of("", OTHER, "d", sent), attempt_of("1", "sku:ACME/W/A1", "e", sent)) == (1, 1)
    assert attempt_of("0", "sku:ACME/W/A1", "d", sent) == 0
    with pytest.raises(ValueError, match=f"was {stands.lower()}: see below"):
        attempt_of("0", "sku:ACME/W/A1", "e", sent)


def test_a_scan_says_the_same_however_often_it_is_sent() -> None:
    scan = a_scan("sku:ACME/W/A1", "SELL", 5)
    same = digest_of(scan)
    assert same == digest_of(scan | {"scan_id": "other", "capture_time": 1, "a_later_field": None})
    others = ({"step": "SHIP"}, {"event_time": 1}, {"site": "rome"}, {"item": "sku:ACME/V"}, {"expiry": 0})
    named = digest_of(scan | {"attributes": [{"name": "a", "value": "b"}]})
    assert len({same, named, *(digest_of(scan | other) for other in others)}) == 7


def test_a_form_sent_twice_is_one_attempt_and_an_older_one_is_none() -> None:
    assert attempt_of("0", "sku:ACME/W/A1", "d", [REJECTED]) == 0
    with pytest.raises(ValueError, match="was rejected: see below"):
        attempt_of("0", OTHER, "d", [REJECTED])
    with pytest.raises(ValueError, match="since this page was made"):
        attempt_of("0", "sku:ACME/W/A1", "d", [an_act(attempt=1), REJECTED])
    with pytest.raises(ValueError, match="counts by now"):
        attempt_of("1", "sku:ACME/W/A1", "d", [an_act()])


@pytest.mark.parametrize("asked", ["-1", "one", "9" * 5000, "\u0661", " "])
def test_what_is_no_attempt_is_the_next_one(asked: str) -> None:
    assert attempt_of(asked, "sku:ACME/W/A1", "d", [REJECTED]) == 1


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


@pytest.mark.parametrize("stands", ["REPEATED", "UNDECIDED"])
def test_what_left_no_fact_is_taken_back_for_safety_and_need_not_be_known(stands: str) -> None:
    decide, before = Deciding(("UNDECIDED", "CORRECTS_UNKNOWN")), an_act(stands=stands, corrects="s1")
    send_instead(a_letter(), parse(OTHER), a_scan(OTHER, "SELL", 5), [before], decide)
    assert [(unit, scan["step"]) for unit, scan in decide.sent] == [("sku:ACME/W/A1", "VOID"), (OTHER, "SELL")]
    assert decide.sent[1][1]["scan_id"] == scan_id_of(a_letter(), 1)


def test_a_rejected_scan_without_a_site_cannot_be_taken_back_and_that_is_said() -> None:
    decide = Deciding()
    with pytest.raises(ValueError, match="could not be taken back .a scan needs a site., so nothing was sent"):
        send_instead(a_letter(), parse(OTHER), a_scan(OTHER, "SELL", 5), [REJECTED | {"site": ""}], decide)
    assert decide.sent == []


class Noting:
    """The acts of a dead letter as ClickHouse has them, at once or never."""

    def __init__(self, *, is_behind: bool = False) -> None:
        self.is_behind, self.rows = is_behind, list[dict[str, Any]]()

    def announce(self, sending: dict[str, Any]) -> list[dict[str, Any]]:
        """Note a scan that is about to be sent."""
        told = sending | {"told": json.dumps(sending["told"]), "author": "ann", "stands": "", "stands_why": ""}
        self.rows.insert(0, told)
        return self.rows

    def take(self, act: dict[str, Any]) -> None:
        """Take the record of an act."""
        content = json.loads(act["content"])
        known = [row for row in self.rows if row["sending"] == content["sending"]]
        if known:
            known[0]["outcome"], known[0]["stands"] = content["outcome"], content["outcome"]
        elif not self.is_behind:
            self.announce(content | {"unit_key": content["unit"]})


def test_of_two_who_know_nothing_of_each_other_one_sends() -> None:
    decide, noting, unit = Deciding(), Noting(), "sku:ACME/W/A1"
    send_instead(a_letter(), parse(unit), a_scan(unit, "SELL", 5), [], decide, noting.announce)
    for late in (a_scan(OTHER, "SELL", 5), a_scan(unit, "SELL", 6)):
        key = parse(f"{late['item']}/{late['serial']}")
        with pytest.raises(ValueError, match="was sent instead of it already"):
            send_instead(a_letter(), key, late, [], decide, noting.announce)
    assert [(unit, scan["scan_id"]) for unit, scan in decide.sent] == [(unit, scan_id_of(a_letter()))]


def test_who_announces_an_attempt_that_others_have_gone_beyond_sends_nothing() -> None:
    decide, noting, unit = Deciding(), Noting(), "sku:ACME/W/A1"
    noting.rows = [an_act(attempt=1), an_act(stands="UNDECIDED")]
    with pytest.raises(ValueError, match="since this page was made"):
        send_instead(a_letter(), parse(unit), a_scan(unit, "SELL", 5), [], decide, noting.announce)
    assert decide.sent == []


def test_an_act_that_clickhouse_does_not_get_stops_the_sending() -> None:
    acts = [[], [an_act()], [an_act(sending="one"), an_act()]]
    with pytest.raises(ValueError, match="nothing was sent"):
        until_seen("one", list, 0)
    assert len(until_seen("one", lambda: acts.pop(0), time.monotonic() + 60)) == 2


def test_a_form_is_filled_with_what_was_sent_last_until_it_is_known_what_came_of_it() -> None:
    told = json.dumps({"code": OTHER, "step": "SELL", "site": "oslo"})
    form = filled(a_letter(), [an_act(stands="", told=told)])
    assert (form["code"], form["step"], form["site"], form["lot"]) == (OTHER, "SELL", "oslo", "")
    assert filled(a_letter(), [an_act(told=told)]) == filled(a_letter(), [an_act(stands="")]) == filled(a_letter())


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


@pytest.fixture
def deciding(monkeypatch: pytest.MonkeyPatch) -> Deciding:
    """Decides what is sent to the log, over a warehouse that a test tells of."""
    decide = Deciding()
    monkeypatch.setattr(console_redrive, "open_warehouse", lambda _: nullcontext())
    monkeypatch.setattr(console_redrive, "decided", lambda _, unit, fields, __: decide(unit, fields))
    monkeypatch.setattr(console_redrive, "_SEEN_SECONDS", 0)
    return decide


def noted_by(noting: Noting, monkeypatch: pytest.MonkeyPatch) -> LogRedrives:
    """Returns what sends to a log whose acts come to ClickHouse as this one says."""
    monkeypatch.setattr(
        console_redrive, "ask", lambda *_, subjects: list(noting.rows) if subjects == ["dead-letter:1/9"] else []
    )
    monkeypatch.setattr(console_redrive, "send_internal", lambda _, act, places: noting.take(act) if places else None)
    return LogRedrives(Settings())


def test_a_scan_of_another_unit_than_the_acts_name_is_not_sent(
    deciding: Deciding, monkeypatch: pytest.MonkeyPatch
) -> None:
    noting, other = Noting(), a_scan(OTHER, "SELL", 5)
    noting.rows = [an_act()]
    redrives = noted_by(noting, monkeypatch)
    with pytest.raises(ValueError, match="back by a VOID"):
        redrives.corrected(a_letter(), FORM, "ben")
    with pytest.raises(ValueError, match="back by a VOID"):
        redrives.original(a_letter(), other, "ben")
    redrives.original(a_letter(), a_scan("sku:ACME/W/A1", "SELL", 5), "ben")
    assert [unit for unit, _ in deciding.sent] == ["sku:ACME/W/A1"]


def test_without_an_answer_the_same_scan_may_go_again_and_no_other(
    deciding: Deciding, monkeypatch: pytest.MonkeyPatch
) -> None:
    redrives, scan = noted_by(Noting(), monkeypatch), a_scan("sku:ACME/W/A1", "SELL", 5)
    with monkeypatch.context() as broken, pytest.raises(NoAnswer):
        broken.setattr(console_redrive, "decided", unanswered)
        redrives.original(a_letter(), scan, "ann")
    for other in (a_scan(OTHER, "SELL", 5), scan | {"site": "rome"}):
        with pytest.raises(ValueError, match="send that same scan again"):
            redrives.original(a_letter(), other, "ben")
    assert deciding.sent == []
    redrives.original(a_letter(), scan | {"capture_time": 7}, "ben")
    assert [(unit, sent["scan_id"]) for unit, sent in deciding.sent] == [("sku:ACME/W/A1", scan_id_of(a_letter()))]


def unanswered(*_: object) -> dict[str, Any]:
    message = "no worker decides"
    raise NoAnswer(message)


def test_nothing_is_sent_that_clickhouse_does_not_know_of(deciding: Deciding, monkeypatch: pytest.MonkeyPatch) -> None:
    redrives = noted_by(Noting(is_behind=True), monkeypatch)
    with pytest.raises(ValueError, match="so nothing was sent"):
        redrives.original(a_letter(), a_scan("sku:ACME/W/A1", "SELL", 5), "ann")
    assert deciding.sent == []


def test_who_sends_is_noted_before_and_what_came_of_it_after(
    deciding: Deciding, monkeypatch: pytest.MonkeyPatch
) -> None:
    noting = Noting()
    redrives, seen = noted_by(noting, monkeypatch), list[str]()

    def decided(_: Settings, unit: UnitKey, scan: dict[str, Any], __: float) -> dict[str, Any]:
        seen.append(noting.rows[0]["outcome"])
        return deciding(unit, scan)

    monkeypatch.setattr(console_redrive, "decided", decided)
    redrives.corrected(a_letter(), FORM, "ann")
    assert (seen, [row["outcome"] for row in noting.rows]) == ([""], ["ACCEPTED"])
    told = json.loads(noting.rows[0]["told"])
    assert (told["step"], told["site"], told["event_time"]) == ("RECEIVE", "oslo", "2026-11-02T09:30:00.000Z")
    assert scan_of(told)[0].text == deciding.sent[0][0]
    assert digest_of(scan_of(told)[1]) == noting.rows[0]["digest"]
