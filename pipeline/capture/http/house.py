"""What the routes of the HTTP way in share: one per process, made where the process starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.capture.codes import CODES, CodeReader
from pipeline.capture.http.intake import Intake, Log
from pipeline.capture.http.keys import KeyRing
from pipeline.capture.http.questions import Questions
from pipeline.capture.http.reading import Reading
from pipeline.capture.http.receipts import Receipts
from pipeline.capture.http.room import Room
from pipeline.capture.http.waits import Waits
from pipeline.metrics import Health


@dataclass(frozen=True)
class House:
    """Everything that a request may need."""

    keys: KeyRing
    room: Room
    receipts: Receipts
    log: Log
    intake: Intake
    waits: Waits
    questions: Questions
    reading: Reading
    health: Callable[[], Health]
    codes: CodeReader = CODES
