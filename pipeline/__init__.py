"""The pipeline: scans in from Kafka, decisions out to Kafka and ClickHouse."""
