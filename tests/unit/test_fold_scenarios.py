import pytest

from tests.oracle.scenario import Scenario, ordinal_of
from tests.oracle.scenarios import SCENARIOS
from tests.oracle.told import told_of, told_of_alerts, told_of_revisions, told_of_unit
from tests.unit.folding import fold

_CONTRACT = ("MISKEYED", "MISROUTED", "BAD_IDENTIFIER", "BAD_ORIGIN", "FUTURE_TIME", "BAD_TIME")


def _is_broken(expect: str) -> bool:
    return expect.split()[1:2] != [] and expect.split()[1] in _CONTRACT


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("is_cut", [False, True], ids=["one batch", "a batch each"])
def test_the_fold_tells_what_each_scenario_says(scenario: Scenario, is_cut: bool) -> None:
    expected = {ordinal_of(f"s{at}"): line.expect for at, line in enumerate(scenario.lines, start=1)}
    kept = {ordinal: expect for ordinal, expect in expected.items() if not _is_broken(expect)}
    folding = fold(scenario.arrivals, lambda _: is_cut, reaches_fold=kept.__contains__)
    acts = {ordinal: {"result": result, "reason": reason} for ordinal, (result, reason) in folding.acts.items()}
    told = folding.decisions | acts
    assert {ordinal: told_of(told[ordinal], expect) for ordinal, expect in kept.items()} == kept
    assert told_of_revisions(folding.revisions) == list(scenario.revisions)
    assert told_of_alerts(folding.alerts) == list(scenario.alerts)
    if scenario.unit is not None and "open_alerts" not in scenario.unit:
        assert told_of_unit(folding.units(), scenario) == scenario.unit
