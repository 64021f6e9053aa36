"""Real drives and simulated units through the whole ledger: the known rates come out, and each planted anomaly."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.simulate.score import score_alerts, score_reasons
from pipeline.simulate.truth import read_truth

_HERE = Path(__file__).parent
_SAMPLE = _HERE.parents[2] / "shared" / "data"
_SECONDS = 240
_SENT_TWICE = 0.05
_UNITS_SEEN_AFTER_FAILURE = 4
_RACKS = [f"rack-{n}" for n in range(1, 6)]

pytestmark = pytest.mark.skipif(not _SAMPLE.is_dir(), reason="the sample of drives is not there")

Scanledger = Callable[..., str]


@pytest.fixture(scope="module")
def scanledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanledger]:
    """Returns the command line of a stack of its own, with racks and the lifecycle of drives loaded."""
    folder = tmp_path_factory.mktemp("drives")
    own = {name: value for name, value in os.environ.items() if name not in {"KAFKA_BOOTSTRAP", "CLICKHOUSE_URL"}}
    environment = {**own, "SCANLEDGER_HOME": str(folder / "home")}

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "jobs", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr[-3000:]}"
        return done.stdout

    try:
        run("up", "--workers", "1", "--no-findings")  # years of old times: overdue at once
        run("sites", "load", str(_site_table(folder)))
        run("lifecycle", "load", "asset", "--applies-to", "sku:BACKBLAZE/")
        yield run
    finally:
        subprocess.run([sys.executable, "-m", "jobs", "down"], env=environment, check=False, timeout=_SECONDS)


def _site_table(folder: Path) -> Path:
    file = folder / "sites.csv"
    file.write_text("name,latitude,longitude,kind\n" + "".join(f"{rack},37.77,-122.42,rack\n" for rack in _RACKS))
    return file


@pytest.fixture(scope="module")
def imported(scanledger: Scanledger, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Returns the summary of importing the drives' rows, shuffled, some of them twice."""
    rows = pl.read_csv(_SAMPLE / "drives-sample.csv", infer_schema=False)
    again = rows.sample(fraction=_SENT_TWICE, seed=7)
    file = tmp_path_factory.mktemp("rows") / "drives.csv"
    pl.concat([rows, again]).sample(fraction=1, shuffle=True, seed=8).write_csv(file)
    words = ("import", str(file), "--mapping", str(_HERE / "drives.toml"), "--wait", "--json")
    (summary,) = json.loads(scanledger(*words))
    return dict(summary)


@pytest.mark.usefixtures("imported")
def test_the_failure_rates_of_real_drives_are_exactly_the_known_ones(scanledger: Scanledger) -> None:
    told = json.loads(scanledger("rates", "failure", "--by", "item", "--exposure", "observed", "--json"))
    with (_SAMPLE / "drives-sample.expected.csv").open(newline="") as lines:
        expected = [
            {
                "item": f"sku:BACKBLAZE/{row['model']}",
                "units": int(row["drives"]),
                "unit_days": int(row["drive_days"]),
                "failures": int(row["failures"]),
                "afr_percent": float(row["afr_pct"]),
                "afr_low": float(row["ci95_low_pct"]),
                "afr_high": float(row["ci95_high_pct"]),
            }
            for row in csv.DictReader(lines)
        ]
    by_item = {row["item"]: row for row in told if row["item"].startswith("sku:BACKBLAZE/")}
    assert by_item == {row["item"]: row for row in expected}


@pytest.mark.usefixtures("imported")
def test_each_drive_seen_after_its_failure_raises_one_alert(scanledger: Scanledger) -> None:
    alerts = [alert for alert in _alerts(scanledger) if alert["unit_key"].startswith("sku:BACKBLAZE/")]
    assert [alert["kind"] for alert in alerts] == ["SEEN_AFTER_END"] * _UNITS_SEEN_AFTER_FAILURE
    assert len({alert["unit_key"] for alert in alerts}) == _UNITS_SEEN_AFTER_FAILURE


def _alerts(scanledger: Scanledger) -> list[dict[str, Any]]:
    return list(json.loads(scanledger("alerts", "list", "--json")))


def test_every_planted_anomaly_is_found_and_nothing_else_is(scanledger: Scanledger, tmp_path: Path) -> None:
    words = ("simulate", "--scans", "12000", "--seed", "21", "--anomalies", "0.06", "--out", str(tmp_path))
    scanledger(*words, "--no-send")
    scanledger("sites", "load", str(tmp_path / "sites.csv"))
    (summary,) = json.loads(scanledger(*words, "--wait", "--json"))
    truths = read_truth(tmp_path / "truth.csv")

    found = (
        "SELECT scan_id, toString(reason) AS reason FROM v_unit_events"
        " WHERE reason != 'NONE' AND source IN ('simulator', 'warehouse-system')"
    )
    rows = json.loads(scanledger("query", found, "--json"))
    reasons = score_reasons(truths, [(row["scan_id"], row["reason"]) for row in rows])
    of_items = [alert for alert in _alerts(scanledger) if not alert["unit_key"].startswith("sku:BACKBLAZE/")]
    alerts = score_alerts(truths, [(alert["unit_key"], alert["kind"]) for alert in of_items])

    assert summary["scans"] == 12_000
    assert {score.kind: (score.recall, score.precision) for score in (*reasons, *alerts)} == {
        truth.reason: (1.0, 1.0) for truth in truths if truth.reason != "NONE"
    }
    assert {score.kind for score in alerts} == {truth.alert for truth in truths if truth.alert}


def test_all_rows_were_sent_and_none_was_rejected(imported: dict[str, Any]) -> None:
    assert (imported["rows"], imported["rejected"], imported["sent"]) == (3252 + 162, 0, True)
