"""Alerts, routes and an outbox for tests, and what is sent from it by a clock of one's own."""

from pathlib import Path
from typing import Any

from pipeline.notify.book import Book
from pipeline.notify.deliveries import Delivery
from pipeline.notify.event import change_of
from pipeline.notify.outbox import Outbox
from pipeline.notify.routes import Routes, read_routes
from pipeline.notify.trying import Answer, judge

NOON = 1_764_072_000_000
"""2025-11-25 12:00 UTC."""
MINUTE = 60_000
SECRET = "a secret of sixteen and more"  # noqa: S105
_EVENTS = {"OPENED": "OPEN", "REOPENED": "OPEN", "ACKNOWLEDGED": "ACKNOWLEDGED", "CLOSED": "CLOSED",
           "RETRACTED": "RETRACTED"}  # fmt: skip


def a_record(event: str = "OPENED", **fields: Any) -> dict[str, Any]:  # noqa: ANN401  as records have them
    """Returns a decoded record of `alerts`."""
    plain = {
        "partition": 0, "ordinal": 1, "n": 0, "id": "a" * 32, "subject": "unit:gtin:09506000134352/ABC123",
        "kind": "SEEN_AFTER_END", "opening": 1, "status": _EVENTS[event], "event": event, "count": 1, "site": "munich",
        "event_time": NOON - 1_000, "received_at": NOON, "author": "", "reason": "", "sequence": 3,
        "reference_version": 1,
    }  # fmt: skip
    by_person = {"site": "", "event_time": None, "author": "ada"} if event in ("ACKNOWLEDGED", "CLOSED") else {}
    return plain | by_person | fields


def some_routes(*routes: dict[str, Any], **more: Any) -> Routes:  # noqa: ANN401  as records have them
    """Returns routes to recipients of the names they use."""
    given = routes or ({},)
    named = [{"name": f"route-{n}", "to": ["duty"]} | route for n, route in enumerate(given, 1)]
    names = {name for route in named for name in [*route["to"], *route.get("escalate", {}).get("to", [])]}
    recipients = {name: {"webhook": f"http://127.0.0.1:9/{name}", "secret": SECRET} for name in names}
    return read_routes({"recipients": recipients, "routes": named, **more})


class Told:
    """A book whose receivers answer at once, and what they got: (event, recipient)."""

    def __init__(self, folder: Path, routes: Routes) -> None:
        self.outbox = Outbox(folder)
        self.book, self.routes = Book(self.outbox, routes), routes
        self.got: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.bodies: list[str] = []

    def take(self, event: str = "OPENED", at: int = NOON, *, is_told: bool = True, **fields: Any) -> int:  # noqa: ANN401  as records have them
        record = a_record(event, **({"received_at": at} | fields))
        with self.outbox.transaction():
            known = self.outbox.known(record["id"])
            return self.book.take(change_of(record, known.site if known else ""), at, is_told=is_told)

    def wait(self, until: int, answer: Answer | None = None) -> list[tuple[str, str]]:
        """Sends what is due by then; returns what was sent, whatever was answered."""
        sent: list[Delivery] = []
        with self.outbox.transaction():
            self.book.escalate(until)
            self.book.sum_up(until)
        for recipient in sorted(self.routes.recipients):
            while due := self.book.deliveries.due(recipient, until, 4):
                with self.outbox.transaction():
                    self.book.begin(due, until)
                for delivery in due:
                    with self.outbox.transaction():
                        self.book.settle(delivery, answer or judge(204), until)
                sent += due
        self.got += [(one.event, one.recipient) for one in sent]
        self.ids += [one.id for one in sent]
        self.bodies += [one.body for one in sent]
        return [(one.event, one.recipient) for one in sent]

    def states(self) -> list[tuple[str, str]]:
        """Returns event and state of every delivery, in their order."""
        rows = self.outbox.connection.execute("SELECT event, state FROM deliveries ORDER BY seq").fetchall()
        return [(row["event"], row["state"]) for row in rows]
