"""One statement with everything that decides how it runs, and what running it gave."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.local.clickhouse.parameters import Parameters
from pipeline.local.clickhouse.statement import Statement

_READS = frozenset(("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "FROM"))


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, its parameters and the rights it runs with."""

    statement: Statement
    parameters: Parameters
    is_analyst: bool
    is_get: bool

    @property
    def is_read(self) -> bool:
        """Tell whether the statement only reads, so that it may be stopped when nobody waits for it."""
        return self.statement.verb in _READS

    @property
    def has_result(self) -> bool:
        """Tell whether the statement answers with rows, be they none; clients tell by the format header."""
        return self.is_read or self.statement.verb in ("KILL", "CHECK")

    @property
    def makes_state(self) -> bool:
        """Tell whether the statement leaves something in its connection that a session must keep."""
        words = self.statement.text[:200].upper().split()
        return self.statement.verb in ("SET", "USE") or (self.statement.verb == "CREATE" and b"TEMPORARY" in words[:4])

    @property
    def output_format(self) -> str:
        """The format of the answer: the FORMAT clause, else the header, else the parameter, else TabSeparated."""
        named = None if self.statement.verb == "INSERT" else self.statement.format
        return named or self.parameters.default_format or "TabSeparated"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a statement read and wrote so far, as X-ClickHouse-Summary tells it."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    elapsed_ns: int = 0


@dataclass(slots=True)
class Answer:
    """The first bytes of a result, those that follow, and the count so far."""

    first: bytes = b""
    more: Iterator[bytes] | None = None
    summary: Summary = field(default_factory=Summary)
