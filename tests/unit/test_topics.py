"""The index of topics, and what the broker is told about each."""

import pytest

from pipeline.broker.admin import topic_configuration
from pipeline.broker.clients import BATCH_BYTES
from pipeline.broker.topics import Topics
from pipeline.errors import TopicsWrong
from pipeline.wire.schemas import catalogue


def test_a_prefix_goes_in_front_of_every_name() -> None:
    assert [topic.name for topic in Topics.load("x-").all()] == ["x-" + topic.name for topic in Topics.load().all()]
    assert Topics.load("x-").name("dead_letters") == "x-dead-letters"


def test_a_topic_that_is_not_in_the_index_is_named_with_those_that_are() -> None:
    with pytest.raises(TopicsWrong, match="no topic 'orders'.*scans, internal"):
        Topics.load().name("orders")


def test_every_schema_belongs_to_a_topic_and_every_topic_s_schemas_exist() -> None:
    used = {record for topic in Topics.load().all() for record in topic.schemas}
    assert used == {known.record for known in catalogue().versions()}


def test_every_output_of_the_worker_carries_positions() -> None:
    for topic in Topics.load().all():
        assert ("position" in topic.schemas) == ("worker" in topic.writers and not topic.is_input)


def test_only_what_others_send_carries_the_brokers_own_time() -> None:
    stamped = {
        topic.key
        for topic in Topics.load().all()
        if topic_configuration(topic)["message.timestamp.type"] == "LogAppendTime"
    }
    assert stamped == {"scans", "internal", "epcis_events"}


def test_the_units_are_compacted_and_kept_for_ever() -> None:
    configuration = topic_configuration(Topics.load()["units"])
    assert configuration["cleanup.policy"] == "compact"
    assert configuration["retention.ms"] == "-1"
    assert "segment.ms" in configuration


def test_a_full_batch_and_the_greatest_record_are_below_the_brokers_limit() -> None:
    for topic in Topics.load().all():
        assert topic.max_bytes < topic.batch_bytes
        assert int(topic_configuration(topic)["max.message.bytes"]) > BATCH_BYTES
