"""What a code may be that was misread: a unit that its document expects, one character or a check digit away (D10).

Flow: (code, document, step) of surprising scans -> what each document expects -> those a character or a digit away ->
without those that the step has been done to already -> the first, if any.

A suggestion for people: without a warehouse, or where it takes too long, there is none, and nothing else changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from pipeline.capture.http.problems import Refused
from pipeline.capture.http.questions import Questions
from pipeline.capture.http.reading import Reading
from pipeline.domain.identifiers.expected import Near, near
from pipeline.errors import ScanledgerError

SURPRISING: Final = frozenset({"NOT_EXPECTED", "WRONG_UNIT", "RETURN_MISMATCH", "UNKNOWN_UNIT"})
"""Reasons of scans whose code may have been misread."""
_MOST: Final = 20  # of one request
_SECONDS: Final = 0.5
_NEAR: Final = 100  # of the units near one code: serials that count up have ten a digit

Suggestion = dict[str, str]


class Misread(NamedTuple):
    """A code, or the key it was read as, and the document under which it was scanned."""

    code: str
    document: str
    step: str


class Likely:
    """Looks expected units up, one question a document."""

    def __init__(self, questions: Questions, reading: Reading) -> None:
        self._questions, self._reading = questions, reading

    async def of(self, misread: Sequence[Misread]) -> list[Suggestion | None]:
        """Return a suggestion for each, None where there is none; only the first of many are looked up."""
        found: list[Suggestion | None] = [None] * len(misread)
        asked = misread[:_MOST]
        if not asked:
            return found
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._reading.ask(lambda: self._look_up(asked)) + found[len(asked) :]
        except (ScanledgerError, Refused, TimeoutError):
            return found

    def _look_up(self, misread: Sequence[Misread]) -> list[Suggestion | None]:
        expected = {document: self._questions.expected(document) for document in {one.document for one in misread}}
        found = [near(one.code, expected[one.document])[:_NEAR] for one in misread]
        done = self._answered(misread, found)
        left = zip(misread, found, strict=True)
        return [_suggestion([unit for unit in units if (one, unit.unit_key) not in done]) for one, units in left]

    def _answered(self, misread: Sequence[Misread], found: Sequence[list[Near]]) -> set[tuple[Misread, str]]:
        """Return which of the units found were scanned by the step that is being done: they are not what is in hand."""
        by_scan = {one: [unit.unit_key for unit in units] for one, units in zip(misread, found, strict=True) if units}
        return {
            (one, unit)
            for one, units in by_scan.items()
            for unit in self._questions.answered(one.document, one.step, units)
        }


def _suggestion(found: Sequence[Near]) -> Suggestion | None:
    if not found:
        return None
    others = f"; {len(found) - 1} other expected units are as near" if len(found) > 1 else ""
    return {"unit_key": found[0].unit_key, "message": found[0].message + others}
