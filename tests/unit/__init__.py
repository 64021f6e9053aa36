"""Tests of one module each, without Kafka or ClickHouse."""
