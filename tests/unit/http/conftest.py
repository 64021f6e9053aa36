from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.http_house import Opened, opened


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Opened]:
    with opened(tmp_path) as house:
        yield house


@pytest.fixture
def site(house: Opened) -> TestClient:
    """Returns a client of one site."""
    return house.client()
