"""What a spool keeps of a line: the scan it became, or the line itself where it is none, and where it was read.

text = header (JSON), newline, body
header = {"place": [inode, offset, …], "file": …}?  {"fault": …, "message": …, "read_at": …}?
body = the scan as JSON on one line; with a fault what was read; empty: only the place matters
"""

import json
from typing import NamedTuple

from pipeline.agent.lines import Place


class Fault(NamedTuple):
    """Why a line is no scan, and when it was read."""

    reason: str
    message: str
    read_at: str


class Taken(NamedTuple):
    """One line taken."""

    body: bytes
    file: str = ""
    place: Place | None = None
    fault: Fault | None = None

    @property
    def is_scan(self) -> bool:
        """Whether it is to be sent."""
        return bool(self.body) and self.fault is None


def write_taken(taken: Taken) -> bytes:
    """Return the text of a log's entry."""
    header: dict[str, object] = {}
    if taken.place is not None:
        header |= {"file": taken.file, "place": taken.place}
    if taken.fault is not None:
        header |= taken.fault._asdict()
    return (json.dumps(header).encode() if header else b"") + b"\n" + taken.body


def read_taken(text: bytes) -> Taken:
    """Return what an entry's text says."""
    head, _, body = text.partition(b"\n")
    if not head:
        return Taken(body)
    header = json.loads(head)
    place = Place(*header["place"]) if "place" in header else None
    fault = Fault(header["reason"], header["message"], header["read_at"]) if "reason" in header else None
    return Taken(body, header.get("file", ""), place, fault)
