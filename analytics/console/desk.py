"""What the pages of the console share: one per process, made where the process starts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from analytics.console.absent import NoProofs, NoRecalls, NoRedrives
from analytics.console.asking import Asking
from analytics.console.outside import Acts, ApiKeys, Log, Proofs, Recalls, Redrives
from analytics.console.rendering import Frame
from analytics.console.users import UserBook
from pipeline.domain.identifiers import Convention


@dataclass(frozen=True)
class Desk:
    """Everything that a page may need; `url` is where people find the console."""

    asking: Asking
    users: UserBook
    keys: ApiKeys
    acts: Acts
    log: Log
    url: str
    frame: Frame = field(default_factory=Frame)
    clock: Callable[[], float] = time.time
    proofs: Proofs = field(default_factory=NoProofs)
    redrives: Redrives = field(default_factory=NoRedrives)
    recalls: Recalls = field(default_factory=NoRecalls)
    conventions: tuple[Convention, ...] = ()
    are_questions_asked: bool | None = None
    """Whether somebody asks the scheduled questions, which find silent sites; None where that is not known."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is told to stop, so that those who listen let go."""
