"""Exact Poisson limits against published tables and the drive sample."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, poisson

from analytics.statistics.poisson import failures_per_unit_year, poisson_limits

EXPECTED = Path(__file__).parents[3] / "shared/data/drives-sample.expected.csv"


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0.0, 3.689),
        (1, 0.0253, 5.572),
        (2, 0.242, 7.225),
        (10, 4.795, 18.39),
        (20, 12.22, 30.89),
        (100, 81.36, 121.63),
    ],
)
def test_limits_are_those_of_the_published_table(count: int, low: float, high: float) -> None:
    got_low, got_high = poisson_limits(count)
    assert float(got_low) == pytest.approx(low, rel=1e-3)
    assert float(got_high) == pytest.approx(high, rel=1e-3)


@settings(deadline=None)
@given(st.integers(1, 5000), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_limits_are_half_the_chi_square_quantiles_and_invert_the_poisson_tails(count: int, confidence: float) -> None:
    low, high = poisson_limits(count, confidence)
    tail = (1 - confidence) / 2
    assert float(low) == pytest.approx(chi2.ppf(tail, 2 * count) / 2, rel=1e-9)
    assert float(high) == pytest.approx(chi2.ppf(1 - tail, 2 * count + 2) / 2, rel=1e-9)
    assert poisson.sf(count - 1, float(low)) == pytest.approx(tail, rel=1e-6)
    assert poisson.cdf(count, float(high)) == pytest.approx(tail, rel=1e-6)


@pytest.mark.skipif(not EXPECTED.exists(), reason="the drive sample is not beside this repository")
def test_the_drive_sample_has_the_published_rates_and_limits() -> None:
    with EXPECTED.open() as file:
        rows = list(csv.DictReader(file))
    rate = failures_per_unit_year([int(row["failures"]) for row in rows], [int(row["drive_days"]) for row in rows])
    for column, values in (("afr_pct", rate.value), ("ci95_low_pct", rate.low), ("ci95_high_pct", rate.high)):
        assert [round(100 * value, 4) for value in values.tolist()] == [float(row[column]) for row in rows]


def test_no_exposure_has_no_rate() -> None:
    assert all(np.isnan(float(value)) for value in failures_per_unit_year(0, 0))


@pytest.mark.parametrize(("count", "confidence"), [(-1, 0.95), (1, 0.0), (1, 1.0)])
def test_what_makes_no_sense_is_refused(count: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        poisson_limits(count, confidence)
