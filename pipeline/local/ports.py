"""Free ports of the loopback interface."""

import random
import socket

from pipeline.errors import LocalStackUnusable

LOOPBACK = "127.0.0.1"

# Below what systems give to outgoing connections (from 32768 on Linux, 49152 on macOS). A client that retries a
# restarting server on a port of that range can be given the very port as its own, connects to itself and keeps the
# server from coming back.
_FIRST_PORT, _LAST_PORT = 15_000, 32_000
_ATTEMPTS = 1_000


def free_ports(count: int) -> list[int]:
    """Returns that many different ports nobody listens on at the moment.

    Raises:
        LocalStackUnusable: None was found.
    """
    found: set[int] = set()
    for _ in range(_ATTEMPTS):
        if len(found) == count:
            return sorted(found)
        port = random.randint(_FIRST_PORT, _LAST_PORT)  # noqa: S311  no secret
        if is_free(port):
            found.add(port)
    message = f"No {count} free ports between {_FIRST_PORT} and {_LAST_PORT} on {LOOPBACK}."
    raise LocalStackUnusable(message)


def is_free(port: int) -> bool:
    """Says whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free to a server
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
