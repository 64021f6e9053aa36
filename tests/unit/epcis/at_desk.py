"""The REST interface of EPCIS without Kafka and ClickHouse: lists for logs, a warehouse that answers as it is told."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from starlette.testclient import TestClient

from pipeline.capture.epcis import http as epcis
from pipeline.capture.epcis.captures import Captures
from pipeline.capture.epcis.desk import Desk
from pipeline.capture.epcis.site_codes import SiteCodes
from pipeline.capture.epcis.steps import Steps
from pipeline.capture.epcis.things import code_of
from pipeline.capture.http.app import build_app
from pipeline.capture.http.keys import Role
from pipeline.capture.http.room import Room
from pipeline.errors import WarehouseDown
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from tests.http_house import ListedLog, Opened, opened
from tests.unit.epcis.events import DOCK

OSLO = "shop-oslo"


class AskedLog(ListedLog):
    """A list that also says whether its broker is there."""

    def fault(self, seconds: float) -> str:
        return f"no broker within {seconds} s" if self.mood == "away" else ""


class ToldWarehouse:
    """Answers the rows it was told, in their order, one question after another."""

    def __init__(self) -> None:
        self.answers: list[Sequence[tuple[Any, ...]]] = []
        self.is_down = False

    def query_rows(self, _: str, parameters: object = None) -> Sequence[tuple[Any, ...]]:
        if self.is_down:
            raise WarehouseDown(str(parameters))
        return self.answers.pop(0) if self.answers else []


class DeskHouse:
    """A house with a desk in it, and everything a test looks at."""

    def __init__(self, house: Opened, home: Path) -> None:
        self.house = house
        self.events, self.findings, self.scans = AskedLog(), AskedLog(), AskedLog()
        self.warehouse, self.captures = ToldWarehouse(), Captures(home)
        self.pool = ThreadPoolExecutor(1)
        self.room = Room()
        self.app = build_app(house.house, epcis.router(house.house, self._desk()))

    def client(self, role: Role = "site", *sites: str) -> TestClient:
        """Return a client with a key of its own."""
        return TestClient(self.app, headers={"Authorization": f"Bearer {self.house.key(role, *sites)}"})

    def close(self) -> None:
        self.pool.shutdown()
        self.captures.close()

    def _desk(self) -> Desk:
        codes = SiteCodes(self._codes)
        return Desk(
            Settings(), self.captures, self.events, self.findings, self.scans,
            lambda: cast("Warehouse", self.warehouse), codes, Steps(), self.room, self.pool,
        )  # fmt: skip

    def _codes(self) -> dict[str, str]:
        if self.warehouse.is_down:
            raise WarehouseDown(OSLO)
        return {code_of(DOCK): OSLO}


@contextmanager
def a_desk(home: Path) -> Iterator[DeskHouse]:
    """Open a house with a desk for the length of the block."""
    with opened(home) as house:
        desk = DeskHouse(house, home)
        try:
            yield desk
        finally:
            desk.close()
