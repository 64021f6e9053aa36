"""The event hash is that of the reference software, and where that disagrees with itself, one for one event."""

import copy
from typing import Any

import pytest
from epcis_event_hash_generator import hash_generator, json_to_py, xml_to_py
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.capture.epcis.judge import judge
from pipeline.capture.epcis.names import Prefixes
from pipeline.capture.epcis.prehash import event_hash, pre_hash
from pipeline.capture.epcis.times import milliseconds, utc
from pipeline.domain.identifiers.canonical import canonical
from tests.unit.epcis.as_xml import document_xml
from tests.unit.epcis.events import CLASS, CONTEXT, FIRST, QUANTITIES, SECOND, WHOLE, Object, a_document, an_event

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the reference software
PREFIXES = Prefixes.of_context(CONTEXT)
NOT_ALIKE = ("ilmd",)
"""Of the reference: in JSON it leaves the prefix of master data as it is, in XML it is expanded."""
EPCS = [
    FIRST, SECOND, "urn:epc:id:sgtin:4012345.011111.32a%2Fb", "urn:epc:id:sscc:4012345.1234567890",
    "urn:epc:id:grai:4012345.01234.987", "urn:epc:id:giai:4012345.11111111", "urn:epc:id:gsrn:4012345.1234567890",
    "urn:epc:id:gsrnp:4012345.1234567890", "urn:epc:id:cpi:4012345.98765.12",
    "urn:epc:id:itip:4012345.012345.01.02.987",
    "urn:epc:id:upui:4012345.012345.987", "urn:epc:id:gid:1.2.3", "urn:example:thing:7", "https://example.com/thing/7",
    "https://id.gs1.org/00/340123453111111115", "http://example.org/some/where/01/4012345111118/10/lot-1/21/987?17=251231",
    "https://id.gs1.org/8006/401234511111810102/21/987", "https://id.gs1.org/gtin/4012345111118/ser/987",
]  # fmt: skip
CLASSES = [CLASS, "urn:epc:idpat:sgtin:4012345.012345.*", "https://id.gs1.org/01/04012345111118/10/L", "urn:x:class"]
PLACES = [
    "urn:epc:id:sgln:4012345.00005.0", "urn:epc:id:sgln:4012345.00005.7", "https://example.com/414/4012345000054",
    "urn:x:place",
]  # fmt: skip
DOCUMENTS = ["urn:epc:id:gdti:4012345.00011.987", "urn:epcglobal:cbv:bt:4012345000016:7", "https://example.com/po/7"]
PARTIES = ["urn:epc:id:pgln:4012345.00000", "https://id.gs1.org/417/4012345000009", "urn:x:party"]


def by_reference(event: Object) -> str:
    events = json_to_py.event_list_from_epcis_document_json(copy.deepcopy(a_document(event)))
    (found,) = hash_generator.derive_prehashes_from_events(events)
    return str(found)


def by_reference_in_xml(event: Object) -> str:
    events = xml_to_py.event_list_from_epcis_document_str(document_xml(event).decode())
    (found,) = hash_generator.derive_prehashes_from_events(events)
    return str(found)


def without(event: Object, *names: str) -> Object:
    return {name: value for name, value in event.items() if name not in names}


@pytest.mark.parametrize("event", WHOLE, ids=lambda event: event["type"])
def test_an_event_with_everything_has_the_hash_of_the_reference(event: Object) -> None:
    event = without(event, *NOT_ALIKE)
    assert pre_hash(event, PREFIXES) == by_reference(event) == by_reference_in_xml(event)
    events = json_to_py.event_list_from_epcis_document_json(copy.deepcopy(a_document(event)))
    assert [event_hash(event, PREFIXES)] == hash_generator.epcis_hashes_from_events(events)


def test_master_data_have_the_hash_that_the_reference_gives_them_in_xml() -> None:
    for event in WHOLE:
        assert pre_hash(event, PREFIXES) == by_reference_in_xml(event)


def lists(*pool: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(pool), max_size=4, unique=True)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Object]:
    return st.fixed_dictionaries({}, optional=fields)


NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6, allow_nan=False), st.sampled_from([1e21, 5e-7, 0.1])
)
TIMES = st.builds(
    "2{:03}-{:02}-{:02}T{:02}:{:02}:59{}{}".format,
    st.integers(0, 999), st.integers(1, 12), st.integers(1, 28), st.integers(0, 23), st.integers(0, 59),
    st.sampled_from(["", ".1", ".12", ".1234", ".12369", ".000", ".99949"]), st.sampled_from(["Z", "+01:00", "-11:30"]),
)  # fmt: skip
LEAVES = st.one_of(st.sampled_from(["AB-12", "1.50", "007", FIRST, "späť", "a,b", "1e3"]), NUMBERS)
EXTENSIONS: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(
        st.sampled_from(["ex:one", "ex:two", "ex:three"]),
        inner | st.lists(inner, min_size=1, max_size=3),
        min_size=1,
        max_size=3,
    ),
    max_leaves=6,
)


def pairs(name: str, kinds: list[str], pool: list[str]) -> st.SearchStrategy[list[Object]]:
    """In JSON the reference keeps the order of a pair's parts: with the type first, as in XML."""
    one = st.builds(lambda kind, text: {"type": kind, name: text}, st.sampled_from(kinds), st.sampled_from(pool))
    return st.lists(one, min_size=1, max_size=3)


QUANTITY = st.fixed_dictionaries(
    {"epcClass": st.sampled_from(CLASSES)}, optional={"quantity": NUMBERS, "uom": st.just("KGM")}
)
REPORT = st.fixed_dictionaries(
    {"type": st.sampled_from(["Temperature", "Mass"])},
    optional={"value": NUMBERS, "uom": st.just("CEL"), "time": TIMES, "deviceID": st.sampled_from(EPCS)},
)
METADATA = st.fixed_dictionaries({"time": TIMES}, optional={"deviceID": st.sampled_from(EPCS)})
COMMON = optional(
    bizStep=st.sampled_from(["shipping", "https://example.com/step"]),
    disposition=st.sampled_from(["in_transit", "https://example.com/disp"]),
    readPoint=st.fixed_dictionaries({"id": st.sampled_from(PLACES)}),
    bizLocation=st.fixed_dictionaries({"id": st.sampled_from(PLACES)}),
    bizTransactionList=pairs("bizTransaction", ["po", "inv"], DOCUMENTS),
    sourceList=pairs("source", ["location"], PLACES),
    destinationList=pairs("destination", ["owning_party"], PARTIES),
    sensorElementList=st.lists(
        st.fixed_dictionaries({"sensorMetadata": METADATA, "sensorReport": st.lists(REPORT, min_size=1, max_size=3)}),
        min_size=1, max_size=2,
    ),
    **{"ex:first": EXTENSIONS, "ex:second": EXTENSIONS},
)  # fmt: skip
OBJECT_EVENTS = st.builds(
    lambda when, what, common: {"type": "ObjectEvent", "eventTimeZoneOffset": "+01:00", **when, **what, **common},
    st.fixed_dictionaries({"eventTime": TIMES}),
    st.fixed_dictionaries(
        {"epcList": lists(*EPCS), "action": st.sampled_from(["ADD", "OBSERVE", "DELETE"])},
        optional={"quantityList": st.lists(QUANTITY, min_size=1, max_size=3)},
    ),
    COMMON,
)


@settings(max_examples=60)
@given(OBJECT_EVENTS)
def test_any_event_has_the_hash_of_the_reference(event: Object) -> None:
    assert judge(a_document(event)).faults == ()
    assert pre_hash(event, PREFIXES) == by_reference(event)


@given(OBJECT_EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_parts_does_not_matter(event: Object, chance: Any) -> None:  # noqa: ANN401  random.Random
    def shuffled(value: Any) -> Any:  # noqa: ANN401  JSON
        if isinstance(value, dict):
            names = list(value)
            chance.shuffle(names)
            return {name: shuffled(value[name]) for name in names}
        if isinstance(value, list):
            parts = [shuffled(one) for one in value]
            chance.shuffle(parts)
            return parts
        return value

    assert pre_hash(shuffled(event), PREFIXES) == pre_hash(event, PREFIXES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"eventTime": "2026-11-02T09:20:00+01:00"}, {"eventTime": "2026-11-02T08:20:00.000Z"}),
        ({"eventTime": "2026-12-31T23:59:59.9996Z"}, {"eventTime": "2027-01-01T00:00:00Z"}),
        ({"recordTime": "2026-11-02T09:20:00Z"}, {}),
        ({"eventID": "urn:x:1"}, {"errorDeclaration": {"declarationTime": "2026-11-02T09:20:00Z"}}),
        ({"bizStep": "shipping"}, {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"}),
        ({"epcList": [FIRST]}, {"epcList": ["https://example.com/01/10614141073464/10/L/21/2018?17=271231"]}),
        ({"ex:n": 1}, {"ex:n": " 1.0 "}),
        ({"ex:b": True}, {"ex:b": "true"}),
        ({"ex:e": None}, {"ex:e": ""}),
        ({"ex:n": "1"}, {"https://ns.example.com/epcis/n": "1"}),
        ({"ex:c": "a", "rdfs:comment": "so"}, {"ex:c": "a"}),
    ],
)
def test_these_are_one_event(one: Object, other: Object) -> None:
    least = an_event(epcList=[FIRST])
    assert event_hash({**least, **one}, PREFIXES) == event_hash({**least, **other}, PREFIXES)


@pytest.mark.parametrize(
    "change",
    [
        {"eventTimeZoneOffset": "+02:00"}, {"eventTime": "2026-11-02T09:20:00.124+01:00"}, {"action": "ADD"},
        {"epcList": [SECOND]}, {"quantityList": QUANTITIES}, {"ex:n": ""}, {"ilmd": {}},
        {"bizTransactionList": [{"bizTransaction": "urn:x:1"}]},
    ],
)  # fmt: skip
def test_these_are_another_event(change: Object) -> None:
    least = an_event(epcList=[FIRST])
    assert event_hash({**least, **change}, PREFIXES) != event_hash(least, PREFIXES)


@given(st.sampled_from(EPCS + CLASSES + PLACES + DOCUMENTS + PARTIES), st.text(max_size=3), st.integers(0, 60))
@example("urn:epc:id:sgtin:4012345.011111.987", "", 0)
def test_a_canonical_link_is_that_of_the_reference_and_stays_itself(text: str, noise: str, at: int) -> None:
    changed = text[:at] + noise + text[at:]
    found = canonical(changed)
    assert canonical(found) == found
    if not noise:
        assert found == (hash_generator.dl_normaliser(changed) or changed)


@given(TIMES)
def test_a_time_is_the_same_moment_when_it_is_written_anew(text: str) -> None:
    moment = milliseconds(text)
    assert moment is not None
    assert milliseconds(utc(moment)) == moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02T09:20:00.0005Z", "2026-11-02T09:20:00.001Z"),
        ("2026-11-02T09:20:00.00049999Z", "2026-11-02T09:20:00.000Z"),
        ("2024-02-28T23:59:59.9995-01:00", "2024-02-29T01:00:00.000Z"),
        ("0001-01-01T00:00:00+14:00", "0000-12-31T10:00:00.000Z"),
        ("9999-12-31T23:59:59.9999Z", "10000-01-01T00:00:00.000Z"),
    ],
)
def test_more_than_milliseconds_is_rounded_with_carry(text: str, expected: str) -> None:
    moment = milliseconds(text)
    assert moment is not None
    assert utc(moment) == expected


def test_a_foreign_event_is_hashed_whatever_its_fields_hold() -> None:
    odd = {"bizTransactionList": "x", "epcList": 7, "readPoint": [], "sensorElementList": {"a": [{"b": None}]}}
    event = {
        "type": "https://example.com/Odd",
        "eventTime": "2026-11-02T09:20:00Z",
        "eventTimeZoneOffset": "+01:00",
        **odd,
    }
    assert event_hash(event, PREFIXES).startswith("ni:///sha-256;")
