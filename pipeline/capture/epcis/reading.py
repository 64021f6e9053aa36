"""Documents as they come in: JSON-LD or XML, of any size that is allowed.

Flow: bytes -> judged events and faults.

Limits: 64 MB, 1,000 events and 100,000 EPCs a document.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from pipeline.capture.epcis.faults import Fault
from pipeline.capture.epcis.judge import Judged, judge
from pipeline.capture.epcis.xml import read_xml
from pipeline.capture.epcis.xml_tree import NotXml

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_EVENTS: Final = 1_000
MOST_EPCS: Final = 100_000
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_XML_STARTS: Final = (b"<", b"\xff\xfe", b"\xfe\xff")
_EPC_LISTS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")


class TooLarge(Exception):  # noqa: N818  says what is the matter
    """A document beyond a limit; the message says which."""


def read_document(content: bytes) -> Judged:
    """Read and judge a document.

    Raises: TooLarge.
    """
    if len(content) > MOST_BYTES:
        message = f"has {len(content):,} bytes; at most {MOST_BYTES:,} are accepted: send it in parts"
        raise TooLarge(message)
    try:
        document = _parsed(content.removeprefix(_BYTE_ORDER_MARK).lstrip())
    except NotXml as error:
        return _unreadable(str(error))
    except orjson.JSONDecodeError as error:
        return _unreadable(f"is neither JSON nor XML: {error}")
    _check_size(document)
    return judge(document)


def _parsed(content: bytes) -> object:
    return read_xml(content) if content.startswith(_XML_STARTS) else orjson.loads(content)


def _unreadable(message: str) -> Judged:
    return Judged((), (Fault("$", message),), is_whole=False)


def _check_size(document: object) -> None:
    events = _events_of(document)
    if len(events) > MOST_EVENTS:
        message = f"has {len(events):,} events; at most {MOST_EVENTS:,} are accepted: send it in parts"
        raise TooLarge(message)
    lists = [event.get(name) for event in events if isinstance(event, dict) for name in _EPC_LISTS]
    epcs = sum(len(found) for found in lists if isinstance(found, list))
    if epcs > MOST_EPCS:
        message = f"has {epcs:,} EPCs; at most {MOST_EPCS:,} are accepted: send it in parts"
        raise TooLarge(message)


def _events_of(document: Any) -> list[Any]:  # noqa: ANN401  anything that JSON holds
    """Return the list of events wherever a document has it, without judging the document."""
    if not isinstance(document, dict):
        return []
    body = document.get("epcisBody")
    for name in ("queryResults", "resultsBody"):
        body = body[name] if isinstance(body, dict) and isinstance(body.get(name), dict) else body
    events = body.get("eventList") if isinstance(body, dict) else None
    return events if isinstance(events, list) else [document]
