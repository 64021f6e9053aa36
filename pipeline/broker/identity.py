"""What tells one Kafka cluster, and one incarnation of a topic, from another of the same name."""

from confluent_kafka import TopicCollection

from pipeline.broker.clients import admin_client
from pipeline.settings import Settings

_SECONDS = 10.0


def identity_of(settings: Settings, topics: list[str]) -> dict[str, str]:
    """Return the cluster's id and the id of each topic, by name."""
    client = admin_client(settings)
    cluster = client.describe_cluster(request_timeout=_SECONDS).result(_SECONDS)
    described = client.describe_topics(TopicCollection(topics), request_timeout=_SECONDS)
    ids = {name: str(future.result(_SECONDS).topic_id) for name, future in described.items()}
    return {"cluster": cluster.cluster_id, **ids}
