"""The shortest question a Kafka broker answers only when it is ready: one Metadata request over a plain socket."""

import socket
import struct

from pipeline.local.ports import LOOPBACK

# length, api key 3 (Metadata), version 1, correlation id, client id "ping", no topics
_REQUEST = struct.pack(">ihhih4si", 18, 3, 1, 1, 4, b"ping", 0)
_HEADER = struct.Struct(">iii")  # length, correlation id, number of brokers


def kafka_answers(port: int, *, timeout_seconds: float = 1.0) -> bool:
    """Says whether the broker on this loopback port knows of itself as a member of its cluster.

    A listening port is not enough: it opens some time before the broker serves clients.
    """
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout_seconds) as connection:
            connection.sendall(_REQUEST)
            answer = _receive(connection, _HEADER.size)
    except OSError:
        return False
    if len(answer) < _HEADER.size:
        return False
    _length, correlation, brokers = _HEADER.unpack(answer)
    return bool(correlation == 1 and brokers > 0)


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        chunk = connection.recv(size - len(received))
        if not chunk:
            break
        received += chunk
    return received
