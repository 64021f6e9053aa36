"""A capture whose answers are spoiled on the way: by a proxy, a portal, a fault; and an agent that hears them."""

import json
import random
import re
from pathlib import Path
from typing import Final

from pipeline.agent.answers import Answer
from pipeline.agent.judge import Judge
from pipeline.agent.lines import Line
from pipeline.agent.refusals import open_refusals
from pipeline.agent.report import Report
from pipeline.agent.sender import Sender
from pipeline.agent.spool import REFUSED, Spool
from pipeline.agent.stamp import Stamp, now_ms
from pipeline.errors import CaptureUnreachable
from tests.agent_capture import FakeCapture
from tests.agent_disk import MemoryDisk
from tests.spoiled_spool import FOLDER, Clock, spoil
from tests.unit.epcis.mutations import mutated

_KINDS: Final = ("good", "good", "bad", "ahead", "{no scan")
_STATUSES: Final = (200, 202, 204, 301, 400, 401, 404, 409, 413, 422, 429, 500, 503, 599)
_NUMBERS: Final = (
    b"-1", b"0", b"1", b"1e999", b"9" * 30, b"9" * 5000, b"0.5", b"null", b'"\\ud800"', b"NaN",
    b'"' + b"x" * 9000 + b'"',
)  # fmt: skip
_NUMBER: Final = re.compile(rb"(?<=: )(-?[0-9.]+)(?=[,}])")
_HEADERS: Final = (
    "-1", "9" * 40, "soon", "Fri, 31 Dec 9999 23:59:59 -0000", "Mon, 1 Jan 0001 00:00:00 -0000", "1e9", "", "٣",
)  # fmt: skip


class SpoiledAnswers:
    """One agent and what it hears; `is_spoiling` until the way is well again."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.disk, self.capture, self.clock = chance, MemoryDisk(), FakeCapture(), Clock()
        self.is_spoiling = True
        self.tags: list[str] = []
        self.spoiled = 0
        """How many answers were."""

    def post_scans(self, body: bytes, idempotency_key: str, sent_ms: int) -> Answer:
        return self._heard(self.capture.post_scans(body, idempotency_key, sent_ms))

    def receipt(self, receipt: str, after: int = -1) -> Answer:
        if receipt not in self.capture.verdicts or not isinstance(after, int):
            return Answer(404, {}, b'{"error": "RECEIPT_UNKNOWN", "detail": "There is no such receipt."}')
        return self._heard(self.capture.receipt(receipt, after))

    def work(self) -> Spool:
        """Take lines, hear nonsense for a while, then the truth until all is sent and judged."""
        spool = Spool(self.disk, FOLDER)
        report = Report(Path("/none"), lambda _: None)
        sender = Sender(spool, self, report, most_scans=self.chance.choice((1, 2, 5)), clock=self.clock)
        judge = Judge(spool, self, report, clock=self.clock, now=lambda: now_ms() + int(self.clock.now * 1000) + 1000)
        self._take(spool)
        for round_ in range(100):
            self.is_spoiling = round_ < 12
            sender.step()
            judge.step()
            self.clock.now += 400
            if not self.is_spoiling and not spool.waiting and spool.unjudged() is None:
                break
        assert not spool.waiting
        assert spool.unjudged() is None
        return spool

    def assert_all_came(self) -> None:
        """Assert that every line is on the log under one name, or in the book."""
        names = {(scan["tag"], scan["scan_id"]) for scan in self.capture.queued}
        assert len(names) == len({tag for tag, _ in names}), "one line, two scans"
        told = " ".join(one.text for one in open_refusals(self.disk, FOLDER / REFUSED).values())
        assert all(tag in told or any(tag == one for one, _ in names) for tag in self.tags)

    def _take(self, spool: Spool) -> None:
        stamp = Stamp({"step": "OBSERVE"})
        for number in range(self.chance.randint(1, 8)):
            kind, tag = self.chance.choice(_KINDS), f"<{number}>"
            self.tags.append(tag)
            text = f"{kind} {tag}" if kind == "{no scan" else json.dumps({"code": kind, "tag": tag})
            spool.take([stamp(Line(text.encode()))])

    def _heard(self, answer: Answer) -> Answer:
        if not self.is_spoiling or self.chance.random() < 0.2:
            return answer
        if self.chance.random() < 0.1:
            message = "it is away"
            raise CaptureUnreachable(message)
        self.spoiled += 1
        return spoiled_answer(answer, self.chance)


def spoiled_answer(answer: Answer, chance: random.Random) -> Answer:
    """Return an answer with another status, other headers, other parts or other bytes."""
    match chance.choice(("status", "header", "parts", "parts", "number", "bytes")):
        case "status":
            return answer._replace(status=chance.choice(_STATUSES))
        case "header":
            return answer._replace(status=chance.choice((429, 503)), headers={"retry-after": chance.choice(_HEADERS)})
        case "parts":
            return answer._replace(body=json.dumps(mutated(json.loads(answer.body), chance)).encode())
        case "number":
            return answer._replace(body=_with_a_number(answer.body, chance))
        case _:
            body = bytearray(answer.body)
            spoil(body, chance)
            return answer._replace(body=bytes(body))


def _with_a_number(body: bytes, chance: random.Random) -> bytes:
    """Return JSON with one of its numbers replaced by something else."""
    places = list(_NUMBER.finditer(body))
    one = chance.choice(places)
    return body[: one.start(1)] + chance.choice(_NUMBERS) + body[one.end(1) :]
