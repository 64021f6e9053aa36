"""The worker on a real broker, whole processes and its parts."""
