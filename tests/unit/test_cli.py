"""The command line: fast to say what it can do, and clear about a broken environment."""

import importlib
import subprocess
import sys
from types import SimpleNamespace

import pytest
import typer

from jobs import cli
from pipeline.errors import BrokerUnreachable

SLOW_TO_IMPORT = ("numba", "polars", "chdb", "confluent_kafka", "clickhouse_connect", "faust", "scipy", "rocksdict")


@pytest.fixture
def broken_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer()

    @app.command()
    def broken(how: str) -> None:
        if how == "interrupted":
            raise KeyboardInterrupt
        if how == "not well":
            raise typer.Exit(1)
        message = "Kafka does not answer at 127.0.0.1:1. Start it, or correct KAFKA_BOOTSTRAP."
        raise BrokerUnreachable(message)

    monkeypatch.setitem(sys.modules, "jobs.broken", SimpleNamespace(app=app))
    monkeypatch.setitem(cli.VERBS, "broken", cli.Verb("jobs.broken", "Fails.", "Tests"))


def exit_code_of(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["scanledger", *words])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    return exited.value.code


@pytest.mark.usefixtures("broken_verb")
def test_a_broken_environment_is_one_paragraph_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(monkeypatch, "broken", "unreachable") == 2
    said = capsys.readouterr()
    assert said.err == "scanledger: Kafka does not answer at 127.0.0.1:1. Start it, or correct KAFKA_BOOTSTRAP.\n"
    assert said.out == ""


@pytest.mark.usefixtures("broken_verb")
@pytest.mark.parametrize(("how", "code"), [("interrupted", 130), ("not well", 1)])
def test_the_exit_code_tells_how_a_verb_ended(monkeypatch: pytest.MonkeyPatch, how: str, code: int) -> None:
    assert exit_code_of(monkeypatch, "broken", how) == code


def test_an_unknown_verb_is_a_usage_error_and_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(monkeypatch, "verfiy") == 2
    assert "verify" in capsys.readouterr().err


def test_the_overview_imports_nothing_heavy() -> None:
    code = f"""
import sys
from jobs.cli import main
sys.argv = ["scanledger", "--help"]
try:
    main()
except SystemExit:
    pass
assert not set({SLOW_TO_IMPORT}) & set(sys.modules), set({SLOW_TO_IMPORT}) & set(sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert all(verb in said.stdout for verb in cli.VERBS)


def test_what_a_client_remarks_is_not_said_to_people_unless_a_log_is_kept() -> None:
    code = """
import logging, sys
from jobs.cli import main
sys.argv = ["scanledger", "--version"]
try:
    main()
except SystemExit:
    pass
logging.getLogger("pipeline.broker").warning("GETPID: retrying")
logging.getLogger("clickhouse_connect.driver").warning("Unexpected Http Driver Exception")
logging.basicConfig(stream=sys.stderr)
logging.getLogger("pipeline.broker").warning("kept")
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stderr == "WARNING:pipeline.broker:kept\n"


@pytest.mark.parametrize("verb", list(cli.VERBS))
def test_every_verb_has_its_app(verb: str) -> None:
    app = importlib.import_module(cli.VERBS[verb].module).app
    assert isinstance(app, typer.Typer)
