"""simulate and import put their scans on a real broker: every scan once, where its key belongs."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from jobs import cli
from pipeline.broker.read import read_partition
from pipeline.domain.routing import partition_of
from pipeline.errors import BrokerUnreachable
from pipeline.settings import Settings, load_settings
from pipeline.simulate.truth import read_truth
from pipeline.wire.schemas import decode

_PARTITIONS = 3
_PATIENCE_SECONDS = 60.0
_DRIVES = Path(__file__).parent / "drives.toml"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> Settings:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", kafka_bootstrap)
    monkeypatch.setenv("SCANLEDGER_TOPIC_PREFIX", topic_prefix)
    monkeypatch.setenv("SCANLEDGER_PARTITIONS", str(_PARTITIONS))
    monkeypatch.setenv("SCANLEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "topics", "create") == 0
    settings, deadline = load_settings(), time.monotonic() + _PATIENCE_SECONDS
    while not _has_leaders(settings):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return settings


def _has_leaders(settings: Settings) -> bool:
    """Returns whether the new topics can be asked: for a moment after their creation nobody leads them."""
    try:
        on_the_log(settings)
    except BrokerUnreachable:
        return False
    return True


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["scanledger", *words])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    return exited.value.code


def on_the_log(settings: Settings) -> list[tuple[int, bytes, bytes]]:
    """Returns partition, key and value of every scan on the log."""
    return [
        (partition, record.key, record.value)
        for partition in range(_PARTITIONS)
        for record in read_partition(settings, "scans", partition, 0)
        if record.key is not None and record.value is not None
    ]


def test_a_simulation_is_on_the_log_with_its_truth_beside_and_only_the_misrouted_astray(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "simulate", "--scans", "3000", "--seed", "4", "--out", str(tmp_path / "out"), "--json") == 0

    told = capsys.readouterr()
    (summary,) = json.loads(told.out)
    assert "The ledger knows 0 sites, the simulation has 12" in told.err
    records = on_the_log(settings)
    truths = read_truth(tmp_path / "out" / "truth.csv")
    astray = {
        str(decode(value)[1]["scan_id"])
        for partition, key, value in records
        if partition != partition_of(key, _PARTITIONS)
    }
    assert (summary["scans"], len(records), summary["planted"]) == (3_000, 3_000, len(truths))
    assert astray == {truth.scan_id for truth in truths if truth.planted == "MISROUTED"}
    assert (tmp_path / "out" / "sites.csv").read_text().startswith("name,latitude,longitude,kind\n")


def test_the_scans_of_a_unit_stand_on_the_log_in_the_order_of_sending(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--anomalies", "0", "--units", "100", "--rate", "20000", "--live")
    assert run(monkeypatch, "simulate", *words) == 0
    latest: Counter[bytes] = Counter()
    for _, key, value in on_the_log(settings):
        captured = int(decode(value)[1]["capture_time"])
        assert captured >= latest[key]
        latest[key] = captured


def test_interrupted_it_ends_in_order_with_the_truth_of_what_was_sent(settings: Settings, tmp_path: Path) -> None:
    words = ("simulate", "--units", "900", "--rate", "500", "--out", str(tmp_path / "out"), "--json")
    command, pipe, deadline = (
        [sys.executable, "-m", "jobs", *words],
        subprocess.PIPE,
        time.monotonic() + _PATIENCE_SECONDS,
    )
    with subprocess.Popen(command, stdout=pipe, stderr=pipe) as process:
        try:
            while not on_the_log(settings):
                assert time.monotonic() < deadline
                time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            out, said = process.communicate(timeout=_PATIENCE_SECONDS)
        finally:
            process.kill()

    assert process.returncode == 0, said
    (summary,) = json.loads(out)
    assert 0 < summary["scans"] == len(on_the_log(settings)) < 9_000
    assert len(read_truth(tmp_path / "out" / "truth.csv")) == summary["planted"]


def test_imported_rows_are_on_the_log_and_a_dry_run_sends_none(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = ["serial_number,model,capacity_bytes,min_date,max_date,first_fail"]
    lines += [f"D{n},M{n % 3},,2013-01-0{n + 1},2013-02-01,{'2013-02-01' if n == 1 else ''}" for n in range(5)]
    (tmp_path / "rows.csv").write_text("\n".join([*lines, "D9,M0,,soon,2013-02-01,"]) + "\n")
    words = ("import", str(tmp_path / "rows.csv"), "--mapping", str(_DRIVES), "--json")

    assert run(monkeypatch, *words, "--dry-run") == 0
    (dry,) = json.loads(capsys.readouterr().out)
    assert run(monkeypatch, *words) == 0
    (sent,) = json.loads(capsys.readouterr().out)

    records = on_the_log(settings)
    told = ("rows", "scans", "rejected")
    assert [dry[name] for name in told] == [sent[name] for name in told] == [6, 11, 1]
    assert len(records) == 11  # those of the second run alone
    assert all(partition == partition_of(key, _PARTITIONS) for partition, key, _ in records)
    assert "is no time of COMMISSION" in (tmp_path / "rows.rejected.csv").read_text()


def test_a_mapping_that_names_a_missing_column_is_one_paragraph_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text("serial_number,type\nD1,M1\n")
    assert run(monkeypatch, "import", str(tmp_path / "rows.csv"), "--mapping", str(_DRIVES)) == 2
    assert "'model' (item)" in (said := capsys.readouterr().err)
    assert "It has: serial_number, type." in said
