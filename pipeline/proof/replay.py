"""The whole log folded again into side tables, which must come out as the ledger's own.

Flow: both inputs within retention, unit_events and acts before that -> side tables -> a Replayed: what is not the same.

What arrives while it runs is left out: everything is replayed up to the position that each partition had at the start.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pipeline.broker.group import Place
from pipeline.broker.sweep import first_offsets
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.newest import newest_position
from pipeline.ledger.outputs import OWN_KEYS
from pipeline.ledger.position import Position, decode_position
from pipeline.ledger.where import Where
from pipeline.proof.differing import Difference, Tables
from pipeline.proof.history import History
from pipeline.proof.log import INPUTS, LogHistory, Reach
from pipeline.proof.order import read_order
from pipeline.proof.side import SideTables
from pipeline.proof.taking import take
from pipeline.proof.told import STREAM, Told
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.marks import Target, wait_for
from pipeline.warehouse.retention import removals
from pipeline.warehouse.tables import TABLES, table_of

_COMPARED_AT_ONCE: Final = 1_000_000
_EXAMPLES: Final = 20

Progress = Callable[[int, int], None]


@dataclass
class TableResult:
    """One table over all partitions."""

    compared: int = 0
    differences: int = 0
    listed: int = 0
    """Different, but of units that code other than this had a hand in: no failure."""


@dataclass
class Replayed:
    """What came of it."""

    from_log: int = 0
    from_clickhouse: int = 0
    """Records folded again: read from the topics, and from ClickHouse because the topics have let them go."""
    carried: int = 0
    """Dead letters of expired records, and gaps: copied, for there is nothing to fold."""
    tables: dict[str, TableResult] = field(default_factory=lambda: {table.name: TableResult() for table in TABLES})
    examples: list[Difference] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Where log and ClickHouse do not tell of the same records."""
    removed: list[str] = field(default_factory=list)
    """Partitions of which rows were removed on record: nobody knows what their units were before, so none is folded."""

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.problems and not any(result.differences for result in self.tables.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was replayed: rows of every partition that has any were removed on record."""
        return not self.from_log + self.from_clickhouse + self.carried


class Replay:
    """Replays one ledger, partition by partition, into a database that is there and empty."""

    def __init__(self, settings: Settings, live: Warehouse, side: Warehouse, into: str) -> None:
        self._settings, self._live, self._side, self._into = settings, live, side, into
        self._tables = Tables(live, settings.clickhouse_database, into)
        self._told, self.replayed = Told(), Replayed()

    def run(
        self, wheres: Sequence[Where], timeout_seconds: float, progress: Progress = lambda done, total: None
    ) -> Replayed:
        """Replay and compare every partition; tell how many records of how many are folded.

        One of which rows were removed on record is left out.

        Raises:
            SinkBehind: ClickHouse has not come so far in that time.
            BrokerUnreachable: Kafka does not answer.
            WarehouseDown: ClickHouse does not answer.
        """
        partitions, removed = len(wheres), removals(self._live)
        self.replayed.removed = [removed[where.partition].text() for where in wheres if where.partition in removed]
        wheres = [where for where in wheres if where.partition not in removed]
        positions = {where.partition: self._position(where.partition) for where in wheres}
        targets = {part: Target(at.scans_next - 1, at.internal_next - 1) for part, at in positions.items()}
        wait_for(self._live, targets, timeout_seconds=timeout_seconds)
        total, done = sum(at.ordinal for at in positions.values()), 0
        for where in wheres:
            position, before = positions[where.partition], done
            self._fold(where, position, lambda count, before=before: progress(before + count, total))  # type: ignore[misc]
            done += position.ordinal
            progress(done, total)
            self._compare(where.partition, position.ordinal)
        self._compare_told(partitions)
        return self.replayed

    def _compare_told(self, partitions: int) -> None:
        """See that what units told each other is in the log; code other than this may have told otherwise."""
        missing, result = self._told.missing(self._settings, partitions), TableResult()
        if missing is None:
            return
        is_foreign = any(table.listed for table in self.replayed.tables.values())
        result.compared = len(self._told)
        result.listed, result.differences = (len(missing), 0) if is_foreign else (0, len(missing))
        self.replayed.tables[STREAM] = result
        self.replayed.examples += [] if is_foreign else missing[:_EXAMPLES]

    def _position(self, partition: int) -> Position:
        newest = newest_position(self._settings, partition)
        return decode_position(newest) if newest else Position()

    def _fold(self, where: Where, position: Position, progress: Callable[[int], None]) -> None:
        partition, last = where.partition, position.ordinal
        lows = self._lows(partition)
        history = self._history(where, position, lows)
        ledger, memory = Ledger(where, built_in_lifecycles()), Held()
        tables, count = SideTables(self._side, partition, last), 0
        for stretch in history.stretches(last):
            outputs = take(ledger, stretch, memory)
            tables.add(outputs)
            self._told.add(outputs.internal, where, stretch.first)
            count += len(stretch)
            progress(count)
        units = [value for key, value in memory.records.items() if not key.startswith(OWN_KEYS)]
        tables.add_rows("units", units)
        tables.finish()
        expired = {where.scans_topic: lows["scans"], where.internal_topic: lows["internal"]}
        self.replayed.carried += tables.carry(self._settings.clickhouse_database, expired)
        self.replayed.from_log += history.from_log
        self.replayed.from_clickhouse += history.from_clickhouse
        self.replayed.problems += history.problems

    def _lows(self, partition: int) -> dict[str, int]:
        places = first_offsets(self._settings, [Place(topic, partition) for topic in INPUTS])
        return {place.topic: low for place, low in places.items()}

    def _history(self, where: Where, position: Position, lows: Mapping[str, int]) -> LogHistory:
        history = History(self._live, where.partition, where.scans_topic)
        order = read_order(self._live, where.partition, position.ordinal, where.scans_topic)
        nexts = {"scans": position.scans_next, "internal": position.internal_next}
        reach = {topic: Reach(lows[topic], nexts[topic]) for topic in INPUTS}
        return LogHistory(self._settings, history, order, reach)

    def _compare(self, partition: int, last: int) -> None:
        for table in TABLES:
            step = last if table.replaces else _COMPARED_AT_ONCE
            for after in range(0, last, max(step, 1)):
                self._compare_span(table.stream, partition, Span(after, min(after + step, last)))

    def _compare_span(self, stream: str, partition: int, span: Span) -> None:
        table = table_of(stream)
        compared, result = self._tables.compare(table, partition, span), self.replayed.tables[table.name]
        result.compared += compared.rows
        result.differences += compared.differences
        result.listed += compared.listed
        room = _EXAMPLES - sum(example.table == table.name for example in self.replayed.examples)
        if compared.differences and room > 0:
            self.replayed.examples += self._tables.differences(table, partition, span, room)
