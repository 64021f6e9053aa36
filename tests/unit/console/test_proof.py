"""The proof as the console runs it, on a stand-in for the verb."""

import sys
import threading
from pathlib import Path

import pytest

from jobs.console_proof import VerbProofs

_PATIENCE = 30.0


def the_end_of(proofs: VerbProofs) -> None:
    """Waits until the thread that follows the process has ended."""
    for thread in threading.enumerate():
        if thread.name == "proof":
            thread.join(_PATIENCE)
    assert not proofs.state().running


def running(program: str) -> VerbProofs:
    return VerbProofs((sys.executable, "-c", program))


def test_what_the_verb_finds_is_kept_with_who_asked() -> None:
    check = '{"check": "sink", "proves": "p", "compared": 4, "problems": 0, "examples": []}'
    program = (
        f"import sys; print('partition 1 of 4', file=sys.stderr); print('{{\"ok\": true, \"checks\": [{check}]}}')"
    )
    proofs = running(program)
    assert proofs.state().began_ms == 0
    proofs.begin("ann")
    the_end_of(proofs)
    state = proofs.state()
    assert (state.ok, state.author, state.fault, state.said) == (True, "ann", "", ("partition 1 of 4",))
    assert [one["check"] for one in state.checks] == ["sink"]
    assert state.ended_ms >= state.began_ms > 0


@pytest.mark.parametrize("program", ["import sys; sys.exit('scanledger: Kafka does not answer')", "print('{}')"])
def test_a_proof_that_cannot_be_finished_says_why(program: str) -> None:
    proofs = running(program)
    proofs.begin("ann")
    the_end_of(proofs)
    assert not proofs.state().ok
    assert proofs.state().fault in {"scanledger: Kafka does not answer", "it ended without an answer"}


def test_one_proof_runs_at_a_time_and_ends_with_the_console() -> None:
    proofs = running("import time; time.sleep(600)")
    proofs.begin("ann")
    proofs.begin("ben")
    assert (proofs.state().running, proofs.state().author) == (True, "ann")
    proofs.close()
    the_end_of(proofs)


def test_a_proof_that_cannot_be_started_says_why_and_can_be_begun_again(tmp_path: Path) -> None:
    proofs = VerbProofs((str(tmp_path / "nothing"),))
    for author in ("ann", "ben"):
        proofs.begin(author)
        state = proofs.state()
        assert (state.running, state.author) == (False, author)
        assert "cannot be started: No such file" in state.fault
