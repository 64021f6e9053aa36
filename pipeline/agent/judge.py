"""What the ledger made of lines acknowledged: asked for receipt by receipt, so that refusals by verdict are known.

Flow: the oldest receipt not judged -> its pages -> refusals, and how many came to each outcome.

Capture acknowledges a scan when it is on the log; the verdict comes later. FUTURE_TIME is one: a site learns by it that
its clock is ahead.
"""

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, NamedTuple, Protocol

from pipeline.agent.answers import NOT_SO, Answer, Stopped, plain, refusal_of
from pipeline.agent.pace import Pace
from pipeline.agent.refusals import Refusal
from pipeline.agent.report import Report
from pipeline.agent.segment import Entry
from pipeline.agent.sender import IDLE_SECONDS
from pipeline.agent.spool import Acknowledged, Spool
from pipeline.agent.stamp import moment, now_ms
from pipeline.agent.taken import read_taken
from pipeline.errors import CaptureUnreachable, SettingsWrong

_OUTCOMES: Final = ("accepted", "flagged", "repeated", "rejected", "undecided", "dead_lettered")
_PART: Final = "verdicts"
_FIRST_MS: Final = 500
_LONGEST_SECONDS: Final = 30.0
_STOPPED_SECONDS: Final = 300.0
_UNKNOWN_MS: Final = 10 * 60 * 1000
_PATIENCE_MS: Final = 24 * 3600 * 1000
_MOST_SCANS: Final = 1_000_000
UNJUDGED: Final = "unjudged"

Page = dict[str, Any]


class Receipts(Protocol):
    """Where receipts are asked for."""

    def receipt(self, receipt: str, after: int = -1) -> Answer:
        """Ask for a page; raises CaptureUnreachable, SettingsWrong."""


class Known(NamedTuple):
    """What is known of a receipt: why some of its scans were refused, by their places, and how many came to what."""

    refused: dict[int, tuple[str, str]]
    outcomes: dict[str, int]
    pending: int


class NoPage(Exception):
    """Capture does not say what became of a receipt; `answer` is what it said instead, if anything."""

    def __init__(self, answer: Answer | None = None) -> None:
        super().__init__()
        self.answer = answer


class Judge:
    """Learns the verdicts of a spool's lines."""

    def __init__(
        self,
        spool: Spool,
        receipts: Receipts,
        report: Report,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._spool, self._receipts, self._report = spool, receipts, report
        self._pace, self._clock, self._now = pace or Pace(), clock, now
        self._not_before = 0.0

    def step(self) -> float:
        """Ask about the oldest receipt, if it is time; return the seconds until there may be more to ask.

        Raises: SpoolUnusable.
        """
        left = self._not_before - self._clock()
        if left > 0:
            return left
        receipt = self._spool.unjudged()
        if receipt is None:
            return IDLE_SECONDS
        young_ms = receipt.at_ms + _FIRST_MS - self._now()
        if 0 < young_ms <= _FIRST_MS:
            return young_ms / 1000
        try:
            known = self._known(receipt)
        except NoPage as nothing:
            return self._go_without(receipt, nothing.answer)
        self._report.well(_PART)
        return self._judge(receipt, known)

    def _judge(self, receipt: Acknowledged, known: Known) -> float:
        is_over = known.pending == 0 or self._age_ms(receipt) > _PATIENCE_MS
        outcomes = known.outcomes | ({UNJUDGED: known.pending} if known.pending else {})
        self._spool.judge(self._refusals(receipt, known), outcomes if is_over else None)
        if is_over:
            self._pace.succeeded()
            return 0.0
        return self._wait(min(self._pace.failed(), _LONGEST_SECONDS))

    def _go_without(self, receipt: Acknowledged, answer: Answer | None) -> float:
        if answer is None:
            return self._wait(self._pace.failed())
        patience_ms = _UNKNOWN_MS if answer.status == HTTPStatus.NOT_FOUND else _PATIENCE_MS
        if self._age_ms(receipt) > patience_ms:
            self._spool.judge([], {UNJUDGED: receipt.last - receipt.first + 1})
            return 0.0
        refusal = refusal_of(answer)
        if isinstance(refusal, Stopped) and answer.status != HTTPStatus.NOT_FOUND:
            self._report.trouble(_PART, "stopped", f"Verdicts cannot be read: {refusal.why}.")
            return self._wait(_STOPPED_SECONDS)
        return self._wait(self._pace.failed(None if isinstance(refusal, Stopped) else refusal.seconds))

    def _known(self, receipt: Acknowledged) -> Known:
        """Read a receipt's pages: one where nothing was refused. Raises NoPage."""
        refused: dict[int, tuple[str, str]] = {}
        after: int | None = -1
        while after is not None:
            page = self._page(receipt.receipt, after)
            try:
                counts = {name: _count(page["counts"][name]) for name in (*_OUTCOMES, "pending")}
                refused |= {
                    int(one["index"]): (plain(one["error"]), plain(one["detail"])) for one in page["dead_letters"]
                }
                rejected = [one for one in page["scans"] if one["outcome"] == "REJECTED"]
                refused |= {int(one["index"]): (plain(one["reason"]), plain(one["next"]["text"])) for one in rejected}
                has_refused = counts["rejected"] or counts["dead_lettered"]
                after = _next_page(page["next"], after) if has_refused else None
            except NOT_SO as error:
                raise NoPage from error
        outcomes = {name.upper(): counts[name] for name in _OUTCOMES if counts[name]}
        return Known(refused, outcomes, counts["pending"])

    def _page(self, receipt: str, after: int) -> Page:
        try:
            answer = self._receipts.receipt(receipt, after)
        except (CaptureUnreachable, SettingsWrong) as error:
            raise NoPage from error
        if answer.status != HTTPStatus.OK:
            raise NoPage(answer)
        try:
            page: Page = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise NoPage from error
        return page

    def _refusals(self, receipt: Acknowledged, known: Known) -> list[Refusal]:
        """Return the refusals: a receipt's places are those of the scans among its lines."""
        if not known.refused:
            return []
        found = self._spool.lines_of(receipt)
        entries = [(one.number, read_taken(one.text)) for one in found if isinstance(one, Entry)]
        scans = [(number, taken.body.decode()) for number, taken in entries if taken.is_scan]
        now = moment(self._now())
        return [
            Refusal(scans[place][0], "verdict", reason, text, scans[place][1], now, receipt=receipt.receipt)
            for place, (reason, text) in sorted(known.refused.items())
            if 0 <= place < len(scans)
        ]

    def _age_ms(self, receipt: Acknowledged) -> int:
        return self._now() - receipt.at_ms

    def _wait(self, seconds: float) -> float:
        self._not_before = self._clock() + seconds
        return seconds


def _count(told: object) -> int:
    """Return how many scans a receipt counts; raises ValueError where that is no such number."""
    if not isinstance(told, int) or not 0 <= told <= _MOST_SCANS:
        message = "no number of scans"
        raise ValueError(message)
    return told


def _next_page(told: object, after: int) -> int | None:
    """Return where the next page begins, None where there is none; raises ValueError where pages go no further."""
    if told is None:
        return None
    if not isinstance(told, int) or told <= after:
        message = "pages that go no further"
        raise ValueError(message)
    return told
