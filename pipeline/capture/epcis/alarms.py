"""The alarm of an event's sensors as a finding: one an event, on what the event is about.

Flow: an event's alarm, the scan that bears it -> Alarm -> records of `internal`.

The window is named by the event's identity, so an event that comes again is the same finding, whenever it comes; its
versions put the event before its declaration as wrong, whichever is captured first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pipeline.capture.epcis.records import Records
from pipeline.capture.epcis.scan import EventScan
from pipeline.capture.epcis.sensed import Sensed
from pipeline.capture.epcis.things import fitted
from pipeline.domain.finding import MOST_NAME_BYTES, Finding, Window
from pipeline.wire.finding import finding_record

KIND: Final = "SENSOR_ALARM"
_OF_EVENT, _OF_DECLARATION = 0, 1


@dataclass(frozen=True)
class Alarm:
    """An alarm that an event tells of."""

    finding: Finding
    evidence: Mapping[str, Any]

    def declared_wrong(self) -> Alarm:
        """Return it as its event's errorDeclaration tells it: it does not hold."""
        return replace(self, finding=replace(self.finding, holds=False, version=_OF_DECLARATION))


def alarm_of(sensed: Sensed, event: tuple[str, int], bearer: EventScan | None, site: str) -> Alarm:
    """Return the alarm of an event.

    Args:
        sensed: what its sensors said.
        event: its identity and time.
        bearer: the scan of what it is about; None where it names neither a thing nor a place.
        site: where it was.
    """
    identity, time = fitted(event[0], MOST_NAME_BYTES), event[1]
    subject = f"site:{site}" if bearer is None else f"unit:{bearer.key}"
    finding = Finding(KIND, subject, Window(time, time, identity), holds=True, version=_OF_EVENT, site=site)
    return Alarm(finding, {"event": identity, **sensed.evidence})


def alarm_records(alarms: Sequence[Alarm], captured_ms: int, source: str) -> Records:
    """Return the records of alarms, in their order."""
    pairs = [finding_record(alarm.finding, alarm.evidence, source, captured_ms) for alarm in alarms]
    return Records([key for key, _ in pairs], [value for _, value in pairs])
