"""The rules of telling: who is told of what and when, kept in the outbox.

Flow: changes of alerts, the clock, answers of receivers -> deliveries and timers in the outbox.

Every method changes the outbox within one transaction that the caller has begun; the clock comes in as an argument.
"""

from collections.abc import Sequence
from typing import Final

from pipeline.notify.deliveries import Deliveries, Delivery, Group, State
from pipeline.notify.event import TELLINGS, Alert, Change, change_of
from pipeline.notify.identity import delivery_id
from pipeline.notify.matching import routes_of
from pipeline.notify.message import alert_body, encoded, summary_body
from pipeline.notify.outbox import Known, Outbox
from pipeline.notify.quiet import quiet_until
from pipeline.notify.routes import EventName, Route, Routes
from pipeline.notify.trying import RETRIES, Answer, chance_of, wait_ms

_PASSES: Final = "critical"
_MINUTE_MS: Final = 60_000


class Book:
    """Deliveries by the routes of a file."""

    def __init__(self, outbox: Outbox, routes: Routes) -> None:
        self._outbox, self._routes = outbox, routes
        self.deliveries = Deliveries(outbox)

    def take(self, change: Change, now_ms: int, *, is_told: bool = True) -> int:
        """Do what a change of an alert asks for; returns how many deliveries are new.

        Args:
            change: the change, its alert with the site known of it.
            now_ms: the clock.
            is_told: false for what came before this outbox was made: it is known then, and told to nobody.
        """
        times = self._remember(change, now_ms)
        if change.calms:
            self._calm(change.alert.id, now_ms)
        if change.event is None or not is_told:
            return 0
        if change.event not in TELLINGS:
            return self._follow_up(change, times, now_ms)
        return self._tell(change, times, now_ms)

    def escalate(self, now_ms: int) -> int:
        """Tell whom the routes name of every alert that nobody has acknowledged in time; returns how many."""
        count = 0
        for alert, name in self._outbox.take_timers(now_ms):
            known, route = self._outbox.known(alert), self._routes.route(name)
            if known is None or route is None or route.escalate is None or known.status != "OPEN":
                continue
            change = change_of(known.record, known.site)._replace(event="escalated")
            times = self._count(change.alert, "escalated", known, now_ms)
            if "escalated" in route.events:
                count += sum(self._add(change, times, route, to, now_ms) for to in route.escalate.to)
        return count

    def sum_up(self, now_ms: int) -> int:
        """Have one summary stand for what was too much at once, when its time is over; returns how many."""
        groups = self.deliveries.held_since(now_ms - self._window_ms)
        for group in groups:
            self._sum_up(group, self.deliveries.held(group), now_ms)
        return len(groups)

    def begin(self, due: Sequence[Delivery], now_ms: int) -> None:
        """Note that these are about to be sent: what quiet hours put off is so no more, since it may arrive."""
        put_off = [one.id for one in due if one.state == "DEFERRED"]
        self.deliveries.change(put_off, "PENDING", now_ms, outcome="QUEUED")

    def settle(self, delivery: Delivery, answer: Answer, now_ms: int) -> str:
        """Note what an attempt came to; returns the outcome: DELIVERED, RETRY, FAILED or CANCELLED.

        Args:
            delivery: as it was before the attempt began; what was put off is put off again where it did not arrive.
            answer: what came back.
            now_ms: the clock.
        """
        attempts = delivery.attempts + 1
        told: dict[str, str | int] = {"attempts": attempts, "code": answer.code, "detail": answer.detail}
        is_off = not answer.is_delivered and self._is_called_off(delivery)
        if not answer.is_final and attempts <= RETRIES and not is_off:
            due_ms = now_ms + wait_ms(attempts, chance_of(delivery.id, attempts))
            state: State = "DEFERRED" if delivery.state == "DEFERRED" else "PENDING"
            self.deliveries.change([delivery.id], state, now_ms, told | {"due_ms": due_ms}, "RETRY")
            return "RETRY"
        outcome: State = "DELIVERED" if answer.is_delivered else "CANCELLED" if is_off else "FAILED"
        self.deliveries.change([delivery.id], outcome, now_ms, told)
        self._release(delivery.way, now_ms)
        if is_off and not self.deliveries.is_under_way(delivery.way):
            self._drop(self.deliveries.waiting(delivery.way), now_ms)
        return outcome

    def retry(self, ids: Sequence[str] | None, now_ms: int) -> list[Delivery]:
        """Have what failed, of these ids or all, tried again from the beginning; returns what that is."""
        failed = self.deliveries.failed(ids)
        self.deliveries.change(
            [one.id for one in failed], "PENDING", now_ms, {"attempts": 0, "due_ms": now_ms}, "RETRIED"
        )
        return failed

    def give_up_unknown(self, now_ms: int) -> int:
        """Let fail what waits for recipients that the routes no longer have; returns how many."""
        gone = [one for one in self.deliveries.recipients_waiting() if one not in self._routes.recipients]
        ids = [delivery.id for recipient in gone for delivery in self.deliveries.unsettled_of(recipient)]
        self.deliveries.change(ids, "FAILED", now_ms, {"detail": "the routes have no such recipient any more"})
        return len(ids)

    @property
    def _window_ms(self) -> int:
        return round(self._routes.burst.seconds * 1000)

    def _remember(self, change: Change, now_ms: int) -> int:
        """Keep what is known of the alert; returns how often this event of it has been, with this time."""
        known = self._outbox.known(change.alert.id)
        times = dict(known.times) if known else {}
        name = change.event or "acknowledged"
        times[name] = times.get(name, 0) + 1
        kept = Known(change.record["status"], change.alert.site, times, change.record)
        self._outbox.keep(change.alert.id, kept, now_ms)
        return times[name]

    def _count(self, alert: Alert, event: EventName, known: Known, now_ms: int) -> int:
        times = known.times.get(event, 0) + 1
        self._outbox.keep(alert.id, known._replace(times={**known.times, event: times}), now_ms)
        return times

    def _calm(self, alert: str, now_ms: int) -> None:
        self._outbox.stop_timers(alert)
        put_off = self.deliveries.calmed(alert, now_ms)
        self.deliveries.change([one.id for one in put_off], "CANCELLED", now_ms)
        for way in dict.fromkeys(one.way for one in put_off):
            self._release(way, now_ms)

    def _is_called_off(self, delivery: Delivery) -> bool:
        """Tell whether somebody looks after what was put off, or it is over, since its attempt began."""
        known = self._outbox.known(delivery.alert)
        is_calm = known is not None and known.status != "OPEN"
        return is_calm and delivery.state == "DEFERRED" and delivery.event in TELLINGS

    def _tell(self, change: Change, times: int, now_ms: int) -> int:
        count = 0
        for route in routes_of(self._routes, change.alert):
            if change.event in route.events:
                count += sum(self._add(change, times, route, to, now_ms) for to in route.to)
            if route.escalate:
                due_ms = _due(route, change.alert.severity, now_ms) + round(route.escalate.after_minutes * _MINUTE_MS)
                self._outbox.set_timer(change.alert.id, route.name, due_ms)
        return count

    def _follow_up(self, change: Change, times: int, now_ms: int) -> int:
        """Tell whoever was told of the alert; a route that is gone, or wants no such event, tells nobody."""
        count = 0
        for name, recipient in self.deliveries.told(change.alert.id):
            route = self._routes.route(name)
            if route and recipient in self._routes.recipients and change.event in route.events:
                count += self._add(change, times, route, recipient, now_ms)
        return count

    def _add(self, change: Change, times: int, route: Route, recipient: str, now_ms: int) -> bool:
        alert, event = change.alert, str(change.event)
        identity = delivery_id((alert.id, alert.opening), event, times, route.name, recipient)
        due_ms = _due(route, alert.severity, now_ms)
        body = encoded(alert_body(change.record, alert, event, self._routes.console), identity, route.name, recipient)
        delivery = Delivery(
            identity, alert.id, alert.opening, event, alert.kind, alert.severity, alert.subject, alert.site, route.name,
            recipient, body, change.received_ms, due_ms, "PENDING", due_ms,
        )  # fmt: skip
        return self.deliveries.add(self._placed(delivery, now_ms), now_ms)

    def _placed(self, delivery: Delivery, now_ms: int) -> Delivery:
        """Return a new delivery in the state that it begins with."""
        follows = delivery.event not in TELLINGS
        group = Group(delivery.route, delivery.recipient, delivery.event, delivery.kind, delivery.site)
        if self.deliveries.is_under_way(delivery.way) or (follows and not self.deliveries.was_told(delivery.way)):
            return delivery._replace(state="WAITING")
        self._drop(self.deliveries.waiting(delivery.way), now_ms)
        if not follows and self._is_too_much(group, delivery.first_ms):
            return delivery._replace(state="HELD")
        return delivery._replace(state=_until(delivery.due_ms, now_ms))

    def _drop(self, ends: Sequence[Delivery], now_ms: int) -> None:
        """Cancel ends that were told to nobody because the beginning never arrived: it begins anew."""
        self.deliveries.change([one.id for one in ends], "CANCELLED", now_ms)

    def _is_too_much(self, group: Group, at_ms: int) -> bool:
        return self.deliveries.told_singly(group, at_ms - self._window_ms, at_ms) >= self._routes.burst.most

    def _sum_up(self, group: Group, held: Sequence[Delivery], now_ms: int) -> None:
        first = held[0]
        due_ms = _due(self._routes.route(group.route), first.severity, now_ms)
        identity = delivery_id((first.alert, first.opening), f"summary:{first.id}", 1, group.route, group.recipient)
        received = [one.received_ms for one in held]
        told = {"count": len(held), "first_ms": min(received), "last_ms": max(received)}
        body = summary_body(group.event, group.kind, group.site, told, self._routes.console)
        summary = first._replace(
            id=identity, event="summary", subject="", body=encoded(body, identity, group.route, group.recipient),
            state=_until(due_ms, now_ms), due_ms=due_ms, first_ms=due_ms,
        )  # fmt: skip
        self.deliveries.change([one.id for one in held], "SUMMARISED", now_ms, {"detail": f"summary {identity}"})
        self.deliveries.add(summary, now_ms)
        for one in held:
            self._release(one.way, now_ms)

    def _release(self, way: tuple[str, str, str], now_ms: int) -> None:
        """Let go what waited for its predecessors: the next that may be told, where nothing else is under way."""
        if self.deliveries.is_under_way(way):
            return
        waiting = self.deliveries.waiting(way)
        was_told = bool(waiting) and self.deliveries.was_told(way)
        following = next((one for one in waiting if was_told or one.event in TELLINGS), None)
        if following is not None:
            self._drop(waiting[: waiting.index(following)], now_ms)
            self.deliveries.change([following.id], _until(following.due_ms, now_ms), now_ms, outcome="QUEUED")


def _due(route: Route | None, severity: str, now_ms: int) -> int:
    """Return when what is so urgent is told by a route: now, or when its quiet hours are over."""
    if route is None or route.quiet is None or severity == _PASSES:
        return now_ms
    return quiet_until(route.quiet, now_ms)


def _until(due_ms: int, now_ms: int) -> State:
    """Return the state of what is to be sent at a time."""
    return "DEFERRED" if due_ms > now_ms else "PENDING"
