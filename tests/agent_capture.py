"""A capture in memory for tests of the agent: idempotent as the real one, and as unkind as a network can be."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipeline.agent.answers import Answer
from pipeline.errors import CaptureUnreachable

Fields = dict[str, Any]


def answer(status: int, told: object, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(told).encode())


def problem(status: int, word: str, **headers: str) -> Answer:
    return answer(status, {"error": word, "detail": f"It is {word}."}, **headers)


@dataclass
class FakeCapture:
    """Queues scans, refuses those whose code is `bad`, and decides: FUTURE_TIME where it is `ahead`."""

    queued: list[Fields] = field(default_factory=list)
    receipts: dict[str, Fields] = field(default_factory=dict)
    verdicts: dict[str, list[Fields]] = field(default_factory=dict)
    requests: int = 0
    asked: int = 0
    moods: list[Callable[[], Answer | None]] = field(default_factory=list)
    """What happens to the next requests; None: the request is done, and its answer lost."""
    is_behind: bool = False
    most: int = 1000

    @property
    def ids(self) -> list[str]:
        return [scan["scan_id"] for scan in self.queued]

    def post_scans(self, body: bytes, idempotency_key: str, sent_ms: int) -> Answer:
        self.requests += 1
        mood = self.moods.pop(0) if self.moods else None
        refusal = mood() if mood else None
        if refusal is not None:
            return refusal
        scans = [json.loads(line) for line in body.split(b"\n")]
        if len(scans) > self.most:
            return problem(413, "TOO_MANY")
        digest = hashlib.sha256(body).hexdigest()
        receipt = self.receipts.get(idempotency_key)
        if receipt is None:
            receipt = self.receipts[idempotency_key] = self._take(scans, digest)
        elif receipt["payload_sha256"] != digest:
            return problem(422, "OTHER_BODY")
        if mood:
            message = "the answer is lost"
            raise CaptureUnreachable(message)
        return answer(202 if receipt["counts"]["queued"] else 422, receipt)

    def receipt(self, receipt: str, after: int = -1) -> Answer:
        self.asked += 1
        rows = [] if self.is_behind else [row for row in self.verdicts[receipt] if row["index"] > after]
        all_rows = [] if self.is_behind else self.verdicts[receipt]
        outcomes = [row["outcome"] for row in all_rows]
        counts = {name.lower(): outcomes.count(name) for name in ("ACCEPTED", "FLAGGED", "REPEATED", "REJECTED")}
        pending = len(self.verdicts[receipt]) - len(all_rows)
        counts |= {"undecided": 0, "dead_lettered": 0, "pending": pending}
        page, rest = rows[:2], rows[2:]
        last = page[-1]["index"] if rest else None
        return answer(200, {"counts": counts, "dead_letters": [], "scans": page, "next": last})

    def _take(self, scans: list[Fields], digest: str) -> Fields:
        name = f"receipt-{len(self.receipts)}"
        rows, malformed = [], []
        for index, scan in enumerate(scans):
            if scan["code"] == "bad":
                malformed.append({"index": index, "field": "code", "reason": "BAD_CODE", "message": "no code"})
                malformed.append({"index": index, "field": "step", "reason": "MISSING", "message": "what was done?"})
                continue
            outcome, reason = ("ACCEPTED", "NONE") if scan["scan_id"] not in self.ids else ("REPEATED", "REDELIVERED")
            if scan["code"] == "ahead":
                outcome, reason = "REJECTED", "FUTURE_TIME"
            self.queued.append(scan)
            rows.append({"index": index, "outcome": outcome, "reason": reason, "next": {"text": "Stop."}})
        self.verdicts[name] = rows
        counts = {"queued": len(rows), "malformed": len(scans) - len(rows)}
        return {"id": name, "counts": counts, "skew_seconds": 0.0, "payload_sha256": digest, "malformed": malformed}


def lost() -> None:
    """The request is done, and its answer never comes."""


def away() -> Answer:
    """Nobody is there."""
    message = "it is away"
    raise CaptureUnreachable(message)
