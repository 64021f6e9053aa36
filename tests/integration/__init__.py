"""Tests on the real local Kafka and warehouse."""
