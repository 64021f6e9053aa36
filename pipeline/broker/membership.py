"""Who of a consumer group is assigned a partition, as the group's coordinator says."""

from confluent_kafka import ConsumerGroupState, KafkaException

from pipeline.broker.clients import admin_client
from pipeline.errors import BrokerUnreachable
from pipeline.settings import Settings

_SECONDS = 10.0


def owner_of(settings: Settings, group: str, topic: str, partition: int) -> str | None:
    """Return the id of the member that the partition is assigned to; None while the group is rebalancing.

    Raises:
        BrokerUnreachable: the coordinator does not answer.
    """
    client = admin_client(settings)  # kept until the answer is here: without it nobody would hear it
    asked = client.describe_consumer_groups([group], request_timeout=_SECONDS)
    try:
        described = asked[group].result(_SECONDS)
    except (KafkaException, TimeoutError) as error:
        message = f"Kafka does not say who owns {topic}-{partition}: {error}"
        raise BrokerUnreachable(message) from error
    if described.state != ConsumerGroupState.STABLE:
        return None
    for member in described.members:
        for place in member.assignment.topic_partitions:
            if (place.topic, place.partition) == (topic, partition):
                return str(member.member_id)
    return None
