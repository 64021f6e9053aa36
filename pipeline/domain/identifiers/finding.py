"""What is wrong, or remarkable, about a code: where, which rule, in words, and what would be right."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Finding:
    """One error or warning about a code."""

    where: str
    """The place: `(01) character 14`, `path`, `query 17`, `character 3`."""
    rule: str
    """The rule's short name; that of the GS1 syntax tests where there is one: csum, yymmd0, req."""
    message: str
    nearest: str | None = None
    """The nearest right code, in the syntax of the input, where one is plain to see."""


class Fault(NamedTuple):
    """What is wrong in one value, seen from the value alone."""

    at: int
    """Where in the value, from 0."""
    rule: str
    message: str
    right: str | None = None
    """The whole value as it would be right."""
