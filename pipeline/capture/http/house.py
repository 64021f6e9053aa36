"""What the routes of the HTTP way in share: one per process, made where the process starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.capture.http.intake import Intake
from pipeline.capture.http.keys import KeyRing
from pipeline.capture.http.receipts import Receipts
from pipeline.capture.http.room import Room
from pipeline.metrics import Health


@dataclass(frozen=True)
class House:
    """Everything that a request may need."""

    keys: KeyRing
    room: Room
    receipts: Receipts
    intake: Intake
    health: Callable[[], Health]
