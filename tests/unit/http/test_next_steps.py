"""The words of what to do next: one for every outcome, reason and step that can be told, and none too many."""

import tomllib
from importlib.resources import files

import pytest

from pipeline.capture.http.next_steps import next_step
from pipeline.domain.scan import STEPS
from pipeline.domain.verdict import OUTCOMES, REASONS

TABLE = tomllib.loads((files("pipeline.capture.http") / "next_steps.toml").read_text("utf-8"))


def test_every_outcome_and_every_reason_has_its_words_and_no_other() -> None:
    assert list(TABLE["outcomes"]) == list(OUTCOMES)
    assert list(TABLE["reasons"]) == list(REASONS)
    assert set(TABLE["accepted"]) <= {*STEPS, "RETURN_UNSOLD"}
    assert all(words for reason, words in TABLE["reasons"].items() if reason != "NONE")


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("reason", REASONS)
def test_a_decision_says_whether_to_go_on_and_what_to_do(outcome: str, reason: str) -> None:
    step = next_step(outcome, reason, "SELL")
    assert step["proceed"] in {"YES", "NO", "ASK", "HELD"}
    assert step["text"].endswith(".")


def test_a_reason_that_only_a_newer_worker_knows_still_says_whether_to_go_on() -> None:
    assert next_step("REJECTED", "NEWER", "SELL") == {"proceed": "NO", "text": "Stop: the scan was not applied."}
