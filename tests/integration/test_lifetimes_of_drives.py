"""Real drives: the ledger's curves are lifelines' own on the sample's rows, and what the same rows say as a table."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lifelines import KaplanMeierFitter, NelsonAalenFitter, WeibullFitter
from typer.testing import CliRunner

from analytics.ledger_answers import Statistic, Wanted, ledger_answer
from analytics.lifetimes import Asked, Origin
from analytics.rates import Exposure, Group
from jobs import statistics
from pipeline.warehouse.client import Warehouse
from tests.integration.test_rates_of_drives import SAMPLE, read, verdicts_of
from tests.ledger_rows import LedgerRows

ASKED = Asked((), Origin.FIRST_SEEN, Exposure.OBSERVED)
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="the drive sample is not beside this repository")


def life_of(drive: dict[str, str]) -> tuple[int, int]:
    """Return days from first seen to failed, else to last seen, both counted, and whether it failed."""
    first, last = date.fromisoformat(drive["min_date"]), date.fromisoformat(drive["first_fail"] or drive["max_date"])
    return (last - first).days + 1, int(bool(drive["first_fail"]))


@pytest.fixture
def drives(warehouse: Warehouse) -> Warehouse:
    """Returns a warehouse with the sample's verdicts."""
    ledger = LedgerRows(warehouse)
    ledger.insert("unit_events", *(row for drive in read("drives-sample.csv") for row in verdicts_of(ledger, drive)))
    return warehouse


def answer_of_table(folder: Path, kind: str, *options: str) -> Any:  # noqa: ANN401  JSON
    """Return what the verb `statistics` says of the same drives as a table."""
    rows = [f"{drive['model']},{drive['serial_number']},{time},{event}" for drive in read("drives-sample.csv")
            for time, event in [life_of(drive)]]  # fmt: skip
    file = folder / "drives.csv"
    file.write_text("\n".join(["model,serial,time,failed", *rows]), encoding="utf-8")
    words = [kind, str(file), "--time", "time", "--event", "failed", *options, "--json"]
    return json.loads(CliRunner().invoke(statistics.app, words).stdout)


def test_survival_hazard_and_weibull_are_those_of_lifelines(drives: Warehouse) -> None:
    time, event = zip(*map(life_of, read("drives-sample.csv")), strict=True)
    survival = ledger_answer(drives, ASKED, Wanted(Statistic.SURVIVAL))
    assert (survival["n"], survival["events"], survival["excluded"]["unknown_age"]) == (3252, 39, 0)
    times = [point["time"] for point in survival["points"]]
    assert times == sorted(set(time))
    fitter = KaplanMeierFitter().fit(time, event)
    theirs = fitter.survival_function_at_times(times).to_numpy()
    assert np.allclose([point["survival"] for point in survival["points"]], theirs, rtol=0, atol=1e-9)
    limits = fitter.confidence_interval_.loc[times].to_numpy()
    ours = np.array([[point["low"] or 1.0, point["high"] or 1.0] for point in survival["points"]])
    assert np.allclose(ours, limits, rtol=0, atol=1e-9)
    hazard = ledger_answer(drives, ASKED, Wanted(Statistic.HAZARD))["points"]
    theirs = (
        NelsonAalenFitter(nelson_aalen_smoothing=False).fit(time, event).cumulative_hazard_at_times(times).to_numpy()
    )
    assert np.allclose([point["cumulative_hazard"] for point in hazard], theirs, rtol=0, atol=1e-9)
    fit = ledger_answer(drives, ASKED, Wanted(Statistic.WEIBULL))["fits"][0]
    weibull = WeibullFitter().fit(time, event)
    assert fit["shape"] == pytest.approx(weibull.rho_, rel=1e-4)
    assert fit["scale"] == pytest.approx(weibull.lambda_, rel=1e-3)


@pytest.mark.parametrize("statistic", [Statistic.SURVIVAL, Statistic.HAZARD, Statistic.WEIBULL, Statistic.LOGRANK])
def test_the_ledger_says_what_the_same_rows_say_as_a_table(
    drives: Warehouse, statistic: Statistic, tmp_path: Path
) -> None:
    ours = ledger_answer(drives, ASKED._replace(by=(Group.ITEM,)), Wanted(statistic))
    theirs = answer_of_table(tmp_path, statistic, "--group", "model")
    for rows in ("points", "fits", "groups"):
        found = json.loads(json.dumps(ours.get(rows, [])).replace("asset:BACKBLAZE/", ""))
        assert found == theirs.get(rows, [])
    assert ours.get("chi2") == theirs.get("chi2")


def test_each_drive_s_failure_is_counted_once_in_the_mean_cumulative_function(drives: Warehouse) -> None:
    found = ledger_answer(drives, ASKED, Wanted(Statistic.MCF))
    assert (found["n"], found["events"]) == (3252, 39)
    assert found["points"][-1]["mcf"] > 0


def test_the_answer_names_the_end_of_the_data_and_not_the_clock(drives: Warehouse) -> None:
    found = ledger_answer(drives, ASKED, Wanted(Statistic.SURVIVAL))
    assert found["data_end"] == "2013-12-31T00:00:00.000+00:00"
    assert list(found)[:6] == ["kind", "level", "method", "n", "events", "excluded"]
