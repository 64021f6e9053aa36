"""Partitions followed while somebody wants them, and sends that know when the broker has all: on a real broker."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.broker.admin import create_topics, watermarks
from pipeline.broker.deliver import Deliverer
from pipeline.broker.read import read_partition
from pipeline.broker.send import Sender
from pipeline.broker.topics import Topics
from pipeline.broker.watch import Watch
from pipeline.domain.routing import partition_of
from pipeline.errors import BrokerUnreachable, NotDelivered, QueueFull
from pipeline.local.ports import free_ports
from pipeline.settings import Settings

PARTITIONS = 3
PATIENCE_SECONDS = 60.0


def settings_of(**chosen: object) -> Settings:
    return Settings.model_validate(chosen)


@pytest.fixture
def settings(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> Settings:
    settings = settings_of(
        home=tmp_path, kafka_bootstrap=kafka_bootstrap, topic_prefix=topic_prefix, partitions=PARTITIONS
    )
    create_topics(settings)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _has_leaders(settings):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return settings


def _has_leaders(settings: Settings) -> bool:
    try:
        return all(watermarks(settings, topic.name) for topic in Topics.load(settings.topic_prefix).all())
    except BrokerUnreachable:
        return False


@contextmanager
def following(settings: Settings) -> Iterator[Watch]:
    watch = Watch(settings, "scans")
    try:
        yield watch
    finally:
        watch.close()


def put(settings: Settings, partition: int, *values: bytes) -> None:
    sender = Sender(settings, "scans")
    sender.send([b"k"] * len(values), list(values), partition)
    sender.finish()


def read(watch: Watch, count: int) -> list[tuple[int, bytes | None]]:
    found: list[tuple[int, bytes | None]] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count:
        assert time.monotonic() < deadline, found
        found += [(record.partition, record.value) for record in watch.read(0.1)]
    return found


def test_a_partition_is_followed_from_where_it_ended_and_others_are_not(settings: Settings) -> None:
    put(settings, 0, b"before")
    with following(settings) as watch:
        watch.follow([0], 10)
        put(settings, 0, b"first", b"second")
        put(settings, 1, b"of another")
        assert read(watch, 2) == [(0, b"first"), (0, b"second")]
        assert watch.read(0.3) == []


def test_one_more_is_followed_without_a_gap_in_the_others_and_none_after_leaving(settings: Settings) -> None:
    with following(settings) as watch:
        watch.follow([0], 10)
        put(settings, 0, b"a")
        put(settings, 1, b"too early")
        watch.follow([0, 1], 10)
        put(settings, 0, b"b")
        put(settings, 1, b"c")
        assert sorted(read(watch, 3)) == [(0, b"a"), (0, b"b"), (1, b"c")]
        watch.leave()
        assert watch.followed == frozenset()
        put(settings, 0, b"unseen")
        watch.follow([0], 10)
        put(settings, 0, b"seen")
        assert read(watch, 1) == [(0, b"seen")]


def test_a_broker_that_is_not_there_is_said_to_be_missing_in_time(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with following(settings_of(home=tmp_path, kafka_bootstrap=f"127.0.0.1:{port}")) as watch:
        begun = time.monotonic()
        with pytest.raises(BrokerUnreachable, match="how far"):
            watch.follow([0], 0.5)
        assert time.monotonic() - begun < 3


def test_several_threads_send_and_each_learns_when_the_broker_has_its_own(settings: Settings) -> None:
    deliverer = Deliverer(settings, "scans", 30)

    def send(name: bytes) -> None:
        settled = threading.Event()
        keys = [b"%s-%d" % (name, n) for n in range(500)]
        delivery = deliverer.send(keys, keys, settled.set)
        assert settled.wait(PATIENCE_SECONDS)
        assert not delivery.refused

    threads = [threading.Thread(target=send, args=(name,)) for name in (b"a", b"b", b"c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert deliverer.fault(10) == ""
    deliverer.close()
    seen = [[record.value for record in read_partition(settings, "scans", p)] for p in range(PARTITIONS)]
    assert sum(map(len, seen)) == 1500
    for partition, values in enumerate(seen):
        assert all(partition_of(value or b"", PARTITIONS) == partition for value in values)
        for name in (b"a", b"b", b"c"):
            own = [int((value or b"").split(b"-")[1]) for value in values if (value or b"").startswith(name)]
            assert own == sorted(own)


def test_a_record_that_the_broker_refuses_is_told_and_later_ones_go_on(settings: Settings) -> None:
    deliverer = Deliverer(settings, "scans", 30)
    first, second = threading.Event(), threading.Event()
    refused = deliverer.send([b"k", b"k"], [b"x" * 3_000_000, b"small"], first.set)
    assert first.wait(PATIENCE_SECONDS)
    assert "large" in refused.refused.lower()
    taken = deliverer.send([b"k"], [b"after"], second.set)
    assert second.wait(PATIENCE_SECONDS)
    assert taken.refused == ""
    deliverer.close()


def test_without_a_broker_records_are_given_up_in_time_and_what_is_too_much_is_refused_whole(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    deliverer = Deliverer(settings_of(home=tmp_path, kafka_bootstrap=f"127.0.0.1:{port}"), "scans", 1.0)
    assert deliverer.fault(0.2)
    settled = threading.Event()
    many = [b"k"] * 150_000
    delivery = deliverer.send(many, many, settled.set)
    with pytest.raises(QueueFull, match="on their way"):
        deliverer.send(many, many, settled.set)
    assert settled.wait(PATIENCE_SECONDS)
    assert "timed out" in delivery.refused.lower()
    deliverer.close()


def test_closing_says_that_records_were_never_acknowledged(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    deliverer = Deliverer(settings_of(home=tmp_path, kafka_bootstrap=f"127.0.0.1:{port}"), "scans", 60.0)
    deliverer.send([b"k"], [b"v"], lambda: None)
    with pytest.raises(NotDelivered, match="has not acknowledged 1 records"):
        deliverer.close()


def test_a_producer_that_cannot_go_on_is_replaced(settings: Settings) -> None:
    deliverer = Deliverer(settings, "scans", 30)
    former = deliverer._producer
    deliverer._broken.set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while deliverer._producer is former:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    settled = threading.Event()
    delivery = deliverer.send([b"k"], [b"v"], settled.set)
    assert settled.wait(PATIENCE_SECONDS)
    assert delivery.refused == ""
    deliverer.close()
