"""The five types of EPCIS events, as strict as the standard; and events of somebody else's type.

    OBJECT = EVENT_TYPES["ObjectEvent"].model_validate({"type": "ObjectEvent", "eventTime": …})

Source: EPCIS 2.0, section 7, and its JSON Schema. Fields are None where the event has none; a null in the event is a
fault, as everywhere in EPCIS.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from pipeline.capture.epcis.fields import (
    BizStep,
    Closed,
    Context,
    Disposition,
    ErrorReason,
    Extensible,
    Maybe,
    MeasureUnit,
    Name,
    PartyType,
    Some,
    Strict,
    Time,
    TransactionType,
    Unique,
    Uri,
    Uris,
    ZoneOffset,
    wrong,
)
from pipeline.capture.epcis.sensors import SensorElement

Action = Literal["ADD", "OBSERVE", "DELETE"]


class ErrorDeclaration(Extensible):
    """What says that the event itself is wrong."""

    declaration_time: Time
    reason: Maybe[ErrorReason] = None
    corrective_event_ids: Maybe[list[Uri]] = Field(default=None, alias="correctiveEventIDs")


class QuantityElement(Closed):
    """So much of a class; no single unit."""

    epc_class: Uri
    quantity: Maybe[float] = None
    uom: Maybe[MeasureUnit] = None


class Place(Strict):
    """A read point or business location."""

    id: Uri


class BizTransaction(Closed):
    """A document."""

    type: Maybe[TransactionType] = None
    biz_transaction: Uri


class Source(Closed):
    """Where or whom it comes from."""

    type: PartyType
    source: Uri


class Destination(Closed):
    """Where or whom it goes to."""

    type: PartyType
    destination: Uri


class PersistentDisposition(Closed):
    """Dispositions that hold until they are unset."""

    set: Maybe[Annotated[list[Disposition], Some, Unique]] = None
    unset: Maybe[Annotated[list[Disposition], Some, Unique]] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.set is None and self.unset is None:
            message = "has neither set nor unset"
            raise wrong(message)
        return self


class ForeignEvent(Strict):
    """An event of a type of somebody else's: kept, but it makes no scan."""

    type: Uri
    context: Maybe[Context] = Field(default=None, alias="@context")
    event_time: Time
    record_time: Maybe[Time] = None
    event_time_zone_offset: ZoneOffset
    event_id: Maybe[Uri] = Field(default=None, alias="eventID")
    certification_info: Maybe[Uris] = None
    error_declaration: Maybe[ErrorDeclaration] = None


class Event(Extensible):
    """What the five types share."""

    context: Maybe[Context] = Field(default=None, alias="@context")
    event_time: Time
    record_time: Maybe[Time] = None
    event_time_zone_offset: ZoneOffset
    event_id: Maybe[Uri] = Field(default=None, alias="eventID")
    certification_info: Maybe[Uris] = None
    error_declaration: Maybe[ErrorDeclaration] = None
    biz_step: Maybe[BizStep] = None
    disposition: Maybe[Disposition] = None
    read_point: Maybe[Place] = None
    biz_location: Maybe[Place] = None
    biz_transaction_list: Maybe[list[BizTransaction]] = None
    source_list: Maybe[list[Source]] = None
    destination_list: Maybe[list[Destination]] = None
    sensor_element_list: Maybe[list[SensorElement]] = None


class ObjectEvent(Event):
    """Something happened to objects."""

    type: Literal["ObjectEvent"]
    action: Action
    epc_list: Maybe[Annotated[list[Uri], Unique]] = None
    quantity_list: Maybe[list[QuantityElement]] = None
    persistent_disposition: Maybe[PersistentDisposition] = None
    ilmd: Maybe[dict[Name, Any]] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        senses = self.sensor_element_list and self.read_point is not None
        if self.epc_list is None and not self.quantity_list and not senses:
            message = "has no epcList, no quantityList and no sensorElementList with a readPoint"
            raise wrong(message)
        if self.ilmd is not None and self.action != "ADD":
            message = f"has ilmd, which belongs to the action ADD, not {self.action}"
            raise wrong(message)
        return self


class _Parts(Event):
    action: Action
    child_epcs: Maybe[list[Uri]] = Field(default=None, alias="childEPCs")
    child_quantity_list: Maybe[list[QuantityElement]] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.child_epcs and not self.child_quantity_list and self.action != "DELETE":
            message = f"has neither childEPCs nor a childQuantityList, which only DELETE may lack, not {self.action}"
            raise wrong(message)
        return self


class AggregationEvent(_Parts):
    """Objects were put into a container, seen in it, or taken out."""

    type: Literal["AggregationEvent"]
    parent_id: Maybe[Uri] = Field(default=None, alias="parentID")


class AssociationEvent(_Parts):
    """Objects were fixed to another or to a place, seen there, or removed."""

    type: Literal["AssociationEvent"]
    parent_id: Uri = Field(alias="parentID")


class TransactionEvent(Event):
    """Objects were linked to documents or unlinked."""

    type: Literal["TransactionEvent"]
    action: Action
    biz_transaction_list: Annotated[list[BizTransaction], Some]
    parent_id: Maybe[Uri] = Field(default=None, alias="parentID")
    epc_list: Maybe[list[Uri]] = None
    quantity_list: Maybe[list[QuantityElement]] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.epc_list is None and not self.quantity_list and self.action != "DELETE":
            message = f"has neither epcList nor a quantityList, which only DELETE may lack, not {self.action}"
            raise wrong(message)
        return self


class TransformationEvent(Event):
    """Objects were used up, others came of them."""

    type: Literal["TransformationEvent"]
    input_epc_list: Maybe[Annotated[list[Uri], Unique]] = Field(default=None, alias="inputEPCList")
    input_quantity_list: Maybe[list[QuantityElement]] = None
    output_epc_list: Maybe[Annotated[list[Uri], Unique]] = Field(default=None, alias="outputEPCList")
    output_quantity_list: Maybe[list[QuantityElement]] = None
    transformation_id: Maybe[Uri] = Field(default=None, alias="transformationID")
    persistent_disposition: Maybe[PersistentDisposition] = None
    ilmd: Maybe[dict[Name, Any]] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        takes = bool(self.input_epc_list or self.input_quantity_list)
        gives = bool(self.output_epc_list or self.output_quantity_list)
        if not (takes and gives) and not ((takes or gives) and self.transformation_id is not None):
            message = "needs inputs and outputs; or one of these and a transformationID that joins it to the others"
            raise wrong(message)
        return self


AnyEvent = ObjectEvent | AggregationEvent | AssociationEvent | TransactionEvent | TransformationEvent
EVENT_TYPES: Final[dict[str, type[AnyEvent]]] = {
    "ObjectEvent": ObjectEvent,
    "AggregationEvent": AggregationEvent,
    "AssociationEvent": AssociationEvent,
    "TransactionEvent": TransactionEvent,
    "TransformationEvent": TransformationEvent,
}
