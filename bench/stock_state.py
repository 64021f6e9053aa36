"""A unit's state as the bytes that a plain stream job keeps in its table: what the rules need, pickled."""

import pickle
from dataclasses import replace

from tests.oracle.facts import Fact
from tests.oracle.reference import Reference
from tests.oracle.unit import Unit

_OF_SCAN = (
    "scan_id", "item", "serial", "step", "event_time", "site", "destination", "reader", "document", "corrects",
    "source", "origin", "container", "other_unit", "condition", "expiry", "flags_set", "flags_unset",
)  # fmt: skip


def pack(unit: Unit) -> bytes:
    """Write a unit down, without the reference data and the parts of its scans that no rule looks at again."""
    unit.facts.ordered = [_shortened(fact) for fact in unit.facts.ordered]
    own = {name: value for name, value in vars(unit).items() if name not in {"key", "reference"}}
    return pickle.dumps(own, pickle.HIGHEST_PROTOCOL)


def unpack(key: str, reference: Reference, state: bytes) -> Unit:
    """Read a unit back."""
    unit = Unit.__new__(Unit)
    vars(unit).update(pickle.loads(state), key=key, reference=reference)  # noqa: S301  the job's own table
    return unit


def _shortened(fact: Fact) -> Fact:
    if len(fact.scan) == len(_OF_SCAN):
        return fact
    return replace(fact, scan={name: fact.scan[name] for name in _OF_SCAN})
