"""What an event's sensors say, as attributes of its scans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pipeline.capture.epcis.sensors import SensorElement, SensorReport

MOST_REPORTS: Final = 20
"""Shown as attributes of a scan; the kept event has all."""
ALARM, ERROR = "ALARM_CONDITION", "ERROR_CONDITION"


class Sensed(NamedTuple):
    """What sensors said."""

    attributes: dict[str, str]
    is_alarm: bool
    devices_in_error: tuple[str, ...]


def sensed_by(elements: Sequence[SensorElement] | None) -> Sensed:
    """Return what the reports of an event come to."""
    reports = [(element, report) for element in elements or [] for report in element.sensor_report]
    attributes = {f"sensor_{number + 1}": _said(report) for number, (_, report) in enumerate(reports[:MOST_REPORTS])}
    if len(reports) > MOST_REPORTS:
        attributes["sensor_reports"] = str(len(reports))
    exceptions = {report.exception for _, report in reports}
    devices = dict.fromkeys(
        device for element, report in reports if report.exception == ERROR for device in _devices(element, report)
    )
    return Sensed(attributes, ALARM in exceptions, tuple(devices))


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
