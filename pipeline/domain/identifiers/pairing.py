"""Which application identifiers go together: what one needs beside it, and what it never stands with.

Source: GS1 General Specifications, 4.13 and 4.14.
"""

from functools import lru_cache
from typing import Final

from pipeline.domain.identifiers.ai_table import AIS, matches
from pipeline.domain.identifiers.element_string import Pair
from pipeline.domain.identifiers.finding import Finding

_SETS_REMEMBERED: Final = 4096


def check_pairing(pairs: list[Pair]) -> list[Finding]:
    """Return what is wrong with AIs beside each other, each where the AI stands that minds."""
    return [*_differing(pairs), *_misfits(tuple(sorted({ai for ai, _ in pairs})))]


def _differing(pairs: list[Pair]) -> list[Finding]:
    """An AI may be repeated, on one label or on two, as long as it says the same."""
    values = dict(pairs)
    if len(values) == len(pairs):
        return []
    wrong = dict.fromkeys(ai for ai, value in pairs if values[ai] != value)
    return [Finding(f"({ai})", "repeat", f"({ai}) stands twice with different values") for ai in wrong]


@lru_cache(_SETS_REMEMBERED)
def _misfits(ais: tuple[str, ...]) -> tuple[Finding, ...]:
    found = []
    for ai in ais:
        needs, others = AIS[ai].needs, [other for other in ais if other != ai]
        if needs and not any(all(_has(ais, pattern) for pattern in row) for row in needs):
            wanted = " or ".join("+".join(f"({pattern})" for pattern in row) for row in needs)
            found.append(Finding(f"({ai})", "req", f"({ai}) needs {wanted} beside it"))
        clashing = [other for other in others if any(matches(pattern, other) for pattern in AIS[ai].never)]
        found += [Finding(f"({ai})", "ex", f"({ai}) and ({other}) never stand together") for other in clashing]
    return tuple(found)


def _has(ais: tuple[str, ...], pattern: str) -> bool:
    return any(matches(pattern, ai) for ai in ais)
