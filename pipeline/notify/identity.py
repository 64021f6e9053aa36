"""The id of a delivery: the same whenever and however often it is decided and sent."""

import hashlib
from typing import Final

_DIGITS: Final = 32


def delivery_id(alert: tuple[str, int], event: str, times: int, route: str, recipient: str) -> str:
    """Return hash(alert id, opening, event, route, recipient).

    Args:
        alert: its id and opening.
        event: what happened.
        times: the how-manieth event of its name in this opening: one may be closed, reopened and closed again. From the
            second on it is a part of the event, as in `closed#2`. The outbox counts as long as it lives, whatever else
            it forgets of an alert, so that no id stands for two happenings.
        route: by which it goes.
        recipient: to whom.
    """
    named = event if times == 1 else f"{event}#{times}"
    parts = (alert[0], str(alert[1]), named, route, recipient)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_DIGITS]
