"""Who is told of what and when: openings, ends, quiet hours, escalation, bursts, retries."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import OutboxUnusable
from pipeline.notify.notify import KEPT_MS
from pipeline.notify.outbox import Outbox
from pipeline.notify.routes import Routes
from pipeline.notify.trying import RETRIES, Answer, judge, no_answer
from tests.unit.notify.telling import MINUTE, NOON, Told, some_routes

NIGHT = {"quiet": {"from": "11:00", "to": "13:00", "zone": "UTC"}}
"""Noon lies in it."""
MORNING = NOON + 60 * MINUTE
BOSS = {"escalate": {"after_minutes": 30, "to": ["boss"]}}
GONE = judge(410)


def told(folder: Path, *routes: dict[str, Any], **more: Any) -> Told:  # noqa: ANN401  as records have them
    return Told(folder, some_routes(*routes, **more))


def test_an_opening_is_told_once_however_often_it_is_sent(tmp_path: Path) -> None:
    here = told(tmp_path)
    here.take()
    assert here.wait(NOON) == [("opened", "duty")]
    assert here.wait(MORNING) == []


def test_every_recipient_of_every_route_that_takes_it_is_told(tmp_path: Path) -> None:
    here = told(tmp_path, {"to": ["duty", "boss"]}, {"to": ["duty"]}, {"sites": ["oslo"], "to": ["oslo"]})
    here.take()
    assert sorted(here.wait(NOON)) == [("opened", "boss"), ("opened", "duty"), ("opened", "duty")]
    assert len(set(here.ids)) == 3


@pytest.mark.parametrize("event", ["CLOSED", "RETRACTED"])
def test_an_end_is_told_to_whoever_got_the_opening(tmp_path: Path, event: str) -> None:
    here = told(tmp_path, {"to": ["duty"]}, {"to": ["boss"], "events": ["opened"]}, {"to": ["x"], "sites": ["oslo"]})
    here.take()
    here.wait(NOON)
    here.take(event, NOON + 1)
    assert here.wait(NOON + 1) == [(event.lower(), "duty")]


@pytest.mark.parametrize("event", ["CLOSED", "RETRACTED"])
def test_an_end_of_what_nobody_was_told_is_told_to_nobody(tmp_path: Path, event: str) -> None:
    here = told(tmp_path, {"events": ["retracted", "closed"]})
    here.take()
    here.take(event, NOON + 1)
    assert here.wait(NOON + 1) == []


def test_an_end_waits_for_the_opening_that_is_still_tried(tmp_path: Path) -> None:
    here = told(tmp_path)
    here.take()
    assert here.wait(NOON, no_answer("refused")) == [("opened", "duty")]
    here.take("RETRACTED", NOON + 1)
    assert here.wait(NOON + 1) == []
    assert here.wait(NOON + 2_000) == [("opened", "duty"), ("retracted", "duty")]


def test_an_end_is_not_told_to_whom_the_opening_never_reached_unless_it_does_later(tmp_path: Path) -> None:
    here = told(tmp_path)
    here.take()
    here.wait(NOON, GONE)
    here.take("RETRACTED", NOON + 1)
    assert here.wait(MORNING) == []
    with here.outbox.transaction():
        assert [one.event for one in here.book.retry(None, MORNING)] == ["opened"]
    assert here.wait(MORNING) == [("opened", "duty"), ("retracted", "duty")]


def test_an_alert_that_is_reopened_is_told_again_with_other_ids(tmp_path: Path) -> None:
    here = told(tmp_path)
    for at, event in enumerate(("OPENED", "CLOSED", "REOPENED", "CLOSED", "REOPENED")):
        here.take(event, NOON + at)
        here.wait(NOON + at)
    assert [event for event, _ in here.got] == ["opened", "closed", "reopened", "closed", "reopened"]
    assert len(set(here.ids)) == 5


def test_a_reopening_is_told_though_the_end_before_it_never_arrived(tmp_path: Path) -> None:
    here = told(tmp_path)
    here.take()
    here.wait(NOON, GONE)
    here.take("CLOSED", NOON + 1)
    here.take("REOPENED", NOON + 2)
    assert here.wait(NOON + 2) == [("reopened", "duty")]
    assert here.states() == [("opened", "FAILED"), ("closed", "CANCELLED"), ("reopened", "DELIVERED")]


def test_a_reopening_waits_for_the_opening_that_is_still_tried_and_is_told_if_that_fails(tmp_path: Path) -> None:
    here = told(tmp_path)
    here.take()
    here.wait(NOON, no_answer("refused"))
    here.take("CLOSED", NOON + 1)
    here.take("REOPENED", NOON + 2)
    assert here.wait(NOON + 2_000, GONE) == [("opened", "duty"), ("reopened", "duty")]


def test_an_acknowledgement_is_told_to_nobody(tmp_path: Path) -> None:
    here = told(tmp_path)
    here.take("ACKNOWLEDGED")
    assert here.wait(MORNING) == []


def test_quiet_hours_put_off_all_but_what_is_critical(tmp_path: Path) -> None:
    here = told(tmp_path, NIGHT)
    here.take(id="b" * 32, kind="IMPOSSIBLE_TRAVEL")
    here.take()
    assert here.wait(NOON) == [("opened", "duty")]
    assert here.states() == [("opened", "DELIVERED"), ("opened", "DEFERRED")]
    assert here.wait(MORNING - 1) == []
    assert here.wait(MORNING) == [("opened", "duty")]


@pytest.mark.parametrize("event", ["ACKNOWLEDGED", "CLOSED", "RETRACTED"])
def test_what_is_put_off_is_told_no_more_once_somebody_looks_or_it_is_over(tmp_path: Path, event: str) -> None:
    here = told(tmp_path, NIGHT)
    here.take()
    here.take(event, NOON + 1)
    assert here.wait(MORNING) == []
    assert here.states() == [("opened", "CANCELLED")]


def under_way_when(folder: Path, event: str, answer: Answer) -> Told:
    """Returns what is told where an alert of the night changes while its opening is being sent in the morning."""
    here = told(folder, NIGHT)
    here.take()
    (opening,) = here.book.deliveries.due("duty", MORNING, 4)
    with here.outbox.transaction():
        here.book.begin([opening], MORNING)
    here.take(event, MORNING)
    with here.outbox.transaction():
        here.book.settle(opening, answer, MORNING)
    return here


@pytest.mark.parametrize("event", ["CLOSED", "RETRACTED"])
def test_an_end_that_comes_while_what_was_put_off_is_being_sent_is_told_after_it(tmp_path: Path, event: str) -> None:
    here = under_way_when(tmp_path, event, judge(200))
    assert here.wait(MORNING) == [(event.lower(), "duty")]
    assert here.states() == [("opened", "DELIVERED"), (event.lower(), "DELIVERED")]


@pytest.mark.parametrize("event", ["ACKNOWLEDGED", "CLOSED", "RETRACTED"])
def test_what_was_put_off_and_is_refused_while_it_is_being_sent_ends_untold(tmp_path: Path, event: str) -> None:
    here = under_way_when(tmp_path, event, GONE)
    assert here.wait(MORNING + 600 * MINUTE) == []
    assert {state for _, state in here.states()} == {"CANCELLED"}


MAYBE = pytest.mark.parametrize("answer", [judge(503), judge(408), no_answer("no answer within 10 s")])
"""The receiver may have acted on it."""


@MAYBE
def test_what_was_put_off_and_somebody_looks_after_while_it_is_being_sent_is_not_tried_again(
    tmp_path: Path, answer: Answer
) -> None:
    here = under_way_when(tmp_path, "ACKNOWLEDGED", answer)
    assert here.wait(MORNING + 600 * MINUTE) == []
    assert here.states() == [("opened", "CANCELLED")]


@MAYBE
@pytest.mark.parametrize("event", ["CLOSED", "RETRACTED"])
def test_an_end_that_comes_while_what_was_put_off_is_being_sent_is_told_to_whom_that_may_have_reached(
    tmp_path: Path, event: str, answer: Answer
) -> None:
    here = under_way_when(tmp_path, event, answer)
    assert here.wait(MORNING + 600 * MINUTE) == [(event.lower(), "duty")]
    assert here.states() == [("opened", "CANCELLED"), (event.lower(), "DELIVERED")]


@MAYBE
@pytest.mark.parametrize("event", ["CLOSED", "RETRACTED"])
def test_an_end_between_two_attempts_of_what_was_put_off_is_told_to_whom_that_may_have_reached_over_a_restart(
    tmp_path: Path, event: str, answer: Answer
) -> None:
    here = told(tmp_path, NIGHT)
    here.take()
    assert here.wait(MORNING, answer) == [("opened", "duty")]
    here.outbox.close()
    again = told(tmp_path, NIGHT)
    again.take(event, MORNING + 1)
    assert again.wait(MORNING + 600 * MINUTE) == [(event.lower(), "duty")]
    assert again.states() == [("opened", "CANCELLED"), (event.lower(), "DELIVERED")]


@pytest.mark.parametrize(("answers", "is_told"), [((GONE,), False), ((judge(503), GONE), True)])
def test_an_end_long_after_what_was_put_off_is_told_unless_its_only_attempt_was_refused(
    tmp_path: Path, answers: tuple[Answer, ...], is_told: bool
) -> None:
    here = told(tmp_path, NIGHT)
    here.take()
    for at, answer in enumerate(answers, 1):
        (opening,) = here.book.deliveries.due("duty", MORNING + at * MINUTE, 4)
        with here.outbox.transaction():
            here.book.begin([opening], MORNING + at * MINUTE)
        if at == len(answers):
            here.take("ACKNOWLEDGED", MORNING + at * MINUTE)
        with here.outbox.transaction():
            here.book.settle(opening, answer, MORNING + at * MINUTE)
    assert here.states() == [("opened", "CANCELLED")]
    here.take("CLOSED", MORNING + 60 * MINUTE)
    assert here.wait(MORNING + 600 * MINUTE) == ([("closed", "duty")] if is_told else [])


def test_what_was_put_off_and_is_being_sent_when_all_is_killed_is_sent_again_with_its_end(tmp_path: Path) -> None:
    here = told(tmp_path, NIGHT)
    here.take()
    with here.outbox.transaction():
        here.book.begin(here.book.deliveries.due("duty", MORNING, 4), MORNING)
    here.take("CLOSED", MORNING)
    here.outbox.close()
    assert told(tmp_path, NIGHT).wait(MORNING) == [("opened", "duty"), ("closed", "duty")]


def test_an_end_in_quiet_hours_waits_for_the_morning(tmp_path: Path) -> None:
    here = told(tmp_path, NIGHT)
    here.take(at=NOON - 61 * MINUTE)
    here.wait(NOON - 61 * MINUTE)
    here.take("RETRACTED", NOON)
    assert here.wait(NOON) == []
    assert here.wait(MORNING) == [("retracted", "duty")]


def test_what_nobody_acknowledges_in_time_escalates_once(tmp_path: Path) -> None:
    here = told(tmp_path, BOSS)
    here.take()
    assert here.wait(NOON + 30 * MINUTE - 1) == [("opened", "duty")]
    assert here.wait(NOON + 30 * MINUTE) == [("escalated", "boss")]
    assert here.wait(NOON + 600 * MINUTE) == []


@pytest.mark.parametrize("event", ["ACKNOWLEDGED", "CLOSED", "RETRACTED"])
def test_what_somebody_looks_after_does_not_escalate(tmp_path: Path, event: str) -> None:
    here = told(tmp_path, BOSS)
    here.take()
    here.wait(NOON)
    here.take(event, NOON + MINUTE)
    assert ("escalated", "boss") not in here.wait(NOON + 60 * MINUTE)


def test_an_end_is_told_to_whom_it_escalated_too(tmp_path: Path) -> None:
    here = told(tmp_path, BOSS)
    here.take()
    here.wait(NOON)
    here.wait(NOON + 30 * MINUTE)
    here.take("CLOSED", NOON + 40 * MINUTE)
    assert here.wait(NOON + 40 * MINUTE) == [("closed", "boss"), ("closed", "duty")]


def test_escalation_counts_from_the_end_of_quiet_hours(tmp_path: Path) -> None:
    here = told(tmp_path, NIGHT | BOSS)
    here.take()
    assert here.wait(MORNING) == [("opened", "duty")]
    assert here.wait(MORNING + 30 * MINUTE) == [("escalated", "boss")]


def some_openings(here: Told, count: int, **fields: Any) -> None:  # noqa: ANN401  as records have them
    for n in range(count):
        here.take(at=NOON + n, id=f"{n:032x}", subject=f"unit:sku:A/B/{n}", **fields)


def test_more_than_twenty_openings_in_a_minute_are_one_summary_with_count_and_link(tmp_path: Path) -> None:
    here = told(tmp_path, console="https://ledger.example")
    some_openings(here, 53)
    assert len(here.wait(NOON + 100)) == 20
    assert here.wait(NOON + MINUTE) == []
    assert here.wait(NOON + MINUTE + 100) == [("summary", "duty")]
    body = json.loads(here.bodies[-1])
    assert body["summary"]["count"] == 33
    assert body["link"].startswith("https://ledger.example/alerts?kind=SEEN_AFTER_END&site=munich&from=2025-11-25T12")
    assert here.wait(MORNING) == []


def test_bursts_are_of_one_route_kind_and_site(tmp_path: Path) -> None:
    here = told(tmp_path, {}, {"to": ["boss"]})
    for n in range(60):
        kind, site = ("SEEN_AFTER_END", "DUPLICATE_COMMISSION")[n % 2], ("munich", "oslo")[n // 2 % 2]
        here.take(at=NOON + n, id=f"{n:032x}", kind=kind, site=site)
    assert len(here.wait(NOON + 100)) == 120


def test_what_is_calmed_before_the_summary_is_not_counted_in_it(tmp_path: Path) -> None:
    here = told(tmp_path)
    some_openings(here, 25)
    here.wait(NOON + 100)
    for n in range(20, 23):
        here.take("RETRACTED", NOON + 200, id=f"{n:032x}")
    assert here.wait(NOON + 2 * MINUTE) == [("summary", "duty")]
    assert json.loads(here.bodies[-1])["summary"]["count"] == 2


LATE = NOON - 60 * MINUTE - 30_000
"""Half a minute before the night."""


def summed_up_in_the_night(folder: Path, **fields: Any) -> Told:  # noqa: ANN401  as records have them
    """Returns what has told 20 of 25 openings before the night, and sums up the others in it."""
    here = told(folder, NIGHT)
    for n in range(25):
        here.take(at=LATE + n, id=f"{n:032x}", **fields)
    assert len(here.wait(LATE + 100)) == 20
    return here


def test_a_summary_waits_for_the_end_of_quiet_hours_over_a_restart(tmp_path: Path) -> None:
    here = summed_up_in_the_night(tmp_path)
    assert here.wait(LATE + MINUTE + 100) == []
    assert here.states()[-1] == ("summary", "DEFERRED")
    here.outbox.close()
    again = told(tmp_path, NIGHT)
    assert again.wait(MORNING - 1) == []
    assert again.wait(MORNING) == [("summary", "duty")]
    assert json.loads(again.bodies[-1])["summary"]["count"] == 5


def test_a_summary_of_what_is_critical_passes_quiet_hours(tmp_path: Path) -> None:
    here = summed_up_in_the_night(tmp_path, kind="IMPOSSIBLE_TRAVEL")
    assert here.wait(LATE + MINUTE + 100) == [("summary", "duty")]


@pytest.mark.parametrize("event", ["ACKNOWLEDGED", "CLOSED", "RETRACTED"])
@pytest.mark.parametrize("answer", [judge(204), judge(503)])
def test_a_summary_that_is_put_off_is_told_though_the_first_that_it_stands_for_is_over(
    tmp_path: Path, event: str, answer: Answer
) -> None:
    here = summed_up_in_the_night(tmp_path)
    here.wait(LATE + MINUTE + 100)
    here.take(event, NOON, id=f"{20:032x}")
    assert here.wait(MORNING, answer) == [("summary", "duty")]
    here.take("ACKNOWLEDGED", MORNING + 1, id=f"{20:032x}")
    here.wait(MORNING + MINUTE)
    assert here.states()[-1] == ("summary", "DELIVERED")


def test_an_end_of_what_was_only_summed_up_is_told_to_nobody(tmp_path: Path) -> None:
    here = told(tmp_path)
    some_openings(here, 21)
    here.wait(NOON + 2 * MINUTE)
    here.take("CLOSED", NOON + 3 * MINUTE, id=f"{20:032x}")
    assert here.wait(NOON + 3 * MINUTE) == []


def test_a_night_s_alerts_are_a_burst_in_the_morning(tmp_path: Path) -> None:
    here = told(tmp_path, NIGHT)
    for n in range(30):
        here.take(at=NOON + n * MINUTE, id=f"{n:032x}")
    assert len(here.wait(MORNING)) == 20
    assert here.wait(MORNING + MINUTE) == [("summary", "duty")]


def test_a_quiet_minute_ends_a_burst(tmp_path: Path) -> None:
    here = told(tmp_path)
    some_openings(here, 20)
    here.take(at=NOON + MINUTE + 20, id="f" * 32)
    assert len(here.wait(NOON + MINUTE + 20)) == 21


def test_ten_retries_are_all_then_it_has_failed(tmp_path: Path) -> None:
    here = told(tmp_path)
    here.take()
    at = NOON
    for _ in range(RETRIES + 5):
        here.wait(at, no_answer("refused"))
        at += 7 * MINUTE
    assert len(here.ids) == RETRIES + 1
    assert len(set(here.ids)) == 1
    assert len(set(here.bodies)) == 1
    assert here.states() == [("opened", "FAILED")]


@pytest.mark.parametrize("answer", [judge(400), judge(404), judge(410), judge(301), judge(422)])
def test_what_is_refused_for_good_is_not_tried_again(tmp_path: Path, answer: Answer) -> None:
    here = told(tmp_path)
    here.take()
    here.wait(NOON, answer)
    assert here.wait(MORNING) == []
    assert here.states() == [("opened", "FAILED")]


@pytest.mark.parametrize("answer", [judge(408), judge(429), judge(500), judge(503), no_answer("")])
def test_what_may_pass_is_tried_again(tmp_path: Path, answer: Answer) -> None:
    here = told(tmp_path)
    here.take()
    here.wait(NOON, answer)
    assert here.wait(NOON + 2_000) == [("opened", "duty")]


def test_what_is_older_than_the_outbox_is_known_and_told_to_nobody(tmp_path: Path) -> None:
    here = told(tmp_path, BOSS)
    here.take(is_told=False)
    here.take("CLOSED", NOON + 1)
    assert here.wait(MORNING) == []
    here.take("REOPENED", MORNING)
    assert here.wait(MORNING) == [("reopened", "duty")]
    assert json.loads(here.bodies[-1])["alert"]["site"] == "munich"


def test_a_recipient_that_the_routes_no_longer_have_is_told_nothing(tmp_path: Path) -> None:
    here = told(tmp_path, NIGHT)
    here.take()
    here.outbox.close()
    later = told(tmp_path, {"name": "route-1", "to": ["boss"]})
    with later.outbox.transaction():
        assert later.book.give_up_unknown(NOON) == 1
    assert later.states() == [("opened", "FAILED")]


def test_an_outbox_that_was_closed_at_any_moment_goes_on_where_it_was(tmp_path: Path) -> None:
    here = told(tmp_path, NIGHT | BOSS)
    here.take()
    here.take(id="b" * 32, kind="IMPOSSIBLE_TRAVEL")
    here.wait(NOON, no_answer("refused"))
    here.outbox.close()
    again = told(tmp_path, NIGHT | BOSS)
    assert again.wait(NOON + 2_000) == [("opened", "duty")]
    assert again.ids == here.ids
    assert again.wait(MORNING) == [("escalated", "boss"), ("opened", "duty")]


def test_a_transaction_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    here = told(tmp_path)
    with pytest.raises(RuntimeError), here.outbox.transaction():
        here.outbox.begin(0, NOON)
        raise RuntimeError
    assert here.outbox.position(0) is None


def test_no_secret_and_no_address_is_in_the_outbox(tmp_path: Path) -> None:
    here = told(tmp_path)
    here.take()
    here.wait(NOON, GONE)
    here.outbox.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"duty" in kept
    assert b"sixteen" not in kept
    assert b"127.0.0.1" not in kept


ACTS = ("ACKNOWLEDGED", "CLOSED", "REOPENED", "RETRACTED")
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.sampled_from((204, 410, 503, 0)), st.integers(1, 90)),
    max_size=12,
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outboxes")


@settings(max_examples=30)  # each has a file of its own, on disk at every step
@given(st.booleans(), steps)
def test_nobody_hears_of_an_end_before_the_beginning(
    folders: Path, is_quiet: bool, acts: list[tuple[str, int, int, int]]
) -> None:
    """Whatever happens: ends follow what may have arrived, ids are told apart, nothing is under way for ever."""
    here = Told(Path(mkdtemp(dir=folders)), some_routes((NIGHT if is_quiet else {}) | BOSS))
    at, sent, delivered = NOON - 70 * MINUTE, [], []
    for n in range(3):
        here.take(at=at, id=f"{n:032x}")
    for event, alert, code, minutes in acts:
        before = len(here.ids)
        here.wait(at, judge(code) if code else no_answer(""))
        sent += here.ids[before:] if code == 204 or (is_quiet and code != 410) else []
        delivered += here.ids[before:] if code == 204 else []
        at += minutes * MINUTE
        here.take(event, at, id=f"{alert:032x}")
    for _ in range(3):
        before, at = len(here.ids), at + 1440 * MINUTE
        here.wait(at)
        sent += here.ids[before:]
        delivered += here.ids[before:]
    assert len(set(delivered)) == len(delivered)
    rows = here.outbox.connection.execute("SELECT id, alert, recipient, event, state FROM deliveries").fetchall()
    by_id = {row["id"]: row for row in rows}
    told_of: set[tuple[str, str]] = set()
    for row in (by_id[one] for one in sent):
        way = (row["alert"], row["recipient"])
        assert row["event"] in ("opened", "reopened", "escalated") or way in told_of
        told_of.add(way)
    assert {row["state"] for row in rows} <= {"DELIVERED", "FAILED", "CANCELLED", "WAITING"}
    assert all(row["event"] in ("closed", "retracted") for row in rows if row["state"] == "WAITING")
    here.outbox.close()


def test_what_ended_long_ago_is_forgotten_and_what_is_open_is_not(tmp_path: Path) -> None:
    here = told(tmp_path)
    for n in range(3):
        here.take(id=f"{n:032x}")
    here.wait(NOON)
    here.take("CLOSED", NOON + 1, id=f"{0:032x}")
    here.take("RETRACTED", NOON + MINUTE, id=f"{1:032x}")
    with here.outbox.transaction():
        here.outbox.forget_ended(NOON + MINUTE)
    known = [here.outbox.known(f"{n:032x}") for n in range(3)]
    assert [bool(one and one.record) for one in known] == [False, True, True]
    assert len(here.states()) == 3


def test_an_alert_that_is_reopened_when_it_was_forgotten_is_told_by_ids_that_were_never_used(tmp_path: Path) -> None:
    here = told(tmp_path)
    for month in range(3):
        at = NOON + month * 2 * KEPT_MS
        for event in ("REOPENED" if month else "OPENED", "CLOSED"):
            here.take(event, at)
            here.wait(at)
        with here.outbox.transaction():
            here.outbox.forget_ended(at + KEPT_MS)
        assert here.states() == []
    assert [event for event, _ in here.got] == ["opened", "closed", "reopened", "closed", "reopened", "closed"]
    assert len(set(here.ids)) == 6


def test_changes_that_nobody_takes_are_kept_up_to_so_many(tmp_path: Path) -> None:
    here = told(tmp_path)
    for n in range(5):
        here.take(id=f"{n:032x}")
    with here.outbox.transaction():
        assert here.outbox.bound_changes(5) == 0
        assert here.outbox.bound_changes(2) == 3
    assert [seq for seq, _ in here.outbox.changes(10)] == [4, 5]


def test_routes_that_name_nobody_of_a_kind_tell_nobody(tmp_path: Path) -> None:
    routes: Routes = some_routes({"kinds": ["SILENT_SITE"]})
    here = Told(tmp_path, routes)
    here.take()
    assert here.states() == []


def test_an_outbox_of_newer_code_is_refused(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.connection.execute("PRAGMA user_version = 99")
    outbox.close()
    with pytest.raises(OutboxUnusable, match="newer code"):
        Outbox(tmp_path)


_COUNT = """
import sys
from pathlib import Path
from pipeline.notify.deliveries import Deliveries
from pipeline.notify.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
print(sum(Deliveries(outbox).counts().values()))
outbox.close()
"""


def counted_elsewhere(folder: Path) -> int:
    """Returns how many deliveries another process sees, which then lets go of the outbox."""
    done = subprocess.run([sys.executable, "-c", _COUNT, str(folder)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_whoever_looks_sees_all_and_leaves_it_as_it_was_while_it_is_told_from(tmp_path: Path) -> None:
    here = told(tmp_path)
    reports = Outbox(tmp_path)
    for n in range(3):
        here.take(id=f"{n:032x}")
        assert counted_elsewhere(tmp_path) == n + 1
    assert len(reports.changes(100)) == 3
    reports.close()
    here.outbox.close()
    assert counted_elsewhere(tmp_path) == 3


def test_a_summary_after_quiet_hours_tells_when_alerts_were_received_not_when_it_was_told(tmp_path: Path) -> None:
    quiet = {"quiet": {"from": "22:00", "to": "06:00", "zone": "UTC"}}
    here = told(tmp_path, quiet, console="https://ledger.example")
    evening = NOON + 10 * 60 * MINUTE + 30 * MINUTE
    for n in range(25):
        here.take(at=evening + n * MINUTE, id=f"{n:032x}", subject=f"unit:sku:A/B/{n}")
    here.wait(evening + 12 * 60 * MINUTE)
    body = next(json.loads(body) for body in here.bodies if json.loads(body)["event"] == "summary")
    since, until = "2025-11-25T22:50:00.000+00:00", "2025-11-25T22:54:00.000+00:00"
    assert (body["summary"]["from"], body["summary"]["to"], body["summary"]["count"]) == (since, until, 5)
    assert parse_qs(urlsplit(body["link"]).query) == {
        "kind": ["SEEN_AFTER_END"], "site": ["munich"], "from": [since], "to": [until], "exact": ["1"],
    }  # fmt: skip


def test_a_summary_of_what_was_reopened_leads_to_all_of_its_kind_and_site(tmp_path: Path) -> None:
    here = told(tmp_path, console="https://ledger.example")
    for n in range(21):
        here.take("REOPENED", at=NOON + n, id=f"{n:032x}", site="munich")
    here.wait(NOON + 2 * MINUTE)
    link = json.loads(here.bodies[-1])["link"]
    assert link == "https://ledger.example/alerts?kind=SEEN_AFTER_END&site=munich&exact=1"
