"""Capture jobs are on disk: they outlive their process, and one that was under way is never shown as done."""

from pathlib import Path

import pytest

from pipeline.capture.epcis.captures import KEPT_SECONDS, Captures, Result
from pipeline.errors import FolderUnusable


def test_a_job_is_running_until_it_is_finished_and_then_outlives_its_process(tmp_path: Path) -> None:
    captures = Captures(tmp_path, clock=lambda: 1_793_611_200.5)
    job = captures.begin("key", "proceed").result(10)
    begun = captures.find(job)
    assert begun is not None
    assert (begun.told["running"], begun.told["finishedAt"]) == (True, None)
    captures.finish(job, Result(events=2, scans=3, no_unit=4)).result(10)
    captures.close()
    again = Captures(tmp_path)
    found = again.find(job)
    again.close()
    assert found is not None
    assert (found.key_id, found.told["running"], found.told["success"]) == ("key", False, True)
    assert found.told["counts"] == {"events": 2, "scans": 3, "no_unit": 4}
    assert found.told["createdAt"] == found.told["finishedAt"] == "2026-11-02T09:20:00.500Z"


def test_a_job_whose_process_ended_is_shown_as_failed(tmp_path: Path) -> None:
    captures = Captures(tmp_path)
    job = captures.begin("key", "rollback").result(10)
    captures.close()
    again = Captures(tmp_path)
    found = again.find(job)
    again.close()
    assert found is not None
    assert (found.told["running"], found.told["success"]) == (False, False)
    assert [error["title"] for error in found.told["errors"]] == ["INTERRUPTED"]


def test_two_processes_see_each_others_jobs(tmp_path: Path) -> None:
    one, other = Captures(tmp_path), Captures(tmp_path)
    job = one.begin("key", "rollback").result(10)
    found = other.find(job)
    assert found is not None
    assert found.told["running"]
    assert other.find("nonsense") is None
    one.close()
    other.close()


def test_jobs_are_kept_for_a_month(tmp_path: Path) -> None:
    now = [1_793_611_200.0]
    captures = Captures(tmp_path, clock=lambda: now[0])
    old = captures.begin("key", "rollback").result(10)
    captures.close()
    now[0] += KEPT_SECONDS + 1
    again = Captures(tmp_path, clock=lambda: now[0])
    again.begin("key", "rollback").result(10)
    assert again.find(old) is None
    again.close()


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "capture").write_text("a file")
    with pytest.raises(FolderUnusable, match="SCANLEDGER_HOME"):
        Captures(tmp_path)
