"""`scanledger console link`: whom it lets in, with which role, and what it says to nonsense."""

from pathlib import Path

import pytest
import typer

from analytics.console.users import UserBook
from jobs.cli import run_verb
from jobs.console_link import Role, address, sign_in_link
from pipeline.settings import Settings, load_settings

HERE = "http://127.0.0.1:8010/sign-in?link="


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path)


def roles(settings: Settings) -> dict[str, str]:
    return {user.name: user.role for user in UserBook(settings.home).users()}


def test_a_link_lets_in_once(settings: Settings) -> None:
    link = sign_in_link(settings, "ada")
    assert link.startswith(HERE)
    users = UserBook(settings.home)
    assert users.sign_in(link.removeprefix(HERE)) is not None
    assert users.sign_in(link.removeprefix(HERE)) is None


def test_who_is_new_is_admin_and_who_is_known_keeps_the_role(settings: Settings) -> None:
    sign_in_link(settings, "ada")
    sign_in_link(settings, "bo", Role.ANALYST)
    sign_in_link(settings, "bo")
    assert roles(settings) == {"ada": "admin", "bo": "analyst"}
    sign_in_link(settings, "bo", Role.OPERATOR)
    assert roles(settings)["bo"] == "operator"


def test_the_last_admin_is_not_made_less(settings: Settings) -> None:
    sign_in_link(settings, "ada")
    with pytest.raises(typer.BadParameter, match="last admin"):
        sign_in_link(settings, "ada", Role.ANALYST)
    assert roles(settings) == {"ada": "admin"}


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\tb"])
def test_a_name_that_cannot_be_told_is_refused(settings: Settings, name: str) -> None:
    with pytest.raises(typer.BadParameter, match="A name has"):
        sign_in_link(settings, name)
    assert roles(settings) == {}


def test_the_verb_prints_a_link_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCANLEDGER_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as exited:
        run_verb("console", ["link", "--user", "bo", "--role", "operator"])
    assert exited.value.code == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(HERE)
    assert roles(load_settings(home=tmp_path)) == {"bo": "operator"}


def test_it_is_found_where_the_settings_say(tmp_path: Path) -> None:
    assert address(load_settings(home=tmp_path, console_url="https://ledger.example/")) == "https://ledger.example"
    assert address(load_settings(home=tmp_path, console_host="::1", console_port=81)) == "http://[::1]:81"
