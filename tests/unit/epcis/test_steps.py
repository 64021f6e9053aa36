"""The mapping of events to scans, row by row: `schemas/cbv.toml` and what each type of event makes of it."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.capture.epcis import vocabulary
from pipeline.capture.epcis.alarms import Alarm
from pipeline.capture.epcis.judge import judge
from pipeline.capture.epcis.scan import EventScan
from pipeline.capture.epcis.scans import Made, ScanMaker
from pipeline.capture.epcis.steps import Steps, read_foreign
from pipeline.capture.epcis.things import Things
from pipeline.errors import MappingWrong
from tests.standards import standard
from tests.unit.epcis.events import (
    CLASS,
    CONTEXT,
    DEVICE,
    DEVICE_KEY,
    DOCK,
    FIRST,
    FIRST_KEY,
    FOREIGN,
    PALLET,
    PALLET_KEY,
    QUANTITIES,
    SECOND,
    SECOND_KEY,
    SHOP,
    Object,
    a_bare,
    a_document,
    an_event,
)

THINGS = Things("https://ledger.example/", {"gln:0012345111112": "factory", "https://example.com/yard": "yard"})
SAME = "the step itself"


def made(event: Object, steps: Steps | None = None, only_site: str | None = None) -> Made:
    judged = judge(a_bare(event))
    assert judged.faults == ()
    ((_, captured),) = judged.events
    return ScanMaker(THINGS, steps or Steps(), only_site).make(captured)


def scans(event: Object) -> list[EventScan]:
    return made(event).scans


def told(event: Object) -> list[tuple[str, str, str | None, str | None]]:
    """Return unit, step, container and other unit of each scan."""
    return [(scan.key, scan.step, scan.container, scan.other_unit) for scan in scans(event)]


def steps_of(event: Object) -> list[str]:
    return [scan.step for scan in scans(event)]


def attributes(event: Object) -> dict[str, str]:
    return dict(scans(event)[0].attributes)


# The table of business steps.

ROWS = {
    "commissioning": "COMMISSION", "packing": "OBSERVE", "repackaging": "OBSERVE", "unpacking": "UNPACK",
    "storing": "STORE", "stocking": "STOCK", "picking": "PICK", "staging_outbound": "STAGE", "loading": "STAGE",
    "shipping": "SHIP", "departing": "SHIP", "consigning": "SHIP", "void_shipping": "CANCEL_SHIPMENT",
    "arriving": "ARRIVE", "unloading": "ARRIVE", "receiving": "RECEIVE", "accepting": "RECEIVE",
    "inspecting": "INSPECT", "holding": "HOLD", "cycle_counting": "COUNT", "stock_taking": "COUNT",
    "retail_selling": "SELL", "dispensing": "DISPENSE", "repairing": "REPAIR", "installing": "INSTALL",
    "assembling": "INSTALL", "removing": "REMOVE", "disassembling": "REMOVE", "replacing": "OBSERVE",
    "destroying": "DESTROY", "decommissioning": "RETIRE", "killing": "OBSERVE", "sampling": "HOLD",
    "transporting": "OBSERVE", "collecting": "OBSERVE", "entering_exiting": "OBSERVE", "sensor_reporting": "OBSERVE",
    "other": "OBSERVE", "reserving": None, "encoding": None, "creating_class_instance": None,
}  # fmt: skip
"""Of an object that is observed, in no container and with no counterpart."""
KEPT = ("transporting", "collecting", "entering_exiting", "sensor_reporting", "other", "https://example.com/polishing")


@pytest.mark.parametrize(("biz_step", "step"), ROWS.items())
def test_each_business_step_makes_its_step(biz_step: str, step: str | None) -> None:
    assert steps_of(an_event(epcList=[FIRST], bizStep=biz_step)) == ([] if step is None else [step])


def test_the_mapping_has_every_word_of_the_standard_and_no_other() -> None:
    schema = standard("EPCIS-JSON-Schema.json")["definitions"]
    known = {
        "bizStep": vocabulary.BIZ_STEP, "disposition": vocabulary.DISPOSITION,
        "bizTransaction-type": vocabulary.TRANSACTION, "source-dest-type": vocabulary.PARTY,
        "error-reason": vocabulary.ERROR_REASON, "component": vocabulary.COMPONENT,
        "sensorAlertType": vocabulary.SENSOR_ALERT, "measurementType": vocabulary.MEASUREMENT,
    }  # fmt: skip
    assert {name: words.words for name, words in known.items()} == {
        name: set(schema[name]["anyOf"][1]["enum"]) for name in known
    }
    assert ROWS.keys() == vocabulary.BIZ_STEP.words


def test_every_urn_and_web_uri_of_the_vocabulary_is_its_bare_word() -> None:
    kinds = {
        "cbv:BizStep": vocabulary.BIZ_STEP, "cbv:Disp": vocabulary.DISPOSITION, "cbv:BTT": vocabulary.TRANSACTION,
        "cbv:SDT": vocabulary.PARTY, "cbv:ER": vocabulary.ERROR_REASON, "cbv:Comp": vocabulary.COMPONENT,
    }  # fmt: skip
    entries = [entry for entry in standard("CBV.jsonld")["@graph"] if str(entry.get("@type")) in kinds]
    assert len(entries) > 100
    for entry in entries:
        known, web = kinds[entry["@type"]], entry["@id"].replace("cbv:", vocabulary.CBV)
        assert known.bare(entry["sameAs"]) == known.bare(web) == known.bare(entry["@id"])
        assert known.bare(web) in known.words
        assert known.web(entry["sameAs"]) == web


@pytest.mark.parametrize("biz_step", KEPT)
def test_a_business_step_that_only_observes_is_kept(biz_step: str) -> None:
    event = an_event(epcList=[FIRST], bizStep=biz_step)
    assert steps_of(event) == ["OBSERVE"]
    assert attributes(event)["biz_step"] == biz_step


def test_no_business_step_is_an_observation_and_keeps_nothing() -> None:
    event = an_event(epcList=[FIRST])
    assert steps_of(event) == ["OBSERVE"]
    assert attributes(event) == {}


def test_no_business_step_makes_reserve_release_relabel_transfer_or_fail() -> None:
    assert not {"RESERVE", "RELEASE", "RELABEL", "TRANSFER", "FAIL", "VOID"} & set(ROWS.values())


@pytest.mark.parametrize("biz_step", ["receiving", "accepting"])
def test_what_comes_back_is_a_return(biz_step: str) -> None:
    rma = [{"type": "rma", "bizTransaction": "urn:x:rma"}]
    assert steps_of(an_event(epcList=[FIRST], bizStep=biz_step, disposition="returned")) == ["RETURN"]
    assert steps_of(an_event(epcList=[FIRST], bizStep=biz_step, bizTransactionList=rma)) == ["RETURN"]


def test_what_is_dispensed_in_part_is_not_gone() -> None:
    assert steps_of(an_event(epcList=[FIRST], bizStep="dispensing", disposition="partially_dispensed")) == ["OBSERVE"]


def test_a_killed_tag_and_a_sample_are_told_so() -> None:
    assert attributes(an_event(epcList=[FIRST], bizStep="killing"))["tag_killed"] == "true"
    assert attributes(an_event(epcList=[FIRST], bizStep="sampling"))["sampled"] == "true"


def test_a_file_may_map_foreign_business_steps(tmp_path: Path) -> None:
    file = tmp_path / "steps.toml"
    file.write_text('[biz_steps]\n"https://example.com/polishing" = { step = "INSPECT" }\n')
    event = an_event(epcList=[FIRST], bizStep="https://example.com/polishing")
    (scan,) = made(event, Steps(read_foreign(file))).scans
    assert scan.step == "INSPECT"


OWN_PREFIX: Object = {"@context": {"c": "https://ref.gs1.org/cbv/", "u": "urn:epcglobal:cbv:", "p": "https://p.x/"}}


@pytest.mark.parametrize(
    ("own", "standard"),
    [
        ({"bizStep": "c:BizStep-receiving"}, {"bizStep": "receiving"}),
        ({"bizStep": "u:bizstep:receiving"}, {"bizStep": "receiving"}),
        ({"disposition": "c:Disp-recalled"}, {"disposition": "recalled"}),
        ({"persistentDisposition": {"set": ["c:Disp-recalled"]}}, {"persistentDisposition": {"set": ["recalled"]}}),
        ({"bizStep": "p:polishing"}, {"bizStep": "https://p.x/polishing"}),
    ],
)
def test_a_word_behind_a_prefix_of_the_event_s_own_means_what_it_is_hashed_as(own: Object, standard: Object) -> None:
    event, plain = an_event(epcList=[FIRST], **OWN_PREFIX, **own), an_event(epcList=[FIRST], **standard)
    assert scans(event) == scans(plain)
    ((_, captured),) = judge(a_bare(event)).events
    assert captured.content == a_bare(event)
    assert own.items() <= captured.kept.items()


def test_a_prefix_of_the_document_s_own_and_types_of_documents_are_read_too() -> None:
    listed = [{"type": "c:BTT-rma", "bizTransaction": "urn:x:rma"}]
    event = an_event(epcList=[FIRST], bizStep="c:BizStep-receiving", bizTransactionList=listed)
    document = a_document(event)
    document["@context"] = [*CONTEXT, OWN_PREFIX["@context"]]
    ((_, captured),) = judge(document).events
    (scan,) = ScanMaker(THINGS, Steps()).make(captured).scans
    assert (scan.step, scan.document) == ("RETURN", "rma:urn:x:rma")


@pytest.mark.parametrize(
    "content", ["[biz_steps", '[biz_steps]\nx = { step = "FLY" }', "[steps]\n", '[biz_steps]\nx = { step = "VOID" }']
)
def test_a_file_of_foreign_steps_that_makes_no_sense_is_told_so(tmp_path: Path, content: str) -> None:
    file = tmp_path / "steps.toml"
    file.write_text(content)
    with pytest.raises(MappingWrong, match="steps.toml"):
        read_foreign(file)


# Object events.


def test_an_object_that_is_added_is_commissioned_with_its_lot_and_expiry() -> None:
    ilmd = {"cbvmda:lotNumber": "L7", "cbvmda:itemExpirationDate": "2027-05-31"}
    found = scans(an_event(action="ADD", epcList=[FIRST, SECOND], bizStep="commissioning", ilmd=ilmd))
    assert [(scan.key, scan.step, scan.lot, scan.expiry) for scan in found] == [
        (FIRST_KEY, "COMMISSION", "L7", 20969),
        (SECOND_KEY, "COMMISSION", "L7", 20969),
    ]


def test_an_object_that_is_added_by_another_step_is_commissioned_first() -> None:
    assert steps_of(an_event(action="ADD", epcList=[FIRST], bizStep="shipping")) == ["COMMISSION", "SHIP"]
    for biz_step in ("packing", "other", None):
        assert steps_of(an_event(action="ADD", epcList=[FIRST], bizStep=biz_step)) == ["COMMISSION"]


@pytest.mark.parametrize(
    ("biz_step", "disposition", "step"),
    [
        ("destroying", None, "DESTROY"), ("decommissioning", "destroyed", "DESTROY"), (None, "destroyed", "DESTROY"),
        ("dispensing", None, "DISPENSE"), ("dispensing", "destroyed", "DESTROY"), ("retail_selling", None, "SELL"),
        ("decommissioning", "inactive", "RETIRE"), ("shipping", None, "RETIRE"), (None, None, "RETIRE"),
    ],
)  # fmt: skip
def test_an_object_that_is_deleted_ends(biz_step: str | None, disposition: str | None, step: str) -> None:
    event = an_event(action="DELETE", epcList=[FIRST], bizStep=biz_step, disposition=disposition)
    assert steps_of(event) == [step]


# Aggregation events.


def an_aggregation(action: str, *children: str, **more: Any) -> Object:  # noqa: ANN401  JSON
    fields: Object = {"parentID": PALLET, "childEPCs": list(children) or None, **more}
    return an_event("AggregationEvent", action=action, **fields)


def test_what_is_put_into_a_container_is_packed_and_the_container_seen() -> None:
    for biz_step in ("packing", None):
        assert told(an_aggregation("ADD", FIRST, SECOND, bizStep=biz_step)) == [
            (PALLET_KEY, "OBSERVE", None, None),
            (FIRST_KEY, "PACK", PALLET_KEY, None),
            (SECOND_KEY, "PACK", PALLET_KEY, None),
        ]
    assert told(an_aggregation("ADD", FIRST, bizStep="shipping"))[0] == (PALLET_KEY, "SHIP", None, None)


def test_what_is_taken_out_of_a_container_is_unpacked() -> None:
    assert told(an_aggregation("DELETE", FIRST, bizStep="unpacking")) == [(FIRST_KEY, "UNPACK", PALLET_KEY, None)]


def test_a_container_that_is_emptied_is_unpacked_from_itself() -> None:
    assert told(an_aggregation("DELETE", bizStep="unpacking")) == [(PALLET_KEY, "UNPACK", PALLET_KEY, None)]


def test_quantities_alone_say_something_of_the_container_only() -> None:
    for action in ("ADD", "OBSERVE", "DELETE"):
        event = an_aggregation(action, childQuantityList=QUANTITIES, bizStep="unpacking")
        assert told(event) == [(PALLET_KEY, "OBSERVE", None, None)]
        assert made(event).no_unit == 2
    event = an_aggregation("OBSERVE", childQuantityList=QUANTITIES, bizStep="shipping")
    assert told(event) == [(PALLET_KEY, "SHIP", None, None)]


def test_what_is_seen_in_a_container_names_it_so_that_the_fold_tells_whether_it_joins() -> None:
    assert told(an_aggregation("OBSERVE", FIRST, bizStep="receiving")) == [
        (PALLET_KEY, "RECEIVE", None, None),
        (FIRST_KEY, "OBSERVE", PALLET_KEY, None),
    ]


def test_children_seen_together_without_a_parent_each_do_the_step() -> None:
    assert told(an_aggregation("OBSERVE", FIRST, SECOND, parentID=None, bizStep="storing")) == [
        (FIRST_KEY, "STORE", None, None),
        (SECOND_KEY, "STORE", None, None),
    ]
    assert told(an_aggregation("ADD", FIRST, parentID=None, bizStep="packing")) == [(FIRST_KEY, "OBSERVE", None, None)]


@pytest.mark.parametrize("biz_step", ["installing", "assembling", "replacing"])
def test_an_aggregation_that_builds_something_is_an_association(biz_step: str) -> None:
    assert told(an_aggregation("ADD", FIRST, bizStep=biz_step)) == [(FIRST_KEY, "INSTALL", None, PALLET_KEY)]


@pytest.mark.parametrize("biz_step", ["removing", "disassembling"])
def test_an_aggregation_that_takes_something_apart_is_an_association(biz_step: str) -> None:
    assert told(an_aggregation("DELETE", FIRST, bizStep=biz_step)) == [(FIRST_KEY, "REMOVE", None, PALLET_KEY)]
    assert told(an_aggregation("DELETE", bizStep=biz_step)) == [(PALLET_KEY, "REMOVE", None, PALLET_KEY)]


def test_a_container_that_names_no_single_unit_packs_nothing() -> None:
    event = an_aggregation("ADD", FIRST, parentID=CLASS)
    assert told(event) == [(FIRST_KEY, "OBSERVE", None, None)]
    assert made(event).no_unit == 1


def test_a_shipping_container_is_a_container() -> None:
    bic, key = "urn:epc:id:bic:CSQU3054383", "epc:urn:epc:id:bic:CSQU3054383"
    assert told(an_aggregation("ADD", FIRST, parentID=bic)) == [
        (key, "OBSERVE", None, None),
        (FIRST_KEY, "PACK", key, None),
    ]


def test_nothing_is_packed_into_itself() -> None:
    assert told(an_aggregation("ADD", PALLET)) == [
        (PALLET_KEY, "OBSERVE", None, None),
        (PALLET_KEY, "OBSERVE", None, None),
    ]


# Association events.


@pytest.mark.parametrize(("action", "step"), [("ADD", "INSTALL"), ("OBSERVE", "OBSERVE"), ("DELETE", "REMOVE")])
def test_what_is_fixed_to_another_is_installed_seen_or_removed(action: str, step: str) -> None:
    event = an_event("AssociationEvent", action=action, parentID=PALLET, childEPCs=[FIRST])
    assert told(event) == [(FIRST_KEY, step, None, PALLET_KEY)]


def test_all_that_was_fixed_is_removed_from_itself() -> None:
    event = an_event("AssociationEvent", action="DELETE", parentID=PALLET)
    assert told(event) == [(PALLET_KEY, "REMOVE", None, PALLET_KEY)]


@pytest.mark.parametrize("place", [DOCK, "https://example.com/yard"])
def test_what_is_fixed_to_a_place_is_seen_there(place: str) -> None:
    (scan,) = scans(an_event("AssociationEvent", action="ADD", parentID=place, childEPCs=[FIRST]))
    assert (scan.step, scan.container, scan.other_unit) == ("OBSERVE", None, None)
    assert scan.location == ("400" if place == DOCK else "yard")


# Transformation and transaction events.


def test_inputs_are_used_up_outputs_come_to_be_and_what_is_both_stays() -> None:
    other = "urn:epc:id:sgtin:0614141.107346.2019"
    fields: Object = {
        "inputEPCList": [FIRST, SECOND],
        "outputEPCList": [SECOND, other],
        "ilmd": {"cbvmda:lotNumber": "L"},
    }
    event = an_event("TransformationEvent", **fields)
    assert [(scan.key[-4:], scan.step, scan.lot) for scan in scans(event)] == [
        ("2018", "RETIRE", None),
        ("2017", "OBSERVE", None),
        ("2019", "COMMISSION", "L"),
    ]
    assert steps_of({**event, "bizStep": "repairing"}) == ["RETIRE", "REPAIR", "COMMISSION"]
    assert attributes(event)["transformation"].startswith("ni:///sha-256;")
    joined = {**event, "transformationID": "urn:x:batch"}
    assert {dict(scan.attributes)["transformation"] for scan in scans(joined)} == {"urn:x:batch"}


LINK = "https://example.com/01/10614141073464/10/L/21/2018"


def test_a_unit_stays_in_whatever_forms_a_transformation_names_it() -> None:
    event = an_event("TransformationEvent", bizStep="repairing", inputEPCList=[FIRST], outputEPCList=[LINK])
    assert told(event) == [(FIRST_KEY, "REPAIR", None, None)]
    assert told({**event, "inputEPCList": [LINK], "outputEPCList": [FIRST]}) == [(FIRST_KEY, "REPAIR", None, None)]
    own = f"{THINGS.base}unit/sku:ACME/W/1"
    assert steps_of({**event, "inputEPCList": [own], "outputEPCList": [own.replace("/1", "%2F1")]}) == ["REPAIR"]


def test_a_unit_named_twice_in_other_forms_is_scanned_once_and_never_its_own_container() -> None:
    assert told(an_event(epcList=[FIRST, LINK], bizStep="storing")) == [(FIRST_KEY, "STORE", None, None)]
    event = an_event("AggregationEvent", action="ADD", parentID=FIRST, childEPCs=[LINK, SECOND])
    assert told(event) == [
        (FIRST_KEY, "OBSERVE", None, None),
        (FIRST_KEY, "OBSERVE", None, None),
        (SECOND_KEY, "PACK", FIRST_KEY, None),
    ]
    association = {**event, "type": "AssociationEvent"}
    assert told(association) == [(FIRST_KEY, "INSTALL", None, None), (SECOND_KEY, "INSTALL", None, FIRST_KEY)]


@pytest.mark.parametrize("action", ["ADD", "OBSERVE", "DELETE"])
def test_a_transaction_is_seen_with_its_document_and_moves_nothing(action: str) -> None:
    orders = [{"type": "po", "bizTransaction": "urn:x:po:7"}]
    event = an_event(
        "TransactionEvent",
        action=action,
        parentID=PALLET,
        epcList=[FIRST],
        bizTransactionList=orders,
        bizStep="shipping",
    )
    assert told(event) == [(PALLET_KEY, "OBSERVE", None, None), (FIRST_KEY, "OBSERVE", None, None)]
    unlinked = {"unlinked": "true"} if action == "DELETE" else {}
    assert all(scan.document == "order:urn:x:po:7" for scan in scans(event))
    assert attributes(event) == {"biz_step": "shipping", **unlinked}


@pytest.mark.parametrize("biz_step", ["reserving", "encoding", "creating_class_instance"])
@pytest.mark.parametrize("action", ["ADD", "OBSERVE", "DELETE"])
def test_what_says_nothing_of_a_unit_says_nothing_in_a_transaction_either(biz_step: str, action: str) -> None:
    orders = [{"type": "po", "bizTransaction": "urn:x:po:7"}]
    fields: Object = {"parentID": PALLET, "epcList": [FIRST], "bizTransactionList": orders}
    assert scans(an_event("TransactionEvent", action=action, bizStep=biz_step, **fields)) == []


# What names no unit.


@pytest.mark.parametrize("epc", [CLASS, "urn:epc:idpat:sgtin:0614141.107346.*", "https://id.gs1.org/01/10614141073464"])
def test_classes_and_patterns_make_no_scan_and_are_counted(epc: str) -> None:
    found = made(an_event(epcList=[epc, FIRST], quantityList=QUANTITIES))
    assert [scan.key for scan in found.scans] == [FIRST_KEY]
    assert found.no_unit == 3


def test_an_event_of_somebody_else_s_type_makes_no_scan() -> None:
    assert scans(FOREIGN) == []


def test_a_unit_named_twice_is_one_scan() -> None:
    same = "https://id.gs1.org/01/10614141073464/21/2018"
    assert [scan.key for scan in scans(an_aggregation("OBSERVE", FIRST, same))] == [PALLET_KEY, FIRST_KEY]


# Sensors.


def sensing(*reports: Object, **fields: Any) -> Object:  # noqa: ANN401  JSON
    elements = [{"sensorMetadata": {"deviceID": DEVICE}, "sensorReport": list(reports)}]
    return an_event(
        **{"readPoint": {"id": DOCK}, "bizStep": "sensor_reporting", "sensorElementList": elements, **fields}
    )


WARM: Object = {"type": "Temperature", "value": 26.5, "uom": "CEL"}
ALARM: Object = {**WARM, "exception": "ALARM_CONDITION"}
ERROR: Object = {"type": "Temperature", "exception": "ERROR_CONDITION"}


def test_what_sensors_say_is_kept_with_each_unit() -> None:
    assert attributes(sensing(WARM, epcList=[FIRST]))["sensor_1"] == "Temperature 26.5 CEL"


def test_sensors_without_a_unit_say_something_of_the_place() -> None:
    (scan,) = scans(sensing(WARM))
    assert (scan.key, scan.step, scan.site, scan.location) == ("sgln:0012345111112400", "OBSERVE", "factory", "400")


def alarmed(event: Object) -> list[str]:
    return [scan.key for scan in scans(event) if dict(scan.attributes).get("sensor_exception") == "ALARM_CONDITION"]


def test_an_alarm_is_said_of_one_thing_the_parent_else_the_first_else_the_place() -> None:
    elements = sensing(ALARM, ALARM)["sensorElementList"]
    assert alarmed(an_aggregation("OBSERVE", FIRST, SECOND, sensorElementList=elements)) == [PALLET_KEY]
    assert alarmed(sensing(ALARM, epcList=[FIRST, SECOND])) == [FIRST_KEY]
    assert alarmed(sensing(ALARM)) == ["sgln:0012345111112400"]


def alarm(event: Object, only_site: str | None = None) -> Alarm:
    found = made(event, only_site=only_site).alarm
    assert found is not None
    return found


def test_an_alarm_is_one_finding_of_the_same_thing() -> None:
    elements = sensing(ALARM, ALARM)["sensorElementList"]
    parent = an_aggregation("OBSERVE", FIRST, SECOND, sensorElementList=elements)
    assert alarm(parent).finding.subject == f"unit:{PALLET_KEY}"
    assert alarm(sensing(ALARM, epcList=[FIRST, SECOND])).finding.subject == f"unit:{FIRST_KEY}"
    assert alarm(sensing(ALARM, epcList=[CLASS, SECOND])).finding.subject == f"unit:{SECOND_KEY}"
    place = alarm(sensing(ALARM)).finding
    assert (place.subject, place.site) == ("unit:sgln:0012345111112400", "factory")


def test_an_alarm_without_a_thing_or_place_is_of_the_site_it_was_captured_at() -> None:
    elements = sensing(ALARM)["sensorElementList"]
    nowhere = an_event(bizStep="sensor_reporting", sensorElementList=elements, quantityList=QUANTITIES)
    assert [alarm(nowhere, site).finding.subject for site in ("yard", None)] == ["site:yard", "site:unknown"]


def test_no_alarm_no_finding() -> None:
    assert made(sensing(WARM, ERROR, epcList=[FIRST])).alarm is None


def test_the_evidence_of_an_alarm_is_the_event_and_what_its_sensors_reported() -> None:
    event = sensing(WARM, ALARM | {"time": "2026-11-02T09:00:00Z"}, epcList=[FIRST], eventID="urn:x:1")
    assert alarm(event).evidence == {
        "event": "urn:x:1",
        "reports": [
            {
                "type": "Temperature", "value": 26.5, "uom": "CEL", "time": "2026-11-02T09:00:00Z", "device": DEVICE,
                "said": "Temperature 26.5 CEL ALARM_CONDITION",
            }
        ],
    }  # fmt: skip


def test_of_many_alarms_of_an_event_the_first_are_evidence() -> None:
    told = alarm(sensing(*[ALARM] * 30, epcList=[FIRST])).evidence
    assert (len(told["reports"]), told["alarms"]) == (20, 30)


def test_an_event_and_its_declaration_state_one_finding_which_then_holds_no_more() -> None:
    wrong = {"errorDeclaration": {"declarationTime": "2026-11-03T00:00:00Z", "reason": "incorrect_data"}}
    for event in (sensing(ALARM, epcList=[FIRST], eventID="urn:x:1"), sensing(ALARM, epcList=[FIRST])):
        said, taken_back = alarm(event).finding, alarm(event | wrong).finding
        assert said.id == taken_back.id
        assert [(one.holds, one.version) for one in (said, taken_back)] == [(True, 0), (False, 1)]


def test_two_events_of_one_thing_at_one_time_are_two_findings() -> None:
    events = [sensing(ALARM, epcList=[FIRST], eventID=f"urn:x:{number}") for number in (1, 2)]
    assert len({alarm(event).finding.id for event in events}) == 2


def test_a_sensor_in_error_is_flagged_itself() -> None:
    found = scans(sensing(ERROR, ERROR, epcList=[FIRST], disposition="in_progress"))
    assert [(scan.key, scan.step, scan.condition) for scan in found] == [
        (FIRST_KEY, "OBSERVE", "in_progress"),
        (DEVICE_KEY, "OBSERVE", "non_conformant"),
    ]


# Dispositions and flags.


def test_a_plain_disposition_is_the_condition_and_a_persistent_one_sets_and_unsets_flags() -> None:
    persistent = {"set": ["recalled", "damaged", "completeness_verified"], "unset": ["stolen", "available"]}
    event = an_event(epcList=[FIRST], disposition="expired", persistentDisposition=persistent)
    (scan,) = scans(event)
    assert (scan.condition, scan.flags_set, scan.flags_unset) == ("expired", "damaged recalled", "stolen")
    assert attributes(event) == {"disposition_set": "completeness_verified", "disposition_unset": "available"}


def test_every_flag_is_a_word_of_the_standard() -> None:
    assert len(vocabulary.FLAGS) == 11
    assert vocabulary.DISPOSITION.words >= vocabulary.FLAGS


# Places and documents.

DOCUMENT, DOCUMENT_LINK = "urn:epc:id:gdti:0614141.12345.400", "https://id.gs1.org/253/0614141123452400"


@pytest.mark.parametrize(
    ("fields", "site", "location"),
    [
        ({"readPoint": {"id": DOCK}}, "factory", "400"),
        ({"readPoint": {"id": "https://example.org/414/0012345111112/254/7?x=1"}}, "factory", "7"),
        ({"readPoint": {"id": "https://id.gs1.org/414/0012345111112"}}, "factory", None),
        ({"bizLocation": {"id": DOCK}}, "factory", "400"),
        ({"readPoint": {"id": SHOP}}, "gln:0614141007776", None),
        ({"readPoint": {"id": "https://example.com/yard"}}, "yard", None),
        ({"readPoint": {"id": "https://example.com/gate"}}, "https://example.com/gate", None),
        ({"readPoint": {"id": "https://ledger.example/site/B%C3%BCro%207"}}, "Büro 7", None),
        ({}, "unknown", None),
    ],
)
def test_the_site_is_the_read_point_else_the_business_location(fields: Object, site: str, location: str | None) -> None:
    (scan,) = scans(an_event(epcList=[FIRST], **fields))
    assert (scan.site, scan.location) == (site, location)


def test_where_nothing_is_said_it_is_the_sender_s_only_site() -> None:
    (scan,) = made(an_event(epcList=[FIRST]), only_site="shop-oslo").scans
    assert scan.site == "shop-oslo"


def test_a_business_location_of_another_site_is_kept() -> None:
    event = an_event(epcList=[FIRST], readPoint={"id": DOCK}, bizLocation={"id": SHOP})
    assert attributes(event) == {"biz_location": "gln:0614141007776"}
    assert attributes({**event, "bizLocation": {"id": "urn:epc:id:sgln:0012345.11111.0"}}) == {}


def test_the_destination_is_the_location_else_who_possesses_and_owners_are_pseudonyms() -> None:
    location = {"type": "location", "destination": SHOP}
    possessing = {"type": "possessing_party", "destination": "urn:epc:id:pgln:0012345.11111"}
    owning = {"type": "owning_party", "destination": "urn:epc:id:pgln:0614141.00777"}
    event = an_event(epcList=[FIRST], bizStep="shipping", destinationList=[owning, possessing, location])
    (scan,) = scans(event)
    assert scan.destination == "gln:0614141007776"
    (party,) = attributes(event).values()
    assert party.startswith("party:")
    assert "0614141" not in party
    (scan,) = scans({**event, "destinationList": [possessing]})
    assert scan.destination == "factory"


def test_an_owner_and_a_transformation_are_the_same_in_whatever_form_they_are_written() -> None:
    owners = ("urn:epc:id:pgln:0614141.12345", "https://id.gs1.org/417/0614141123452", "http://a/party/0614141123452/")
    events = [
        an_event(epcList=[FIRST], destinationList=[{"type": "owning_party", "destination": owner}]) for owner in owners
    ]
    assert len({attributes(event)["owning_party"] for event in events}) == 1
    made_of: Object = {"inputEPCList": [FIRST], "outputEPCList": [SECOND]}
    events = [an_event("TransformationEvent", transformationID=one, **made_of) for one in (DOCUMENT, DOCUMENT_LINK)]
    assert [attributes(event)["transformation"] for event in events] == [DOCUMENT_LINK] * 2


@pytest.mark.parametrize("document", [DOCUMENT, DOCUMENT_LINK])
def test_a_document_has_one_name_however_the_event_writes_it(document: str) -> None:
    listed = [{"type": "desadv", "bizTransaction": document}]
    (scan,) = scans(an_event(epcList=[FIRST], bizStep="receiving", bizTransactionList=listed))
    assert scan.document == f"asn:{DOCUMENT_LINK}"


@pytest.mark.parametrize("other", ["urn:x:asn", "x:asn", "x:" + "a" * 400])
def test_a_document_that_is_called_like_the_scan_s_own_is_kept_too(other: str) -> None:
    own = other if len(other) > 100 else "urn:x:asn"
    listed = [{"type": "desadv", "bizTransaction": own}, {"type": "inv", "bizTransaction": other}]
    event = an_event(epcList=[FIRST], bizStep="receiving", bizTransactionList=listed)
    assert (scans(event)[0].document or "")[:20] == f"asn:{own}"[:20]
    assert attributes(event) == {"transaction_inv": other}


@pytest.mark.parametrize(
    ("biz_step", "document", "others"),
    [
        ("shipping", "asn:urn:x:asn", {"transaction_po": "urn:x:po", "transaction_inv": "urn:x:i urn:x:j"}),
        ("storing", "order:urn:x:po", {"transaction_desadv": "urn:x:asn", "transaction_inv": "urn:x:i urn:x:j"}),
    ],
)
def test_the_document_is_what_the_step_needs_and_the_others_are_kept(
    biz_step: str, document: str, others: dict[str, str]
) -> None:
    kinds = [("po", "po"), ("inv", "i"), ("desadv", "asn"), ("inv", "j")]
    listed = [{"type": kind, "bizTransaction": f"urn:x:{name}"} for kind, name in kinds]
    event = an_event(epcList=[FIRST], bizStep=biz_step, bizTransactionList=listed)
    assert scans(event)[0].document == document
    assert attributes(event) == others


def test_a_return_has_its_rma_as_document() -> None:
    listed = [{"type": "po", "bizTransaction": "urn:x:po"}, {"type": "rma", "bizTransaction": "urn:x:rma"}]
    event = an_event(epcList=[FIRST], bizStep="receiving", bizTransactionList=listed)
    assert (steps_of(event), scans(event)[0].document) == (["RETURN"], "rma:urn:x:rma")
