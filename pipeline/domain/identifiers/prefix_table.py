"""How many digits the GS1 Company Prefix has, by the beginning of a key: a table that GS1 publishes, given as text.

    table = read_prefix_table(Path("gcpprefixformatlist.json").read_text())
    table.length_of("0614141812345")        # 7

The longest prefix in the table decides. A length of 0 says that no company prefix begins so.
"""

import re
from dataclasses import dataclass

_ENTRY = re.compile(r"[{<][^{}<>]*[}>]")
_PREFIX = re.compile(r'\bprefix"?\s*[=:]\s*"(\d{1,12})"')
_LENGTH = re.compile(r'\bgcpLength"?\s*[=:]\s*"?(\d{1,2})\b')
_LINE = re.compile(r"\s*(\d{1,12})\s*[,;\t ]\s*(\d{1,2})\s*")
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class PrefixTable:
    """Lengths by prefix."""

    lengths: dict[str, int]
    otherwise: int | None = None
    """The length where the table has none."""

    def length_of(self, number: str) -> int | None:
        """Return how many digits the company prefix has that a number begins with; None where that is not known."""
        for size in range(_MOST_DIGITS, 0, -1):
            if length := self.lengths.get(number[:size]):
                return length
            if length == 0:
                return None
        return self.otherwise


def read_prefix_table(text: str) -> PrefixTable:
    """Read GS1's list of prefix formats, in JSON or XML, or lines of `prefix,length`."""
    entries = [(_PREFIX.search(entry), _LENGTH.search(entry)) for entry in _ENTRY.findall(text)]
    lines = [line for line in map(_LINE.fullmatch, text.splitlines()) if line]
    found = {prefix[1]: int(length[1]) for prefix, length in entries if prefix and length}
    return PrefixTable(found | {line[1]: int(line[2]) for line in lines})
