import pytest

from tests.oracle.arrivals import play
from tests.oracle.scenario import Scenario, ordinal_of
from tests.oracle.scenarios import SCENARIOS
from tests.oracle.told import told_of, told_of_alerts, told_of_revisions, told_of_unit


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_oracle_tells_what_each_scenario_says(scenario: Scenario) -> None:
    oracle = play(scenario.arrivals, scenario.partitions, scenario.partition)
    told = oracle.decisions | oracle.acts
    expected = [line.expect for line in scenario.lines]
    lines = [told_of(told[ordinal_of(f"s{at}")], expect) for at, expect in enumerate(expected, start=1)]
    assert lines == expected
    assert told_of_revisions(oracle.revisions) == list(scenario.revisions)
    assert told_of_alerts(oracle.alerts) == list(scenario.alerts)
    assert told_of_unit(oracle.units, scenario) == scenario.unit


def test_no_two_scenarios_share_a_name() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
