"""What the console needs of the broker: acts sent through `internal`, and how far the log reaches."""

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.console.alert_acts import known_by
from jobs.alert_acts import act_on
from pipeline.broker.admin import watermarks
from pipeline.broker.topics import Topics
from pipeline.settings import Settings

_ANSWER_SECONDS = 10.0


class LedgerActs:
    """Acts of people, each answered by the worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def on_alerts(self, act: str, ids: Sequence[str], author: str, more: Mapping[str, str]) -> list[dict[str, Any]]:
        """Act on alerts; return a row each: id, result, reason.

        Raises: NoAnswer where no worker accounts for it in ten seconds; BrokerUnreachable; WarehouseDown.
        """
        told: dict[str, Any] = {"assignee": more["to"], "known": known_by(more)} if "to" in more else {}
        return act_on(self._settings, act, ids, (author, more.get("reason", "")), _ANSWER_SECONDS, **told)


class LedgerLog:
    """The log of a ledger."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._topic = settings, Topics.load(settings.topic_prefix).name("scans")

    def ends(self) -> dict[int, int]:
        """Return the next offset of each partition of `scans`; raises as `watermarks`."""
        return {partition: mark.high for partition, mark in enumerate(watermarks(self._settings, self._topic))}
