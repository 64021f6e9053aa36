"""A schema registry in the test's own process: a double, because no registry can run here.

It speaks the requests of Confluent's REST protocol that the client makes: register under a subject, get by id. Like the
original it gives one id to one text of a schema, whatever the subject.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class RegistryDouble:
    """What the registry holds, and what was asked of it."""

    def __init__(self) -> None:
        self.schemas: dict[int, dict[str, Any]] = {}
        self.subjects: dict[str, list[int]] = {}
        self.requests: list[str] = []
        self.is_broken = False
        self.url = ""

    def add(self, subject: str, schema: dict[str, Any], schema_type: str = "AVRO") -> int:
        """Hold a schema; return its id, which begins far from the catalogue's own."""
        entry = {"schema": json.dumps(schema), "schemaType": schema_type}
        known = next((number for number, held in self.schemas.items() if held == entry), None)
        number = known or 501 + len(self.schemas)
        self.schemas[number] = entry
        self.subjects.setdefault(subject, []).append(number)
        return number

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer one request with a status and a JSON body."""
        self.requests.append(path)
        if self.is_broken:
            return 503, {"error_code": 50003, "message": "the registry is not well"}
        parts = path.split("?", maxsplit=1)[0].strip("/").split("/")
        if parts[:2] == ["schemas", "ids"]:
            found = self.schemas.get(int(parts[2]))
            return (200, found) if found else (404, {"error_code": 40403, "message": "Schema not found"})
        if parts[0] == "subjects":
            number = self.add(parts[1], json.loads(body["schema"]), body.get("schemaType", "AVRO"))
            held = {"subject": parts[1], "version": 1, "id": number}
            return 200, held | self.schemas[number]
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}


@contextmanager
def running_registry() -> Iterator[RegistryDouble]:
    """Serve a double on a port of its own until the block ends."""
    double = RegistryDouble()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            self._reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _reply(self, body: dict[str, Any]) -> None:
            status, content = double.answer(self.path, body)
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
