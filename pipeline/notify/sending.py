"""One attempt to deliver to a recipient, whichever way that goes.

Flow: a delivery's body -> what the receiver said.
"""

import json
import logging
from collections.abc import Callable, Mapping

from pipeline.notify import by_apprise, webhook
from pipeline.notify.message import words_of
from pipeline.notify.routes import Recipient, Routes
from pipeline.notify.trying import Answer, no_answer

Send = Callable[[str, str, str], Answer]
"""Recipient, delivery and body -> answer."""
_LOG = logging.getLogger(__name__)


def sender(recipients: Mapping[str, Recipient]) -> Send:
    """Return what sends to these recipients."""

    def send(recipient: str, delivery: str, body: str) -> Answer:
        try:
            return _send(recipients[recipient], delivery, body)
        except Exception as error:  # noqa: BLE001  a plug-in of apprise may raise anything, and may name a secret
            _LOG.warning("delivery %s to %s broke: %s", delivery, recipient, type(error).__name__)
            return no_answer(f"broke: {type(error).__name__}")

    return send


def unknown_to_apprise(routes: Routes) -> list[str]:
    """Return the recipients whose URL apprise can make nothing of."""
    by_words = {name: one.apprise for name, one in routes.recipients.items() if one.apprise is not None}
    return [name for name, url in by_words.items() if not by_apprise.is_known(url.get_secret_value())]


def _send(recipient: Recipient, delivery: str, body: str) -> Answer:
    if recipient.webhook is not None and recipient.secret is not None:
        return webhook.post(
            recipient.webhook.get_secret_value(), recipient.secret.get_secret_value(), body.encode(), delivery
        )
    assert recipient.apprise is not None
    return by_apprise.send(recipient.apprise.get_secret_value(), *words_of(json.loads(body)))
