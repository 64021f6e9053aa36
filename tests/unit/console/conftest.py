"""A desk of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.console.desks import Office, office


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as one:
        yield one
