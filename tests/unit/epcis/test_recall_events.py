"""The units of a recall as EPCIS events: valid by the standard's schema, the same however often they are written."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.recall_epcis import recall_events
from pipeline.capture.epcis.answers import capture_document
from tests.unit.epcis.test_export import KEYS, URIS, the_schema

AT = 1_700_000_000_000


@given(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
def test_the_event_is_valid_and_names_every_unit(keys: list[str]) -> None:
    (event,) = recall_events("0123456789abcdef", keys, AT, URIS)
    assert [error.message for error in the_schema().iter_errors(capture_document([event]))] == []
    assert event["epcList"] == [URIS.unit(key) for key in keys]
    assert (event["action"], event["disposition"]) == ("OBSERVE", "recalled")


def test_long_lists_are_several_events_each_with_its_own_id() -> None:
    events = list(recall_events("r", [f"sku:ACME/W/{number}" for number in range(25_000)], AT, URIS))
    assert [len(event["epcList"]) for event in events] == [10_000, 10_000, 5_000]
    assert len({event["eventID"] for event in events}) == 3
    again = list(recall_events("r", [f"sku:ACME/W/{number}" for number in range(25_000)], AT, URIS))
    assert again == events
