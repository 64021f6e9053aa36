"""GS1 element strings, bracketed and raw: read into pairs of AI and value, and written from them.

Flow: text in; pairs, and what is wrong with the text itself, out. What is wrong with a value is asked of the AI table.

FNC1 is `^` here: CSET 82 has none, so it can be nothing else. A reader's byte 29 is turned into it.
"""

import re
from collections.abc import Sequence
from typing import Final

from pipeline.domain.identifiers.ai_table import AI_DIGITS, AIS
from pipeline.domain.identifiers.finding import Finding

Pair = tuple[str, str]
"""An AI and its value."""

FNC1: Final = "^"
SEPARATOR: Final = "\x1d"
INTRODUCERS: Final = ("]C1", "]e0", "]d2", "]Q3", "]J1")
"""The symbology identifiers (AIM) before which a reader has taken FNC1 away."""
_AI: Final = re.compile(r"\((\d{2,4})\)", re.ASCII)
_BRACKETED_VALUE: Final = re.compile(r"(?:[^(\\]|\\.|\\)*", re.DOTALL)


def read_raw(text: str) -> tuple[list[Pair], Finding | None]:
    """Read a raw element string without its leading FNC1.

    Source: GS1 General Specifications, 7.8: a value of predefined length ends by itself, any other at FNC1 or the end.
    """
    pairs: list[Pair] = []
    at, end = 0, len(text)
    while at < end:
        begin = at + AI_DIGITS.get(text[at : at + 2], 0)
        ai = AIS.get(text[at:begin])
        if ai is None:
            return pairs, _no_ai(text, at)
        stop = text.find(FNC1, begin)
        stop = end if stop < 0 else stop
        if ai.is_predefined:
            stop = min(stop, begin + ai.most)
        pairs.append((ai.ai, text[begin:stop]))
        at = stop + 1 if text[stop : stop + 1] == FNC1 else stop
    return pairs, None if pairs else Finding("character 1", "fnc1", "there is nothing behind FNC1")


def _no_ai(text: str, at: int) -> Finding:
    if text[at] == FNC1:
        message = "nothing stands between two FNC1" if at else "FNC1 stands twice at the beginning"
        return Finding(f"character {at + 1}", "fnc1", message, FNC1 + text[:at] + text[at + 1 :])
    return Finding(f"character {at + 1}", "ai", f"no application identifier begins {text[at : at + 4]!r}")


def read_bracketed(text: str) -> tuple[list[Pair], Finding | None]:
    r"""Read an element string with its AIs in brackets, `\(` for a bracket that belongs to a value."""
    pairs: list[Pair] = []
    at = 0
    while at < len(text):
        found = _AI.match(text, at)
        if found is None:
            message = r"a bracket begins no application identifier; one that belongs to the value is written \("
            return pairs, Finding(f"character {at + 1}", "ai", message)
        if found[1] not in AIS:
            return pairs, Finding(f"character {at + 1}", "ai", f"there is no application identifier ({found[1]})")
        value = _BRACKETED_VALUE.match(text, found.end())
        assert value is not None
        if FNC1 in value[0]:
            place = found.end() + value[0].index(FNC1) + 1
            return pairs, Finding(f"character {place}", "fnc1", "FNC1 stands in raw element strings only")
        pairs.append((found[1], value[0].replace("\\(", "(")))
        at = value.end()
    return pairs, None


def write_bracketed(pairs: Sequence[Pair]) -> str:
    """Write pairs as `(01)…(21)…`."""
    return "".join(f"({ai})" + value.replace("(", "\\(") for ai, value in pairs)


def write_raw(pairs: Sequence[Pair]) -> str:
    """Write pairs as a raw element string with its leading FNC1."""
    text = FNC1
    for place, (ai, value) in enumerate(pairs):
        needs_separator = place > 0 and not AIS[pairs[place - 1][0]].is_predefined
        text += (FNC1 if needs_separator else "") + ai + value
    return text
