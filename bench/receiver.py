"""A webhook receiver on loopback: what `notify` delivers, with the clock when the first lines of it were read."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from bench.ground import Ground
from bench.part import Part
from pipeline.settings import Settings

Note = Callable[[dict[str, Any], float], None]
"""Takes a delivery and milliseconds since 1970."""
_PATIENCE_SECONDS: Final = 60.0
_ROUTES: Final = """
burst = {{ most = 10_000 }}

[recipients.bench]
webhook = "http://127.0.0.1:{port}/"
secret = "of the benchmark alone"

[[routes]]
name = "openings"
items = ["{item}"]
to = ["bench"]
"""


def receiver(note: Note) -> ThreadingHTTPServer:
    """Start a receiver that tells of every delivery; `shutdown` ends it."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            now = time.time() * 1000
            note(json.loads(self.rfile.read(int(self.headers["Content-Length"]))), now)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing but the time counts."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def start_notify(ground: Ground, settings: Settings, server: ThreadingHTTPServer, item: str) -> Part:
    """Start `notify` with a route that tells the receiver of an item's alerts at once."""
    settings.home.mkdir(parents=True, exist_ok=True)
    routes = settings.home / "routes.toml"
    routes.write_text(_ROUTES.format(port=server.server_address[1], item=item))
    notify = ground.verb(("notify",), settings, SCANLEDGER_ROUTES=str(routes))
    notify.wait("metrics", lambda sample: bool(sample.metrics), _PATIENCE_SECONDS)
    return notify
