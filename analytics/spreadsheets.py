"""Texts as cells of files that people open in a spreadsheet: none of them is a formula there.

What sites sent is in these files, and a spreadsheet runs what begins like a formula.
"""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_cell(value: object) -> object:
    """Return a value with a quote in front where it is a text that would be taken for a formula; numbers are not."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
