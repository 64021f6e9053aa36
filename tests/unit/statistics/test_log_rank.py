"""The log-rank test: a published one, lifelines, and the definition where units enter late."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lifelines.statistics import multivariate_logrank_test
from scipy.stats import chi2

from analytics.statistics.age_table import age_table
from analytics.statistics.log_rank import log_rank
from tests.unit.statistics import published
from tests.unit.statistics.fleets import Life, at_risk, died, repeated, some_lives, table_of


def test_the_leukaemia_trial_has_the_published_test() -> None:
    groups = (published.censored(text) for text in (published.MERCAPTOPURINE, published.PLACEBO))
    test = log_rank([age_table(np.zeros(21), times, events) for times, events in groups])
    assert test.chi2 == pytest.approx(published.LOG_RANK["chi2"], abs=0.005)
    assert test.expected == pytest.approx(published.LOG_RANK["expected"], abs=0.005)
    assert tuple(test.observed) == published.LOG_RANK["observed"]
    assert test.df == 1
    assert test.p == pytest.approx(chi2.sf(test.chi2, 1))


@given(st.lists(some_lives(), min_size=2, max_size=4))
def test_without_entries_it_is_that_of_lifelines(groups: list[list[Life]]) -> None:
    whole = [[life._replace(entry=0.0) for life in group] for group in groups]
    ours = log_rank([table_of(group) for group in whole])
    assume(ours.df == len(groups) - 1)  # lifelines inverts the whole matrix
    names = [place for place, group in enumerate(whole) for _ in group]
    lives = [life for group in whole for life in group]
    theirs = multivariate_logrank_test([life.time for life in lives], names, [life.event for life in lives])
    assert ours.chi2 == pytest.approx(theirs.test_statistic, rel=1e-7, abs=1e-9)
    assert ours.p == pytest.approx(theirs.p_value, rel=1e-7, abs=1e-9)


@given(st.lists(some_lives(weight=3), min_size=2, max_size=3))
def test_with_late_entry_it_is_the_definition(groups: list[list[Life]]) -> None:
    test = log_rank([table_of(group) for group in groups])
    everyone = [life for group in groups for life in group]
    expected, covariance = np.zeros(len(groups)), np.zeros((len(groups), len(groups)))
    for time in sorted({life.time for life in everyone if life.event}):
        total, deaths = at_risk(everyone, time), died(everyone, time)
        share = np.array([at_risk(group, time) for group in groups]) / total
        expected += deaths * share
        if total > 1:
            spread = deaths * (total - deaths) / (total - 1)
            covariance += spread * (np.diag(share) - np.outer(share, share))
    assert test.expected == pytest.approx(expected, abs=1e-10)
    apart = np.array([sum(life.weight for life in group if life.event) for group in groups]) - expected
    if test.df:
        assert test.chi2 == pytest.approx(float(apart @ np.linalg.pinv(covariance, rcond=1e-9) @ apart), abs=1e-6)
    else:
        assert np.isnan(test.chi2) and np.isnan(test.p)


@given(st.lists(some_lives(weight=4), min_size=2, max_size=3))
def test_a_weight_is_exactly_as_many_rows(groups: list[list[Life]]) -> None:
    heavy, long = (log_rank([table_of(group) for group in each]) for each in (groups, [*map(repeated, groups)]))
    assert heavy.chi2 == long.chi2 or np.isnan(heavy.chi2)
    assert np.array_equal(heavy.expected, long.expected)


def test_groups_never_at_risk_together_cannot_be_compared() -> None:
    early, late = [Life(2, 1), Life(3, 1)], [Life(9, 1, entry=5), Life(10, 1, entry=5)]
    test = log_rank([table_of(early), table_of(late)])
    assert test.df == 0
    assert np.isnan(test.p)
