"""Why somebody acts, as it is kept: one line of characters that can be printed."""

from __future__ import annotations

from typing import Final

from analytics.console.problems import Refused

MOST_REASON: Final = 500


def printable_reason(text: str) -> str:
    """Return a reason as it is kept, empty where none is given.

    Raises: Refused where it is too long, or has a character that is not shown or turns the direction of writing.
    """
    reason = " ".join(text.split())
    if len(reason) > MOST_REASON:
        raise Refused(400, f"A reason has at most {MOST_REASON} characters; this one has {len(reason)}.")
    if not reason.isprintable():
        wrong = next(sign for sign in reason if not sign.isprintable())
        raise Refused(
            400, f"A reason has characters that can be printed; U+{ord(wrong):04X} is none. Go back, correct it."
        )
    return reason
