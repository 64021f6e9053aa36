"""Does a part of the stack answer, and what does it say about itself and its work?"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Literal

from pipeline.local.kafka_ping import kafka_answers
from pipeline.local.ports import LOOPBACK

_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True)
class Check:
    """How to ask: the Metadata request of Kafka, or an HTTP path that answers 200."""

    kind: Literal["kafka", "http"]
    port: int
    path: str = "/health"


def ask(check: Check) -> str:
    """Returns "ok", or in a few words why not."""
    if check.kind == "kafka":
        return "ok" if kafka_answers(check.port, timeout_seconds=_TIMEOUT_SECONDS) else "no answer"
    status, body = _get(check)
    if status == HTTPStatus.OK:
        return "ok"
    return (_reasons(body) or f"HTTP {status}") if status else "no answer"


def watched(check: Check) -> set[str]:
    """Returns what a part says it is at work on or in trouble with, as pipeline.metrics writes it."""
    try:
        return set(json.loads(_get(check)[1])["facts"]["watched"])
    except (ValueError, KeyError, TypeError):
        return set()


def _get(check: Check) -> tuple[int, bytes]:
    """Returns status and body, 0 where there is no answer."""
    connection = HTTPConnection(LOOPBACK, check.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", check.path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def _reasons(body: bytes) -> str:
    """Returns the reasons of a health answer, as pipeline.metrics writes it."""
    try:
        return "; ".join(json.loads(body)["reasons"])
    except (ValueError, KeyError, TypeError):
        return ""
