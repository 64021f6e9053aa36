"""The console on a port of its own in this process, over a folded ledger; acts go through the real fold."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from analytics.console.alert_acts import known_by
from analytics.console.app import build_app
from analytics.console.asking import Asking
from analytics.console.desk import Desk
from analytics.console.outside import ProofState
from analytics.console.redrive import original_of, subject_of
from analytics.console.users import Role, UserBook
from analytics.questions import ask
from analytics.recall.asked import Asked
from analytics.recall.recalls import Act, begin, end
from jobs.alert_acts import record_of
from jobs.console_keys import HouseKeys
from jobs.console_redrive import act_of, scan_of, send_instead
from pipeline.domain.unit_key import UnitKey
from pipeline.errors import ScanledgerError, WarehouseDown
from pipeline.warehouse.client import Warehouse
from tests.console.seeded import NOW
from tests.folded_ledger import FoldedLedger

_START_SECONDS = 20
T = TypeVar("T")
_NAMES: dict[Role, str] = {"analyst": "Ann", "operator": "Otto", "admin": "Ada"}


class FoldedActs:
    """Acts that the real fold answers at once; `fault` is raised instead where there is one."""

    def __init__(self, ledger: FoldedLedger) -> None:
        self._ledger, self._count = ledger, 0
        self.fault: ScanledgerError | None = None

    def on_alerts(self, act: str, ids: Sequence[str], author: str, more: dict[str, str]) -> list[dict[str, Any]]:
        if self.fault is not None:
            raise self.fault
        parameters: dict[str, Any] = {"ids": list(ids), "statuses": [], "kinds": [], "units": [], "most": len(ids)}
        return [self._act(act, alert, author, more) for alert in ask(self._ledger.warehouse, "alerts", **parameters)]

    def _act(self, act: str, alert: dict[str, Any], author: str, more: dict[str, str]) -> dict[str, Any]:
        self._count += 1
        record = record_of(act, alert, (author, more.get("reason", "")), more.get("to"), known_by(more))
        told = self._ledger.internal(record | {"sent_at": NOW}, NOW + self._count)
        return {"id": alert["id"]} | {name: told[name] for name in ("result", "reason", "partition", "ordinal")}


class FoldedRedrives:
    """Scans sent instead of dead letters, decided by the real fold at once."""

    def __init__(self, ledger: FoldedLedger) -> None:
        self._ledger = ledger

    def original(self, letter: dict[str, Any], fields: dict[str, Any], author: str) -> dict[str, Any]:
        return self._sent(letter, UnitKey(fields["item"], fields["serial"]), fields, author)

    def corrected(self, letter: dict[str, Any], form: Mapping[str, str], author: str) -> dict[str, Any]:
        return self._sent(letter, *scan_of(form, original_of(letter)), author)

    def _sent(self, letter: dict[str, Any], unit: UnitKey, fields: dict[str, Any], author: str) -> dict[str, Any]:
        sent = ask(self._ledger.warehouse, "redrives", subjects=[subject_of(letter)])
        verdict = send_instead(letter, unit, fields, sent, self._decided)
        self._ledger.internal(act_of(letter, verdict, author), NOW)
        return verdict

    def _decided(self, unit: UnitKey, fields: dict[str, Any]) -> dict[str, Any]:
        self._ledger.scan(fields, NOW)
        sql = """SELECT scan_id, if(item = '', serial, concat(item, '/', serial)) AS unit_key, outcome, reason
            FROM unit_events WHERE scan_id = {id:String} AND serial = {serial:String} ORDER BY ordinal DESC LIMIT 1"""
        named = {"id": fields["scan_id"], "serial": unit.serial}
        return dict(self._ledger.warehouse.query_frame(sql, named).row(0, named=True))


class FoldedRecalls:
    """Recalls whose acts the real fold notes at once."""

    def __init__(self, ledger: FoldedLedger) -> None:
        self._ledger = ledger

    def start(self, asked: Asked, reason: str, author: str, recall: str) -> str:
        act, _, _ = begin(self._ledger.warehouse, asked, reason, recall=recall)
        self._note("RECALL_START", act, author)
        return act.recall

    def close(self, recall: str, reason: str, author: str) -> None:
        act, _ = end(self._ledger.warehouse, recall, reason)
        self._note("RECALL_CLOSE", act, author)

    def epcis(self, recall: str) -> bytes:
        return json.dumps({"type": "EPCISDocument", "recall": recall}).encode()

    def _note(self, kind: str, act: Act, author: str) -> None:
        record = {"id": f"{kind}-{act.recall}", "kind": kind, "subject": f"recall:{act.recall}", "base": -1}
        record |= {"author": author, "sent_at": NOW, "content": json.dumps(act.content)}
        self._ledger.internal(record, NOW)


class TestProofs:
    """A proof that a test lets end."""

    __test__ = False

    def __init__(self) -> None:
        self.told = ProofState()

    def state(self) -> ProofState:
        return self.told

    def begin(self, author: str) -> None:
        self.told = ProofState(running=True, author=author, began_ms=NOW, said=("partition 1 of 4",))


class Console:
    """A console at work: its desk, its address, links to sign in."""

    def __init__(self, home: Path, ledger: FoldedLedger, port: int) -> None:
        self.url, self.ledger, self.home = f"http://127.0.0.1:{port}", ledger, home
        self.acts, self.is_down = FoldedActs(ledger), False
        self.users, self.proofs = UserBook(home), TestProofs()
        asking = AwayAsking(self)
        clock = lambda: NOW / 1000  # noqa: E731
        self.desk = Desk(
            asking,
            self.users,
            HouseKeys(home),
            self.acts,
            ledger,
            self.url,
            clock=clock,
            proofs=self.proofs,
            redrives=FoldedRedrives(ledger),
            recalls=FoldedRecalls(ledger),
        )
        self.app = build_app(self.desk)

    def link(self, role: Role = "admin", name: str = "") -> str:
        """Return a link that signs somebody of a role in."""
        user = self.users.keep(name or _NAMES[role], role)
        return f"{self.url}/sign-in?link={self.users.link(user.name)}"

    def session(self, role: Role = "admin", name: str = "") -> str:
        """Return the text of a session of somebody of a role."""
        session = self.users.sign_in(self.link(role, name).rpartition("=")[2])
        assert session is not None
        return session

    def take_away(self) -> None:
        """Let ClickHouse answer no more."""
        self.is_down = True

    def give_back(self) -> None:
        """Let ClickHouse answer again."""
        self.is_down = False


class AwayAsking(Asking):
    """Questions of a console's ledger; none is answered while it is down."""

    def __init__(self, console: Console) -> None:
        super().__init__(lambda: console.ledger.warehouse)
        self._console = console

    async def run(self, work: Callable[[Warehouse], T]) -> T:
        if self._console.is_down:
            message = "ClickHouse does not answer. Start it (`scanledger up` starts a local one)."
            raise WarehouseDown(message)
        return await super().run(work)


@contextmanager
def serving(home: Path, ledger: FoldedLedger) -> Iterator[Console]:
    """Serve a console for the length of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    console = Console(home, ledger, listener.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(console.app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield console
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        listener.close()
