"""API keys: shown once, hashed at rest, revoked for good, seen by other processes at once."""

import json
import stat
import threading
from pathlib import Path

import pytest

from jobs import cli
from pipeline.capture.http.keys import RIGHTS, ROLES, KeyRing
from pipeline.errors import FileUnreadable, FolderUnusable


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["scanledger", "keys", *words])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    return exited.value.code


def test_a_key_is_found_by_its_text_and_the_text_is_nowhere_on_disk(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    key, text = ring.create("till", "site", ["a", "b", "a"])
    assert KeyRing(tmp_path).find(text) == key
    assert key.sites == ("a", "b")
    secret = text.split("_", 2)[2]
    assert not any(secret in file.read_text() for file in tmp_path.iterdir())
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_what_another_process_made_or_revoked_counts_at_once(tmp_path: Path) -> None:
    here, there = KeyRing(tmp_path), KeyRing(tmp_path)
    assert there.all() == []
    key, text = here.create("till", "analyst", None)
    assert there.find(text) == key
    assert here.revoke(key.id)
    assert there.find(text) is None
    assert there.all()[0].revoked_ms


def test_a_key_once_revoked_keeps_the_moment(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    key, _ = ring.create("till", "admin", None)
    first, second = ring.revoke(key.id), ring.revoke(key.id)
    assert first == second
    assert ring.revoke("nobody") is None


def test_keys_made_at_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    makers = [threading.Thread(target=KeyRing(tmp_path).create, args=(f"k{n}", "admin", None)) for n in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert {key.name for key in KeyRing(tmp_path).all()} == {f"k{n}" for n in range(8)}


def test_every_role_has_its_rights() -> None:
    assert set(RIGHTS) == set(ROLES)
    assert RIGHTS["admin"] == RIGHTS["site"] | RIGHTS["analyst"]


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"keys": [{"id": 1}]}')
    with pytest.raises(FileUnreadable, match="no list of keys"):
        KeyRing(tmp_path).all()


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match="SCANLEDGER_HOME"):
        KeyRing(tmp_path / "file" / "home").create("k", "admin", None)


def test_the_verb_makes_lists_and_revokes_keys(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SCANLEDGER_HOME", str(tmp_path))
    assert run(monkeypatch, "create", "till", "--site", "a", "--site", "b", "--json") == 0
    (made,) = json.loads(capsys.readouterr().out)
    assert KeyRing(tmp_path).find(made["key"])
    assert run(monkeypatch, "create", "hand-held", "--all-sites") == 0
    assert "shown this once" in capsys.readouterr().err
    assert run(monkeypatch, "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["sites"]) for row in listed] == [("till", "a, b"), ("hand-held", "all")]
    assert not any("key" in row for row in listed)
    assert run(monkeypatch, "revoke", made["id"]) == 0
    assert run(monkeypatch, "revoke", "nobody") == 1
    assert KeyRing(tmp_path).find(made["key"]) is None


@pytest.mark.parametrize(
    "words",
    [
        ("create", "k"),
        ("create", "k", "--site", "a", "--all-sites"),
        ("create", "k", "--role", "analyst", "--site", "a"),
        ("create", "k", "--role", "king"),
        ("create", "k", "--site", "x" * 129),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SCANLEDGER_HOME", str(tmp_path))
    assert run(monkeypatch, *words) == 2
    assert KeyRing(tmp_path).all() == []
