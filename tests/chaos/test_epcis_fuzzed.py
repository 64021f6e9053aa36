"""EPCIS documents spoiled in great numbers: none raises, and each is judged as the standard's schema judges it."""

import pytest

from tests.chaos.figures import told
from tests.unit.epcis.mutations import chance_of, mutated
from tests.unit.epcis.test_judge import ROOTS, faults_of, the_schema
from tests.unit.epcis.test_reading import spoil_many


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_spoiled_documents_never_raise(capsys: pytest.CaptureFixture[str]) -> None:
    with told(capsys) as figures:
        bytewise, partwise = spoil_many(50_000, "many")
        figures.tell("100,000 spoiled EPCIS documents")
    assert bytewise > 1_000
    assert partwise > 10_000


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_forty_thousand_documents_made_wrong_are_judged_as_the_schema_judges_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = chance_of("many")
    with told(capsys) as figures:
        for _ in range(40_000):
            document = mutated(chance.choice(ROOTS), chance)
            assert (not faults_of(document)) == the_schema().is_valid(document), document
        figures.tell("40,000 EPCIS documents made wrong, judged twice,")
