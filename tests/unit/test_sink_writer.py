"""The sink's writer, before it writes: which running statements are inserts of an older epoch."""

from typing import Any

import pytest

from pipeline.faults import never
from pipeline.sink.writer import PartitionWriter


class StatementsRunning:
    """A warehouse in which these statements run until they are killed."""

    def __init__(self, *query_ids: str) -> None:
        self.query_ids = list(query_ids)

    def query_rows(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:  # noqa: ANN401
        """Return what each question of a take-over expects."""
        if "system.processes" in sql:
            return [(one,) for one in self.query_ids if one.startswith(parameters["prefix"])]
        if "sink_marks" in sql:
            return []
        return [(4, "an owner")] if "max((epoch, owner)).1" in sql else [(True,)]

    def command(self, sql: str) -> None:
        """Take the epoch."""

    def kill(self, query_id: str) -> None:
        """End a statement."""
        self.query_ids.remove(query_id)


@pytest.mark.parametrize("chosen", ["x", "", "9" * 5000, "6-of another's greater epoch"])
def test_a_statement_under_an_id_like_an_inserts_is_left_alone(chosen: str) -> None:
    others = f"sink-ledger-0-{chosen}"
    warehouse = StatementsRunning("sink-ledger-0-4-owner-7", others, "sink-ledger-1-4-owner-7")
    PartitionWriter(lambda: warehouse, 0, "ledger", never).take_over()  # type: ignore[arg-type, return-value]
    assert warehouse.query_ids == [others, "sink-ledger-1-4-owner-7"]
