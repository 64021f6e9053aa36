"""Events to test with: one of each type with every field, smaller ones by their fields, and documents around them."""

from typing import Any

Object = dict[str, Any]

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"ex": "https://ns.example.com/epcis/"},
]
FIRST = "urn:epc:id:sgtin:0614141.107346.2018"
SECOND = "https://id.gs1.org/01/10614141073464/21/2017"
FIRST_KEY, SECOND_KEY = "gtin:10614141073464/2018", "gtin:10614141073464/2017"
PALLET, PALLET_KEY = "urn:epc:id:sscc:0614141.1234567890", "sscc:106141412345678908"
CLASS = "urn:epc:class:lgtin:4012345.012345.998877"
DEVICE, DEVICE_KEY = "urn:epc:id:giai:4000001.111", "giai:4000001111"
DOCK, SHOP = "urn:epc:id:sgln:0012345.11111.400", "urn:epc:id:sgln:0614141.00777.0"
QUANTITIES = [{"epcClass": CLASS, "quantity": 200.5, "uom": "KGM"}, {"epcClass": f"{CLASS}8"}]

_WHEN: Object = {"eventTime": "2026-11-02T09:20:00.123+01:00", "eventTimeZoneOffset": "+01:00"}
_EVERYTHING: Object = {
    **_WHEN,
    "recordTime": "2026-11-02T09:21:00Z",
    "certificationInfo": ["https://example.com/certificate"],
    "bizStep": "receiving",
    "disposition": "in_progress",
    "readPoint": {"id": DOCK, "ex:gate": "7"},
    "bizLocation": {"id": "urn:epc:id:sgln:0012345.11111.0"},
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "urn:epc:id:gdti:0614141.00001.1618034"},
        {"type": "rma", "bizTransaction": "urn:epc:id:gdti:0614141.00001.1618033"},
    ],
    "sourceList": [{"type": "location", "source": "urn:epc:id:sgln:4012345.00225.0"}],
    "destinationList": [{"type": "possessing_party", "destination": "urn:epc:id:pgln:0614141.00777"}],
    "sensorElementList": [
        {
            "sensorMetadata": {
                "time": "2026-11-02T08:20:00Z",
                "deviceID": "urn:epc:id:giai:4000001.111",
                "ex:room": "7",
            },
            "sensorReport": [
                {
                    "type": "Temperature",
                    "value": 26.0,
                    "uom": "CEL",
                    "component": "x",
                    "sDev": 0.1,
                    "ex:quality": "good",
                },
                {"type": "RelativeHumidity", "exception": "ALARM_CONDITION", "hexBinaryValue": "f0"},
            ],
            "ex:element": "ö",
        }
    ],
    "ex:more": {"ex:inner": "a", "ex:list": ["3", "1"], "ex:deep": {"ex:deeper": "1.50"}},
    "ex:number": "10.0",
}
_PERSISTENT: Object = {"persistentDisposition": {"set": ["completeness_verified", "damaged"], "unset": ["recalled"]}}
WHOLE: list[Object] = [
    {
        "type": "ObjectEvent", "action": "ADD", "epcList": [FIRST, SECOND], "quantityList": QUANTITIES,
        "ilmd": {"cbvmda:lotNumber": "L7", "cbvmda:itemExpirationDate": "2027-05-31"}, **_PERSISTENT, **_EVERYTHING,
    },
    {
        "type": "AggregationEvent", "action": "ADD", "parentID": PALLET, "childEPCs": [FIRST, SECOND],
        "childQuantityList": QUANTITIES, **_EVERYTHING,
    },
    {
        "type": "AssociationEvent", "action": "ADD", "parentID": PALLET, "childEPCs": [FIRST],
        "childQuantityList": QUANTITIES, **_EVERYTHING,
    },
    {
        "type": "TransactionEvent", "action": "ADD", "parentID": PALLET, "epcList": [FIRST],
        "quantityList": QUANTITIES, **_EVERYTHING,
    },
    {
        "type": "TransformationEvent", "inputEPCList": [FIRST], "inputQuantityList": QUANTITIES,
        "outputEPCList": [SECOND], "outputQuantityList": QUANTITIES, "transformationID": "urn:example:batch:7",
        "ilmd": {"ex:grade": "A"}, **_PERSISTENT, **_EVERYTHING,
    },
]  # fmt: skip
FOREIGN: Object = {"type": "https://example.com/OddEvent", "anything": [1, {"goes": None}], **_WHEN}


def an_event(kind: str = "ObjectEvent", **fields: Any) -> Object:  # noqa: ANN401  JSON
    """Return an event with the fields given and no more than it needs; a field that is None is left out."""
    least: Object = {"type": kind, **_WHEN}
    if kind != "TransformationEvent":
        least["action"] = "OBSERVE"
    return {name: value for name, value in {**least, **fields}.items() if value is not None}


def a_document(*events: Object) -> Object:
    """Return a capture document."""
    return {
        "@context": CONTEXT,
        "id": "urn:example:document:1",
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-02T10:00:00Z",
        "sender": "maker",
        "ex:origin": "here",
        "epcisHeader": {"epcisMasterData": {"vocabularyList": [a_vocabulary()]}},
        "epcisBody": {"eventList": list(events)},
    }


def a_query_document(*events: Object) -> Object:
    """Return the answer of a query."""
    results = {"queryName": "one", "subscriptionID": "two", "resultsBody": {"eventList": list(events)}}
    return {
        "@context": CONTEXT,
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-02T10:00:00Z",
        "epcisBody": {"queryResults": results},
    }


def a_bare(event: Object) -> Object:
    """Return an event as a document of its own."""
    return {"@context": CONTEXT, **event}


def a_vocabulary() -> Object:
    """Return master data."""
    attributes = [{"id": "urn:example:name", "attribute": "a shop"}]
    element = {"id": SHOP, "attributes": attributes, "children": [DOCK]}
    return {"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": [element]}
