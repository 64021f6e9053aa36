"""Kafka: the index of topics, the clients, creating and checking, sending and reading; nothing else builds a client."""
