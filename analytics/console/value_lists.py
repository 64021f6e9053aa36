"""Several values in one field of a form: commas, semicolons or lines apart; one that has such a sign stands in quotes.

    values_in('L7; "L8, left"')     # ["L7", "L8, left"]
    values_text(["L7", 'say "a"'])  # 'L7, say "a"'

As in CSV: a quote within quotes stands twice, and a quote that does not begin a value is part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_ONE: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^,;\n]*))(?:[,;\n]|$)')
_NEEDS_QUOTES: Final = re.compile(r'[,;\n]|^"|^\s|\s$')


def values_in(text: str) -> list[str]:
    """Return the values that a field names, in their order; empty ones are left out."""
    found = (
        quoted.replace('""', '"') if quoted is not None else plain.strip()
        for quoted, plain in (one.group(1, 2) for one in _ONE.finditer(text))
    )
    return [value for value in found if value]


def values_text(values: Iterable[str]) -> str:
    """Return the text of a field that names these values."""
    return ", ".join(_quoted(value) if _NEEDS_QUOTES.search(value) else value for value in values)


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
