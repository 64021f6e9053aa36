"""A trial: what a recipient would get, sent once, kept nowhere."""

import uuid
from typing import Any

from pipeline.notify.message import encoded, trial_body
from pipeline.notify.sending import Send


def send_trial(send: Send, route: str, recipient: str) -> dict[str, Any]:
    """Send a trial; returns what came back as a row: route, recipient, delivered, code, detail, delivery."""
    delivery = uuid.uuid4().hex
    answer = send(recipient, delivery, encoded(trial_body(), delivery, route, recipient))
    said = {"delivered": answer.is_delivered, "code": answer.code or None, "detail": answer.detail}
    return {"route": route, "recipient": recipient} | said | {"delivery": delivery}
