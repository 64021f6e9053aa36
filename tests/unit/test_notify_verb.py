"""`scanledger notify`: where its links lead, and what it says where there is nothing to try again."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs import notify
from jobs.notify_at_work import routes_of
from pipeline.settings import load_settings

ROUTES = """
[recipients.duty]
webhook = "http://127.0.0.1:1/duty"
secret = "sixteen letters!"

[[routes]]
name = "all"
to = ["duty"]
"""
OWN = "http://127.0.0.1:30016"


def console_of(folder: Path, setting: str, told: str = "") -> str:
    """Returns what links begin with, by a routes file and the setting."""
    file = folder / "routes.toml"
    file.write_text(told + ROUTES)
    return routes_of(load_settings(home=folder, console_url=setting), file).console


def test_links_lead_to_the_console_of_the_settings_unless_the_file_names_one(tmp_path: Path) -> None:
    assert console_of(tmp_path, f"{OWN}/") == OWN
    assert console_of(tmp_path, OWN, 'console = "https://ledger.example"\n') == "https://ledger.example"
    assert console_of(tmp_path, "") == ""


@pytest.mark.parametrize(("words", "printed"), [([], ""), (["--json"], "[]")])
def test_where_nothing_has_failed_that_is_said_and_no_empty_table_shown(
    tmp_path: Path, words: list[str], printed: str
) -> None:
    result = CliRunner().invoke(notify.app, ["retry", "--all", *words], env={"SCANLEDGER_HOME": str(tmp_path)})
    assert (result.exit_code, result.stdout.strip()) == (0, printed)
    assert "Nothing has failed" in result.stderr
