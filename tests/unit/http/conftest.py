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


@pytest.fixture(scope="module")
def house_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Returns a house that the examples of a property share."""
    with opened(tmp_path_factory.mktemp("home")) as house:
        yield house
