"""Free ports of the loopback interface."""

import socket

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Returns that many different ports nobody listens on at the moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for unused in sockets:
            unused.bind((LOOPBACK, 0))
        return [int(unused.getsockname()[1]) for unused in sockets]
    finally:
        for unused in sockets:
            unused.close()


def is_free(port: int) -> bool:
    """Says whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free to a server
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
