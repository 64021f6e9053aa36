"""What an event's sensors say, as attributes of its scans and as evidence of an alarm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pipeline.capture.epcis.sensors import SensorElement, SensorReport
from pipeline.capture.epcis.things import fitted

MOST_REPORTS: Final = 20
"""Shown as attributes of a scan; the kept event has all."""
_MOST_TEXT: Final = 500  # bytes of one text of an alarm
ALARM, ERROR = "ALARM_CONDITION", "ERROR_CONDITION"


class Sensed(NamedTuple):
    """What sensors said."""

    attributes: dict[str, str]
    alarms: tuple[dict[str, object], ...]
    """What each report of an alarm says."""
    devices_in_error: tuple[str, ...]

    @property
    def is_alarm(self) -> bool:
        """Whether any report is of an alarm."""
        return bool(self.alarms)

    @property
    def evidence(self) -> dict[str, object]:
        """The first alarms, and how many there are where these are not all."""
        shown: dict[str, object] = {"reports": list(self.alarms[:MOST_REPORTS])}
        return shown if len(self.alarms) <= MOST_REPORTS else {**shown, "alarms": len(self.alarms)}


def sensed_by(elements: Sequence[SensorElement] | None) -> Sensed:
    """Return what the reports of an event come to."""
    reports = [(element, report) for element in elements or [] for report in element.sensor_report]
    attributes = {f"sensor_{number + 1}": _said(report) for number, (_, report) in enumerate(reports[:MOST_REPORTS])}
    if len(reports) > MOST_REPORTS:
        attributes["sensor_reports"] = str(len(reports))
    alarms = tuple(_alarm(element, report) for element, report in reports if report.exception == ALARM)
    devices = dict.fromkeys(
        device for element, report in reports if report.exception == ERROR for device in _devices(element, report)
    )
    return Sensed(attributes, alarms, tuple(devices))


def _alarm(element: SensorElement, report: SensorReport) -> dict[str, object]:
    """Return type, value, unit of measure and time of a report, the device, and all that it says as one text."""
    metadata = element.sensor_metadata
    told: dict[str, object] = {
        "type": report.type,
        "value": _value(report),
        "uom": report.uom,
        "time": report.time or (metadata.time if metadata is not None else None),
        "device": next(_devices(element, report), None),
        "said": _said(report),
    }
    return {name: fitted(one, _MOST_TEXT) if isinstance(one, str) else one for name, one in told.items()}


def _value(report: SensorReport) -> object:
    names = ("value", "string_value", "boolean_value", "hex_binary_value", "uri_value")
    return next((value for name in names if (value := getattr(report, name)) is not None), None)


def _said(report: SensorReport) -> str:
    parts = [report.type, *_values(report), report.exception]
    return " ".join(str(part) for part in parts if part is not None)


def _values(report: SensorReport) -> Iterator[object]:
    names = ("component", "value", "string_value", "boolean_value", "hex_binary_value", "uri_value", "uom")
    for name in names:
        yield getattr(report, name)
    for name in ("min_value", "max_value", "mean_value", "s_dev", "perc_rank", "perc_value"):
        value = getattr(report, name)
        if value is not None:
            yield f"{name.removesuffix('_value')}={value}"


def _devices(element: SensorElement, report: SensorReport) -> Iterator[str]:
    metadata = element.sensor_metadata
    device = report.device_id or (metadata.device_id if metadata is not None else None)
    if device is not None:
        yield device
