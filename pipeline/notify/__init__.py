"""Alerts to people: routes, an outbox on disk, deliveries by webhook, mail and chat."""
