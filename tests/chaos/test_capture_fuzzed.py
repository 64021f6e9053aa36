"""100,000 spoiled requests: none raises, none is a scan that the worker could not read."""

import random

import pytest

from tests.chaos.figures import told
from tests.unit.http.test_fuzz import survives

REQUESTS = 100_000


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_spoiled_requests_are_taken_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(20_261_126)  # noqa: S311  no secret
    with told(capsys) as figures:
        for _ in range(REQUESTS):
            survives(chance)
        figures.tell(f"{REQUESTS:,} spoiled requests")
