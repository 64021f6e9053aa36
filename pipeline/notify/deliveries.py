"""Deliveries in the outbox: what each waits for, and every change of it, kept until ClickHouse has it.

A delivery is PENDING (to be sent when it is due, or being sent), DEFERRED (by quiet hours, and between attempts after
them), HELD (too many at once: a summary will stand for it), WAITING (until what was to be told before is settled); then
DELIVERED, FAILED, CANCELLED or SUMMARISED.

What was CANCELLED after an attempt may have arrived all the same, unless that was refused for good: a receiver can act
and then answer 5xx, or too late.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from pipeline.notify.event import TELLINGS
from pipeline.notify.outbox import Outbox
from pipeline.notify.trying import AGAIN

State = Literal["PENDING", "DEFERRED", "HELD", "WAITING", "DELIVERED", "FAILED", "CANCELLED", "SUMMARISED"]
STATES: Final[tuple[State, ...]] = (
    "PENDING", "DEFERRED", "HELD", "WAITING", "DELIVERED", "FAILED", "CANCELLED", "SUMMARISED",
)  # fmt: skip
_UNSETTLED: Final = "('PENDING', 'DEFERRED', 'HELD', 'WAITING')"
_TELLINGS: Final = f"({', '.join(repr(event) for event in TELLINGS)})"
_REFUSED: Final = f"(code BETWEEN 300 AND 499 AND code NOT IN ({', '.join(str(int(code)) for code in sorted(AGAIN))}))"
_MAY_HAVE_ARRIVED: Final = (
    f"(state = 'DELIVERED' OR (state = 'CANCELLED' AND (attempts > 1 OR (attempts = 1 AND NOT {_REFUSED}))))"
)
_REPORTED: Final = (
    "id", "alert", "opening", "event", "kind", "severity", "subject", "site", "route", "recipient", "state", "attempts",
    "code", "detail",
)  # fmt: skip
NOTHING_ELSE: Final[Mapping[str, str | int]] = MappingProxyType({})


class Delivery(NamedTuple):
    """One thing to be told to one recipient."""

    id: str
    alert: str
    opening: int
    event: str
    kind: str
    severity: str
    subject: str
    site: str
    route: str
    recipient: str
    body: str
    received_ms: int
    """The broker's time of what caused it."""
    first_ms: int
    """When it is to be told at first."""
    state: State
    due_ms: int
    attempts: int = 0

    @property
    def way(self) -> tuple[str, str, str]:
        """Along which things are told in their order: alert, route, recipient."""
        return self.alert, self.route, self.recipient


class Group(NamedTuple):
    """Deliveries that one summary can stand for."""

    route: str
    recipient: str
    event: str
    kind: str
    site: str


class Deliveries:
    """The table of deliveries; every method is called within a transaction of the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._connection = outbox.connection

    def add(self, delivery: Delivery, now_ms: int) -> bool:
        """Put a delivery in, unless it is there; returns whether it was not."""
        fields = delivery._asdict()
        names, marks = ", ".join(fields), ", ".join(f":{name}" for name in fields)
        sql = f"INSERT OR IGNORE INTO deliveries ({names}, changed_ms) VALUES ({marks}, :now)"  # noqa: S608  our names
        if self._connection.execute(sql, fields | {"now": now_ms}).rowcount == 0:
            return False
        self._report([delivery.id], now_ms, "QUEUED" if delivery.state == "PENDING" else delivery.state)
        return True

    def change(
        self, ids: Sequence[str], state: State, now_ms: int, fields: Mapping[str, str | int] = NOTHING_ELSE,
        outcome: str = "",
    ) -> None:  # fmt: skip
        """Give deliveries a state, and other columns other values, on record; what came to pass is named as the state.

        Args:
            ids: the deliveries.
            state: theirs from now on.
            now_ms: the clock.
            fields: columns and values.
            outcome: what came to pass, where it is not named as the state.
        """
        values = {"state": state, "changed_ms": now_ms, **fields}
        sets = ", ".join(f"{name} = :{name}" for name in values)
        sql = f"UPDATE deliveries SET {sets} WHERE id = :id"  # noqa: S608  our names
        self._connection.executemany(sql, [values | {"id": one} for one in ids])
        self._report(ids, now_ms, outcome or state)

    def due(self, recipient: str, now_ms: int, most: int) -> list[Delivery]:
        """Return what is to be sent to a recipient now, what has been due longest first."""
        return self._select(
            "recipient = ? AND state IN ('PENDING', 'DEFERRED') AND due_ms <= ? ORDER BY due_ms, seq LIMIT ?",
            (recipient, now_ms, most),
        )

    def told(self, alert: str) -> list[tuple[str, str]]:
        """Return route and recipient of whoever was told of an alert, or will be, or would have been."""
        sql = (
            "SELECT DISTINCT route, recipient FROM deliveries WHERE alert = ? AND event IN "  # noqa: S608  our names
            f"{_TELLINGS} AND (state IN ('PENDING', 'WAITING', 'FAILED') OR {_MAY_HAVE_ARRIVED}) ORDER BY seq"
        )
        return [(row["route"], row["recipient"]) for row in self._connection.execute(sql, (alert,)).fetchall()]

    def was_told(self, way: tuple[str, str, str]) -> bool:
        """Tell whether a recipient has got the news of an alert, or may have."""
        return bool(self._select(f"{_WAY} AND event IN {_TELLINGS} AND {_MAY_HAVE_ARRIVED} LIMIT 1", way))

    def is_under_way(self, way: tuple[str, str, str]) -> bool:
        """Tell whether something of an alert is to be told along a way before anything else is."""
        return bool(self._select(f"{_WAY} AND state IN ('PENDING', 'DEFERRED', 'HELD') LIMIT 1", way))

    def waiting(self, way: tuple[str, str, str]) -> list[Delivery]:
        """Return what waits for its predecessors, in order."""
        return self._select(f"{_WAY} AND state = 'WAITING' ORDER BY seq", way)

    def calmed(self, alert: str, now_ms: int) -> list[Delivery]:
        """Return what is put off of an alert: by quiet hours, or to be summed up; a summary is of other alerts too."""
        put_off = "(state IN ('DEFERRED', 'HELD') OR (state = 'WAITING' AND due_ms > ?))"
        return self._select(f"alert = ? AND event <> 'summary' AND {put_off}", (alert, now_ms))

    def told_singly(self, group: Group, after_ms: int, to_ms: int) -> int:
        """Return how many of a group are told one by one in a span of time, without its beginning, with its end."""
        sql = (
            f"SELECT count(*) FROM deliveries WHERE {_GROUP} AND first_ms > ? AND first_ms <= ?"  # noqa: S608
            " AND state IN ('PENDING', 'DEFERRED', 'WAITING', 'DELIVERED', 'FAILED')"
        )
        ((count,),) = self._connection.execute(sql, (*group, after_ms, to_ms)).fetchall()
        return int(count)

    def held_since(self, first_ms: int) -> list[Group]:
        """Return the groups whose first held delivery is as old as that."""
        sql = (
            "SELECT route, recipient, event, kind, site FROM deliveries WHERE state = 'HELD'"
            " GROUP BY route, recipient, event, kind, site HAVING min(first_ms) <= ?"
        )
        return [Group(*row) for row in self._connection.execute(sql, (first_ms,)).fetchall()]

    def held(self, group: Group) -> list[Delivery]:
        """Return what is held of a group, in order."""
        return self._select(f"{_GROUP} AND state = 'HELD' ORDER BY first_ms, seq", group)

    def failed(self, ids: Sequence[str] | None) -> list[Delivery]:
        """Return what has failed, of these ids or all."""
        if ids is None:
            return self._select("state = 'FAILED' ORDER BY seq", ())
        return [one for wanted in ids for one in self._select("id = ? AND state = 'FAILED'", (wanted,))]

    def of_states(self, states: Iterable[str], most: int) -> list[dict[str, Any]]:
        """Return the newest deliveries in any of these states, as they are shown."""
        wanted = json.dumps(list(states))
        sql = (
            "SELECT id, event, kind, severity, subject, site, route, recipient, state, attempts, code, detail, due_ms,"
            " changed_ms, alert FROM deliveries WHERE state IN (SELECT value FROM json_each(?))"
            " ORDER BY seq DESC LIMIT ?"
        )
        return [dict(row) for row in self._connection.execute(sql, (wanted, most)).fetchall()]

    def counts(self) -> dict[str, int]:
        """Return how many deliveries there are in each state."""
        rows = self._connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall()
        return dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in rows}

    def recipients_waiting(self) -> list[str]:
        """Return to whom anything is still to be told."""
        sql = f"SELECT DISTINCT recipient FROM deliveries WHERE state IN {_UNSETTLED}"  # noqa: S608  our names
        return [row["recipient"] for row in self._connection.execute(sql).fetchall()]

    def unsettled_of(self, recipient: str) -> list[Delivery]:
        """Return what is still to be told to a recipient."""
        return self._select(f"recipient = ? AND state IN {_UNSETTLED}", (recipient,))

    def _select(self, where: str, values: Sequence[Any]) -> list[Delivery]:
        sql = f"SELECT {', '.join(Delivery._fields)} FROM deliveries WHERE {where}"  # noqa: S608  our names
        return [Delivery(*row) for row in self._connection.execute(sql, values).fetchall()]

    def _report(self, ids: Sequence[str], now_ms: int, outcome: str) -> None:
        """Number the change of each, and keep it as the row that ClickHouse will have."""
        for one in ids:
            self._connection.execute("UPDATE deliveries SET changes = changes + 1 WHERE id = ?", (one,))
            row = dict(self._connection.execute("SELECT * FROM deliveries WHERE id = ?", (one,)).fetchone())
            told = {name: row[name] for name in _REPORTED} | {"n": row["changes"], "outcome": outcome}
            told |= {"changed_at": now_ms, "due_at": row["due_ms"], "received_at": row["received_ms"]}
            self._connection.execute("INSERT INTO changes (row) VALUES (?)", (json.dumps(told),))


_WAY: Final = "alert = ? AND route = ? AND recipient = ?"
_GROUP: Final = "route = ? AND recipient = ? AND event = ? AND kind = ? AND site = ?"
