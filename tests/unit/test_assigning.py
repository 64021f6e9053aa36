"""Alerts given to somebody: who was first holds, the next opening is nobody's, nonsense is refused."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ledger.assigning import ASSIGN, MOST_NAME_BYTES, Asked, read_assignment
from pipeline.ledger.outputs import assigned_key
from pipeline.wire.schemas import decode
from tests.oracle.arrivals import Arrival, a_scan, an_internal, arrived
from tests.oracle.findings import KIND, SITE, a_finding, acted, told
from tests.unit.ledgering import Ledgering

UNIT = "sku:ACME/W-1/A1"
DEAD = [arrived(a_scan(UNIT, "COMMISSION", 1)), arrived(a_scan(UNIT, "RETIRE", 5)), arrived(a_scan(UNIT, "SHIP", 9))]
"""A unit seen after its end."""


def given_to(to: str, opening: int = 1, author: str = "ann", had: str | None = None) -> Arrival:
    """Returns an alert of the site given to somebody, as it arrives; `had` is who has it as the author knows."""
    content = {"kind": KIND, "opening": opening, "reason": "", "to": to}
    return of(SITE, content | ({} if had is None else {"from": had}), author)


def of(subject: str, content: dict[str, Any], author: str = "ann") -> Arrival:
    arrival = an_internal(ASSIGN, subject, content)
    return Arrival(arrival.record | {"author": author}, subject.encode(), is_scan=False)


def results(*arrivals: Arrival) -> list[tuple[str, str]]:
    ledgering = Ledgering()
    ledgering.take(arrivals)
    return [(act["result"], act["reason"]) for act in ledgering.written["acts"] if act["kind"] == ASSIGN]


def test_an_open_alert_is_given_to_somebody_and_stays_as_it_was() -> None:
    ledgering = Ledgering()
    ledgering.take([told(a_finding()), given_to("bob")])
    assert [alert["event"] for alert in ledgering.written["alerts"]] == ["OPENED"]
    (act,) = [act for act in ledgering.written["acts"] if act["kind"] == ASSIGN]
    assert (act["result"], act["author"], json.loads(act["content"])["to"]) == ("APPLIED", "ann", "bob")


def test_who_was_first_is_told_to_who_came_second() -> None:
    first, second = given_to("bob", had=""), given_to("eve", author="joe", had="")
    assert results(told(a_finding()), first, second) == [("APPLIED", ""), ("STALE", "assigned to bob by ann")]


def test_who_knows_who_has_it_may_give_it_to_another() -> None:
    again, back = given_to("eve", had="bob"), given_to("", had="eve")
    late = given_to("joe", had="eve")
    assert results(told(a_finding()), given_to("bob"), again, back, late) == [("APPLIED", "")] * 3 + [
        ("STALE", "assigned to nobody by ann")
    ]


def test_the_next_opening_is_nobody_s() -> None:
    opened = told(a_finding()), given_to("bob"), acted("ALERT_CLOSE", 1), told(a_finding(minute=9))
    assert results(*opened, given_to("eve", 2, had=""))[-1] == ("APPLIED", "")
    assert results(*opened, given_to("eve", 1))[-1] == ("STALE", "opening")


def test_what_is_closed_or_was_never_open_is_given_to_nobody() -> None:
    assert results(given_to("bob")) == [("STALE", "opening")]
    assert results(told(a_finding()), acted("ALERT_CLOSE", 1), given_to("bob")) == [("STALE", "status")]
    assert results(told(a_finding()), acted("ALERT_ACKNOWLEDGE", 1), given_to("bob")) == [("APPLIED", "")]
    assert results(told(a_finding()), told(a_finding(holds=False)), given_to("bob")) == [("STALE", "status")]


def test_an_alert_of_a_unit_is_given_to_somebody() -> None:
    ledgering = Ledgering()
    ledgering.take(DEAD)
    content = {"kind": "SEEN_AFTER_END", "opening": 1, "to": "bob", "from": ""}
    ledgering.take([of(UNIT, content), of(UNIT, content | {"to": "eve"}), of(UNIT, content | {"opening": 2})])
    assert [(act["result"], act["reason"]) for act in ledgering.written["acts"]] == [
        ("APPLIED", ""), ("STALE", "assigned to bob by ann"), ("STALE", "opening"),
    ]  # fmt: skip
    assert [alert["event"] for alert in ledgering.written["alerts"]] == ["OPENED"]
    kept = decode(ledgering.kept[assigned_key(f"unit:{UNIT}".encode(), "SEEN_AFTER_END")])[1]
    assert (kept["assignee"], kept["author"], kept["opening"]) == ("bob", "ann", 1)


@pytest.mark.parametrize("cut", range(1, 5))
def test_it_does_not_matter_where_batches_are_cut(cut: int) -> None:
    arrivals = [told(a_finding()), given_to("bob", had=""), given_to("eve", had=""), given_to("joe")]
    ledgering = Ledgering()
    for at in range(0, len(arrivals), cut):
        ledgering.take(arrivals[at : at + cut])
    assert [act["reason"] for act in ledgering.written["acts"]][1:] == ["", "assigned to bob by ann", ""]


@pytest.mark.parametrize(
    "content",
    [
        {"kind": KIND, "opening": 1},
        {"kind": KIND, "opening": 1, "to": None},
        {"kind": KIND, "opening": 1, "to": 5},
        {"kind": KIND, "opening": "1", "to": "bob"},
        {"kind": KIND, "opening": True, "to": "bob"},
        {"kind": KIND, "opening": 1.0, "to": "bob"},
        {"kind": "CLONE", "opening": 1, "to": "bob"},
        {"kind": [], "opening": 1, "to": "bob"},
        {"kind": KIND, "opening": 1, "to": "b" * (MOST_NAME_BYTES + 1)},
        {"kind": KIND, "opening": 1, "to": "bob", "from": 7},
        {"kind": KIND, "opening": 1, "to": "bob", "from": "b" * (MOST_NAME_BYTES + 1)},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(content: dict[str, Any]) -> None:
    assert results(told(a_finding()), of(SITE, content)) == [("REFUSED", "content")]


@pytest.mark.parametrize("text", ["", "[]", "null", "7", "[" * 100_000, '{"to": "\\ud800"}', "{"])
def test_what_is_no_object_is_no_assignment(text: str) -> None:
    assert read_assignment(text) is None


names = st.sampled_from(["", "ann", "bob", "eve"])


@settings(max_examples=100)
@given(st.lists(st.tuples(names, st.none() | names, names), max_size=12))
def test_it_is_whose_it_was_given_to_last_by_who_knew_whose_it_was(asked: list[tuple[str, str | None, str]]) -> None:
    holder, by, expected = "", "", []
    for to, known, author in asked:
        if known is not None and known != holder:
            expected.append(("STALE", f"assigned to {holder or 'nobody'}{by}"))
            continue
        holder, by = to, f" by {author}"
        expected.append(("APPLIED", ""))
    arrivals = [given_to(to, author=author, had=known) for to, known, author in asked]
    assert results(told(a_finding()), *arrivals) == expected


@given(st.text(), st.integers(0, 9), st.text(max_size=20))
def test_what_is_written_is_read(kind: str, opening: int, to: str) -> None:
    text = json.dumps({"kind": kind, "opening": opening, "to": to})
    asked = Asked(kind, opening, to, None)
    assert read_assignment(text) == asked
