"""Kafka clients, configured the one way the ledger needs them.

producer(settings)                                            # idempotent, lz4, Kafka's own murmur2 partitioner
transactional_producer(settings, "scanledger-scans-3")        # its init_transactions is the caller's to call
consumer(settings)                                            # assign-only, read_committed, belongs to no group
consumer(settings, group="sink", **{"auto.offset.reset": "earliest"})
"""

import logging
import uuid
from typing import Any

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

from pipeline.errors import SettingsWrong
from pipeline.settings import Settings

# A record may have 1 MiB; a produced batch is cut at that size, so the broker must take what is a little larger.
BATCH_BYTES = 1024 * 1024
REQUEST_BYTES = 2 * BATCH_BYTES

_LOG = logging.getLogger("pipeline.broker")


def connection(settings: Settings) -> dict[str, Any]:
    """Return what every client needs to connect.

    Raises:
        SettingsWrong: no broker is named.
    """
    if not settings.kafka_bootstrap:
        message = "No broker: start the local stack with `scanledger up`, or set KAFKA_BOOTSTRAP=host:port."
        raise SettingsWrong(message)
    chosen = {
        "bootstrap.servers": settings.kafka_bootstrap,
        "security.protocol": settings.kafka_security_protocol,
        "sasl.mechanism": settings.kafka_sasl_mechanism,
        "sasl.username": settings.kafka_sasl_username,
        "sasl.password": settings.kafka_sasl_password.get_secret_value(),
        "ssl.ca.location": settings.kafka_ssl_ca,
    }
    return {name: value for name, value in chosen.items() if value} | {"client.id": settings.app}


def producer(settings: Settings, **conf: Any) -> Producer:  # noqa: ANN401  configuration as librdkafka takes it
    """Return an idempotent producer that puts a unit where every other producer puts it."""
    ours = {
        "partitioner": "murmur2_random",  # librdkafka's default agrees with Kafka's on 1 key in 12
        "compression.type": "lz4",
        "enable.idempotence": True,
        "linger.ms": 20,
        "batch.size": BATCH_BYTES,
        "message.max.bytes": REQUEST_BYTES,
    }
    return Producer(connection(settings) | ours | conf, logger=_LOG)


def transactional_producer(settings: Settings, transactional_id: str, **conf: Any) -> Producer:  # noqa: ANN401
    """Return a producer for transactions; the caller calls `init_transactions`, which fences its former self."""
    return producer(settings, **({"transactional.id": transactional_id} | conf))


def consumer(settings: Settings, group: str | None = None, **conf: Any) -> Consumer:  # noqa: ANN401
    """Return a reader of committed records that resets no offset and commits none by itself.

    Without a group it may only be assigned to partitions, and leaves nothing behind on the broker.
    """
    ours = {
        "group.id": group or f"{settings.app}-reader-{uuid.uuid4().hex}",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "fetch.message.max.bytes": REQUEST_BYTES,
        "allow.auto.create.topics": False,
    }
    return Consumer(connection(settings) | ours | conf, logger=_LOG)


def admin_client(settings: Settings) -> AdminClient:
    """Return a client for topics and configurations."""
    return AdminClient(connection(settings), logger=_LOG)
