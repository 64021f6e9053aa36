"""Receipts and idempotency keys: on disk, over restarts, for several processes, for their time."""

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.capture.http.receipts import (
    IDEMPOTENT_SECONDS,
    KEPT_SECONDS,
    Begun,
    Noted,
    OtherBody,
    Receipts,
    Running,
    Stored,
)
from pipeline.errors import FolderUnusable, ReceiptsUnusable

NOW = 1_793_611_200.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@contextmanager
def receipts_of(home: Path, clock: Callable[[], float] = Clock()) -> Iterator[Receipts]:  # noqa: B008  never changed
    receipts = Receipts(home, clock)
    try:
        yield receipts
    finally:
        receipts.close()


def a_request(word: str | None = "k", **changes: object) -> Noted:
    usual: dict[str, Any] = {"key_id": "key", "idempotency_key": word, "payload_sha256": "hash", "answer": {"a": 1}}
    return Noted(**(usual | changes))


def begun(receipts: Receipts, word: str | None = "k", **changes: object) -> Begun:
    beginning = receipts.begin(a_request(word, **changes)).result()
    assert isinstance(beginning, Begun)
    return beginning


def test_a_finished_request_is_answered_with_its_receipt_over_restarts(tmp_path: Path) -> None:
    with receipts_of(tmp_path) as receipts:
        first = begun(receipts)
        receipts.finish(first.id, 202).result()
    with receipts_of(tmp_path) as receipts:
        again = receipts.begin(a_request(answer={"a": 2})).result()
        assert isinstance(again, Stored)
        assert (again.id, again.status, again.answer, again.created_ms) == (first.id, 202, {"a": 1}, first.created_ms)
        assert receipts.find(first.id) == again


def test_a_receipt_read_while_its_end_is_being_written_is_read_with_it(tmp_path: Path) -> None:
    with receipts_of(tmp_path) as receipts:
        for _ in range(50):
            request = begun(receipts, None)
            receipts.finish(request.id, 202)
            found = receipts.find(request.id)
            assert found is not None
            assert found.status == 202


def test_who_waits_may_be_cancelled_and_the_next_request_is_noted_all_the_same(tmp_path: Path) -> None:
    with receipts_of(tmp_path) as receipts:
        assert not receipts.begin(a_request("first")).cancel()
        assert begun(receipts, "second").id


def test_a_change_that_meets_damage_fails_and_the_next_one_is_made(tmp_path: Path) -> None:
    with receipts_of(tmp_path) as receipts:
        first = begun(receipts)
        with sqlite3.connect(tmp_path / "capture" / "receipts.sqlite") as db:
            db.execute("UPDATE receipts SET answer = x'00' WHERE id = ?", (first.id,))
        with pytest.raises(ReceiptsUnusable):
            receipts.begin(a_request()).result()
        assert begun(receipts, "another").id


def test_one_that_is_at_work_is_running_and_one_given_up_is_resumed_under_its_id(tmp_path: Path) -> None:
    with receipts_of(tmp_path) as receipts:
        first = begun(receipts)
        assert receipts.begin(a_request()).result() == Running()
        receipts.give_up(first.id).result()
        assert begun(receipts).id == first.id
        assert receipts.begin(a_request()).result() == Running()


def test_two_that_come_together_do_not_both_begin(tmp_path: Path) -> None:
    with receipts_of(tmp_path) as receipts:
        results = [future.result() for future in [receipts.begin(a_request()) for _ in range(20)]]
    assert [type(result) for result in results] == [Begun] + [Running] * 19


def test_another_body_is_told_apart_whether_running_or_finished(tmp_path: Path) -> None:
    with receipts_of(tmp_path) as receipts:
        first = begun(receipts)
        assert receipts.begin(a_request(payload_sha256="other")).result() == OtherBody()
        receipts.finish(first.id, 202).result()
        assert receipts.begin(a_request(payload_sha256="other")).result() == OtherBody()


def test_requests_without_a_word_and_those_of_other_keys_are_their_own(tmp_path: Path) -> None:
    with receipts_of(tmp_path) as receipts:
        ids = {begun(receipts, None).id, begun(receipts, None).id, begun(receipts).id, begun(receipts, key_id="b").id}
    assert len(ids) == 4


def test_a_request_of_which_nothing_is_sent_is_finished_at_once(tmp_path: Path) -> None:
    with receipts_of(tmp_path) as receipts:
        first = begun(receipts, status=422)
        again = receipts.begin(a_request(status=422)).result()
        assert isinstance(again, Stored)
        assert (again.id, again.status) == (first.id, 422)


def test_an_idempotency_key_is_free_again_after_a_day_and_the_receipt_stays(tmp_path: Path) -> None:
    clock = Clock()
    with receipts_of(tmp_path, clock) as receipts:
        first = begun(receipts)
        receipts.finish(first.id, 202).result()
        clock.now += IDEMPOTENT_SECONDS - 1
        assert isinstance(receipts.begin(a_request()).result(), Stored)
        clock.now += 1
        second = begun(receipts, payload_sha256="other")
        assert second.id > first.id
        assert receipts.find(first.id)


def test_a_receipt_is_kept_for_its_time_and_then_purged(tmp_path: Path) -> None:
    clock = Clock()
    with receipts_of(tmp_path, clock) as receipts:
        first = begun(receipts)
        clock.now += KEPT_SECONDS
        begun(receipts, None)
        assert receipts.find(first.id)
        clock.now += 61
        begun(receipts, None)
        assert receipts.find(first.id) is None


def _begin_and_die(home: Path, ids: "multiprocessing.Queue[str]") -> None:
    receipts = Receipts(home)
    ids.put(begun(receipts).id)
    ids.get()  # until told to die


def test_what_a_killed_process_was_at_is_resumed_under_its_id_by_another(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ids = context.Queue()
    process = context.Process(target=_begin_and_die, args=(tmp_path, ids))
    process.start()
    first = ids.get(timeout=60)
    with receipts_of(tmp_path) as receipts:
        assert receipts.begin(a_request()).result() == Running()
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        assert begun(receipts).id == first


def test_a_file_that_cannot_be_written_now_is_told_and_nothing_is_left_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.capture.http.journal._LOCKED_SECONDS", 0.0)
    with receipts_of(tmp_path) as receipts:
        first = begun(receipts)
        blocker = sqlite3.connect(tmp_path / "capture" / "receipts.sqlite", isolation_level=None)
        blocker.execute("BEGIN EXCLUSIVE")
        failed = [receipts.give_up(first.id), receipts.begin(a_request("other"))]
        for future in failed:
            with pytest.raises(ReceiptsUnusable, match="locked"):
                future.result()  # type: ignore[attr-defined]
        blocker.execute("ROLLBACK")
        blocker.close()
        assert begun(receipts).id == first.id
        begun(receipts, "other")


def test_a_file_that_is_newer_or_damaged_is_refused(tmp_path: Path) -> None:
    with receipts_of(tmp_path):
        pass
    file = tmp_path / "capture" / "receipts.sqlite"
    db = sqlite3.connect(file)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(FolderUnusable, match="version 99"):
        Receipts(tmp_path)
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(FolderUnusable, match="not a database"):
        Receipts(tmp_path)
    with pytest.raises(FolderUnusable, match="SCANLEDGER_HOME"):
        Receipts(file / "home")


def test_ids_come_in_the_order_of_time(tmp_path: Path) -> None:
    clock, ids = Clock(), []
    with receipts_of(tmp_path, clock) as receipts:
        for _ in range(5):
            clock.now += 0.01
            ids.append(begun(receipts, None).id)
    assert ids == sorted(ids)
    assert all(len(one) == 26 and one.isalnum() and one.islower() for one in ids)
