"""The embedded default: Kafka, ClickHouse and the supervised stack on one machine."""
