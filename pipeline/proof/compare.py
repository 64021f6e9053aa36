"""Two lists of records, byte for byte: what ClickHouse holds and what it should hold.

Flow: bodies of both sides -> what is missing, what is there and should not be.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.warehouse.tables import Table
from pipeline.wire.body import decode_body
from pipeline.wire.schemas import catalogue


@dataclass(frozen=True)
class Difference:
    """Records on one side only."""

    missing: list[bytes]
    unexpected: list[bytes]

    def __len__(self) -> int:
        return max(len(self.missing), len(self.unexpected))

    def names(self, table: Table) -> list[str]:
        """Return the identities of the records concerned, for people."""
        lost, extra = [{name_of(table, body) for body in side} for side in (self.missing, self.unexpected)]
        changed = [f"{name} differs" for name in sorted(lost & extra)]
        missing = [f"{name} is missing" for name in sorted(lost - extra)]
        return changed + missing + [f"{name} should not be there" for name in sorted(extra - lost)]


def compare(expected: Sequence[bytes], found: Sequence[bytes]) -> Difference:
    """Compare without regard to order; equal lists cost next to nothing."""
    if list(expected) == list(found):
        return Difference([], [])
    wanted, had = Counter(expected), Counter(found)
    return Difference(list((wanted - had).elements()), list((had - wanted).elements()))


def name_of(table: Table, body: bytes) -> str:
    """Return how people find a record: a unit's key, else its table and identity."""
    known = catalogue().version(table.record)
    record = decode_body(known.parsed, body)
    if table.replaces:
        return str(record["key"])
    columns = table.columns(known)
    values = []
    for column in table.identity:
        value: object = record
        for part in columns[column][0].split("."):
            assert isinstance(value, dict)
            value = value[part]
        values.append(str(value))
    return f"{table.name} {'.'.join(values)}"
