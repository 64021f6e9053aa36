"""A console without anything behind it: questions are answered from a table, acts are kept in a list."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from starlette.testclient import TestClient

from analytics.console.access import COOKIE
from analytics.console.app import build_app
from analytics.console.asking import Asking
from analytics.console.desk import Desk
from analytics.console.users import Role, UserBook
from jobs.console_keys import HouseKeys
from pipeline.errors import ScanledgerError, WarehouseDown
from pipeline.warehouse.client import Warehouse

URL = "http://127.0.0.1:8010"
NOW = 1_793_611_800.0
T = TypeVar("T")
Row = dict[str, Any]


class Told(Asking):
    """Questions answered from a table by their names; one that is not there has no rows."""

    def __init__(self) -> None:
        super().__init__(_nobody)
        self.rows: dict[str, list[Row]] = {}
        self.asked: list[tuple[str, Row]] = []

    async def ask(self, name: str, **parameters: Any) -> list[Row]:  # noqa: ANN401
        self.asked.append((name, parameters))
        return self.rows.get(name, [])


class KeptActs:
    """Acts kept in a list; each comes to `result`, or to what `results` says of the alert."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[str], str, dict[str, str]]] = []
        self.result, self.results = "APPLIED", dict[str, str]()
        self.fault: ScanledgerError | None = None

    def on_alerts(self, act: str, ids: Sequence[str], author: str, more: dict[str, str]) -> list[Row]:
        if self.fault is not None:
            raise self.fault
        self.sent.append((act, list(ids), author, more))
        told = {"reason": "", "partition": 0, "ordinal": 1}
        return [told | {"id": one, "result": self.results.get(one, self.result)} for one in ids]


class NoLog:
    """A log that ends at nothing."""

    def ends(self) -> dict[int, int]:
        return {}


class Office:
    """A desk with everything a test looks at."""

    def __init__(self, home: Path, url: str = URL) -> None:
        self.now = NOW
        self.users = UserBook(home, lambda: self.now)
        self.keys, self.acts, self.told = HouseKeys(home), KeptActs(), Told()
        self.desk = Desk(self.told, self.users, self.keys, self.acts, NoLog(), url, clock=lambda: self.now)
        self.app = build_app(self.desk)

    def client(self, role: Role | None = None, **headers: str) -> TestClient:
        """Return a browser, of somebody of a role who is signed in, or of nobody."""
        named = {"Origin": self.desk.url, **headers}
        client = TestClient(
            self.app, base_url=self.desk.url, headers=named, follow_redirects=False, raise_server_exceptions=False
        )
        if role is not None:
            client.cookies.set(COOKIE, self.session(role))
        return client

    def session(self, role: Role) -> str:
        self.users.keep("Ada", "admin")  # there is always one
        name = {"admin": "Ada", "operator": "Otto", "analyst": "Ann"}[role]
        self.users.keep(name, role)
        session = self.users.sign_in(self.users.link(name))
        assert session is not None
        return session

    def csrf(self, client: TestClient) -> str:
        visitor = self.users.visitor(client.cookies[COOKIE])
        assert visitor is not None
        return visitor.csrf


def _nobody() -> Warehouse:
    message = "ClickHouse does not answer. Start it (`scanledger up` starts a local one)."
    raise WarehouseDown(message)


@contextmanager
def office(home: Path, url: str = URL) -> Iterator[Office]:
    """Open a desk for the length of the block."""
    opened = Office(home, url)
    try:
        yield opened
    finally:
        opened.told.close()


def form(opened: Office, client: TestClient, **fields: str) -> dict[str, str]:
    """Return a form as a page of this session has it."""
    return {"csrf": opened.csrf(client), **fields}


Ask = Callable[[TestClient], Any]
