"""What a record of `alerts` means for those who are told: an event, and whether what waits is told no more.

Flow: decoded record -> Change.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pipeline.domain.unit_key import BadUnitKey, parse
from pipeline.notify.routes import EventName
from pipeline.wire.alert_kinds import alert_kinds

TELLINGS: Final[tuple[EventName, ...]] = ("opened", "reopened", "escalated")
"""Events that tell somebody of an alert; the others go to whoever was told."""
_EVENTS: Final[Mapping[str, EventName]] = {
    "OPENED": "opened", "REOPENED": "reopened", "CLOSED": "closed", "RETRACTED": "retracted",
}  # fmt: skip
_CALMING: Final = frozenset(("ACKNOWLEDGED", "CLOSED", "RETRACTED"))


class Alert(NamedTuple):
    """What of an alert decides where it goes."""

    id: str
    subject: str
    kind: str
    opening: int
    site: str

    @property
    def severity(self) -> str:
        """How urgent alerts of its kind are; warning, where the table does not know the kind."""
        known = alert_kinds().get(self.kind)
        return known.severity if known else "warning"

    @property
    def item(self) -> str:
        """The item of its unit, or the item it is about; empty where there is none."""
        what, _, name = self.subject.partition(":")
        if what == "item":
            return name
        try:
            return parse(name).item if what == "unit" else ""
        except BadUnitKey:
            return ""


class Change(NamedTuple):
    """A change of an alert's status."""

    alert: Alert
    event: EventName | None
    """None: an acknowledgement, which nobody is told of."""
    calms: bool
    """Somebody looks after it, or it is over: what is deferred is told no more, and nothing escalates."""
    record: Mapping[str, Any]

    @property
    def received_ms(self) -> int:
        """The broker's time of what caused it."""
        return int(self.record["received_at"])


def change_of(record: Mapping[str, Any], known_site: str = "") -> Change:
    """Return what a record means; a person's act names no site, so the site known of the alert is taken."""
    named = record["subject"].removeprefix("site:") if record["subject"].startswith("site:") else ""
    site = record["site"] or known_site or named
    alert = Alert(record["id"], record["subject"], record["kind"], record["opening"], site)
    event = _EVENTS.get(record["event"])
    return Change(alert, event, record["event"] in _CALMING, record)
