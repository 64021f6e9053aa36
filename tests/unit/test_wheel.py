"""What a wheel carries: the contracts and the SQL, which are no Python and easily forgotten."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (wheel,) = folder.glob("scanledger-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_a_wheel_carries_every_contract(carried: set[str]) -> None:
    files = (file for file in (ROOT / "schemas").rglob("*") if file.is_file())
    expected = {f"pipeline/wire/contracts/{file.relative_to(ROOT / 'schemas').as_posix()}" for file in files}
    assert len(expected) > 10
    assert expected <= carried


def test_a_wheel_carries_the_sql(carried: set[str]) -> None:
    expected = {file.relative_to(ROOT).as_posix() for file in (ROOT / "analytics").rglob("*.sql")}
    assert len(expected) > 10
    assert expected <= carried


def test_a_wheel_carries_the_consoles_pages_and_files(carried: set[str]) -> None:
    folders = (ROOT / "analytics" / "console" / name for name in ("templates", "static"))
    expected = {file.relative_to(ROOT).as_posix() for folder in folders for file in folder.iterdir()}
    assert len(expected) > 10
    assert expected <= carried


def test_a_wheel_carries_the_command_and_the_licence_but_no_tests(carried: set[str]) -> None:
    assert "jobs/cli.py" in carried
    assert any(name.endswith("licenses/LICENSE") for name in carried)
    assert not any(name.startswith(("tests/", "bench/")) for name in carried)
