"""What an event says of sensors.

Source: EPCIS 2.0, section 7.3.7, and its JSON Schema.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.capture.epcis.fields import (
    Component,
    Extensible,
    HexBinary,
    Maybe,
    Measurement,
    SensorAlert,
    Some,
    Time,
    Uri,
)


class SensorMetadata(Extensible):
    """What holds of all reports of one element."""

    time: Maybe[Time] = None
    device_id: Maybe[Uri] = Field(default=None, alias="deviceID")
    device_metadata: Maybe[Uri] = None
    raw_data: Maybe[Uri] = None
    start_time: Maybe[Time] = None
    end_time: Maybe[Time] = None
    data_processing_method: Maybe[Uri] = None
    biz_rules: Maybe[Uri] = None


class SensorReport(Extensible):
    """One measurement, or what a sensor complains of."""

    type: Measurement
    exception: Maybe[SensorAlert] = None
    device_id: Maybe[Uri] = Field(default=None, alias="deviceID")
    device_metadata: Maybe[Uri] = None
    raw_data: Maybe[Uri] = None
    data_processing_method: Maybe[Uri] = None
    biz_rules: Maybe[Uri] = None
    time: Maybe[Time] = None
    microorganism: Maybe[Uri] = None
    chemical_substance: Maybe[Uri] = None
    coordinate_reference_system: Maybe[Uri] = None
    value: Maybe[float] = None
    component: Maybe[Component] = None
    string_value: Maybe[str] = None
    boolean_value: Maybe[bool] = None
    hex_binary_value: Maybe[HexBinary] = None
    uri_value: Maybe[Uri] = None
    min_value: Maybe[float] = None
    max_value: Maybe[float] = None
    mean_value: Maybe[float] = None
    s_dev: Maybe[float] = None
    perc_rank: Maybe[float] = None
    perc_value: Maybe[float] = None
    uom: Maybe[str] = None


class SensorElement(Extensible):
    """Reports, and what they have in common."""

    sensor_metadata: Maybe[SensorMetadata] = None
    sensor_report: Annotated[list[SensorReport], Some]
