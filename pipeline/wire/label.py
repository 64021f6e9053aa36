"""Labels as the ledger keeps them in `units`.

Flow: Label -> framed bytes, and back.
"""

from pipeline.domain.label import Label
from pipeline.wire.body import decode_body
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import catalogue, encode


def encode_label(label: Label) -> bytes:
    """Encode a label."""
    told = [
        {"fact": fact, "toggles": toggles, "event_time": time} for fact, (toggles, time) in sorted(label.told.items())
    ]
    named = {"unit": label.unit, "alias": label.alias, "version": label.version, "since": label.since}
    return encode("label", named | {"content": label.content, "told": told})


def decode_label(value: bytes) -> Label:
    """Read a label that we wrote ourselves."""
    plain = decode_body(catalogue().version("label").parsed, value[FRAME_BYTES:])
    plain["told"] = {one["fact"]: (one["toggles"], one["event_time"]) for one in plain["told"]}
    return Label(**plain)
