"""What a recall reads from the warehouse: units and edges as numbers, no text but the names of a few.

Flow: questions -> columns. A unit is its 64-bit hash (cityHash64 of its key); retired labels are resolved.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.genealogy import FOREVER, Edges, Times, end_left
from analytics.questions import question
from analytics.recall.asked import Predicate
from analytics.recall.labels import Labels
from analytics.stays import Moves, stays
from analytics.unit_rows import Flags, Ids, Rows, UnitRows, among, distinct, taken
from pipeline.warehouse.client import Warehouse

Columns = dict[str, npt.NDArray[Any]]
Types = dict[str, np.dtype[Any]]
Said = npt.NDArray[np.uint16]
_PLACE_BITS: Final = 7
_PART, _MADE_AT, _COMPONENT = 8, 128, 1024
_BITS: Final = {"items": 16, "lots": 32, "made": 64, "sites": _MADE_AT, "suppliers": 256, "lines": 512}
_CONDITIONS: Final = np.uint16(sum(_BITS.values()))
_U64, _I64 = np.dtype(np.uint64), np.dtype(np.int64)
_KNOWN: Final[Types] = {"unit": _U64, "said": np.dtype(np.uint16), "site": _U64, "last_seen": _I64}
_DESCRIBED: Final[Types] = _KNOWN | {"cell": _U64, "made": np.dtype(np.int32)}
_MOVED: Final[Types] = {"unit": _U64, "is_in": _U64, "at": _I64, "ordinal": _U64}
_MADE: Final[Types] = {
    "unit": _U64,
    "transformation": _U64,
    "at": _I64,
    "is_input": np.dtype(bool),
    "is_output": np.dtype(bool),
}


class Known(NamedTuple):
    """Every unit; see the question `recall_known`. Shape: one row per unit; `cell` and `made` only where asked for."""

    unit: Ids
    said: Said
    site: Ids
    last_seen: Times
    cell: Ids = np.empty(0, np.uint64)
    made: npt.NDArray[np.int32] = np.empty(0, np.int32)

    def place(self, rows: Rows, otherwise: int) -> npt.NDArray[np.uint8]:
        """Return where the units of some rows are, as places of `analytics/recall/places.py`; -1 is no row."""
        return (taken(self.said, rows, np.uint16(otherwise)) & np.uint16(_PLACE_BITS)).astype(np.uint8)

    def is_part(self) -> Flags:
        """Whether each is part of something now."""
        is_part: Flags = (self.said & _PART) != 0
        return is_part

    def fitting(self, labels: Labels) -> Ids:
        """Return the units that the predicate fits, but for its component lots; each label may fit other conditions."""
        said = labels.together(self.unit, self.said & _CONDITIONS)
        fitting: Ids = self.unit[said == _CONDITIONS]
        return fitting

    def has_one(self, condition: str) -> bool:
        """Whether any unit fits a condition, one of the names of a predicate's lists or `made`."""
        bit = _COMPONENT if condition == "component_lots" else _BITS[condition]
        return bool((self.said & np.uint16(bit)).any())

    def of_component_lots(self) -> Ids:
        """Return the units of the component lots."""
        of_lots: Ids = self.unit[(self.said & _COMPONENT) != 0]
        return of_lots


class Ledger(NamedTuple):
    """All that a recall is worked out from; units are rows, first those known in their order."""

    known: Known
    units: UnitRows
    edges: Edges
    stays: int
    """So many edges, the first ones, are of parts, the others of transformations."""
    labels: Labels
    transformations: Rows
    """Rows in the edges that are no units."""

    def present(self, units: Ids) -> Rows:
        """Return the present units of some that are known, each once."""
        return distinct(self.labels.rows(self.units, self.units.of(units, in_order=True)), len(self.units))

    def is_of_component_lots(self) -> Flags:
        """Whether the component of each edge is a unit of the component lots."""
        return among(self.edges.component, self.present(self.known.of_component_lots()), len(self.units))


def read(warehouse: Warehouse, predicate: Predicate, *, is_described: bool = False) -> Ledger:
    """Read it, what describes the units only where it `is_described`; raises WarehouseDown, WarehouseRefused.

    All is asked at once, so that ClickHouse answers on all processors, and of nearly the same time. Who was built in
    between the answers has an edge that begins after it was seen last, and so is not in it yet.
    """
    with ThreadPoolExecutor(3) as pool:
        moved = pool.submit(columns, warehouse, "recall_moves", _MOVED)
        made = pool.submit(columns, warehouse, "recall_made", _MADE)
        retired = pool.submit(columns, warehouse, "recall_labels", {"label": _U64, "unit": _U64})
        wanted = _DESCRIBED if is_described else _KNOWN
        known = Known(**columns(warehouse, "recall_known", wanted, **predicate.parameters()))
        units, labels = UnitRows(known.unit), Labels(**retired.result())
        inherited = columns(warehouse, "recall_inherited", _MOVED) if len(labels) else None
        moves = _moves(moved.result(), inherited, units)
        parts = stays(moves, len(units))
        edges = _resolved(_all_edges(parts, made.result(), units), labels, units)
        end_left(edges, len(parts.start), known.is_part(), known.last_seen)
        if len(labels) and predicate.sites:
            known = _made_at(known, labels, first_sites(warehouse, labels), predicate.sites)
        transformations = distinct(units.of(made.result()["transformation"]), len(units))
        return Ledger(known, units, edges, len(parts.start), labels, transformations)


def first_sites(warehouse: Warehouse, labels: Labels) -> pl.DataFrame:
    """Return where each thing with several labels was made: the site of the first applied scan of them all.

    Shape: unit, site; a row for each such thing, by its present unit.
    """
    firsts = warehouse.query_frame(question("recall_firsts"))
    if not len(firsts):
        return pl.DataFrame(schema={"unit": pl.UInt64, "site": pl.String})
    present = pl.Series("unit", labels.units(firsts["unit"].to_numpy()))
    return firsts.with_columns(present).sort("first_at").unique("unit", keep="first").select("unit", "site")


def _made_at(known: Known, labels: Labels, firsts: pl.DataFrame, sites: tuple[str, ...]) -> Known:
    """Return what is known with the condition of the site told by thing, and not by label."""
    units, said = labels.units(known.unit), known.said.copy()
    said[np.isin(units, firsts["unit"].to_numpy())] &= np.uint16(0xFFFF ^ _MADE_AT)
    said[np.isin(units, firsts.filter(pl.col("site").is_in(sites))["unit"].to_numpy())] |= np.uint16(_MADE_AT)
    return known._replace(said=said)


def columns(warehouse: Warehouse, name: str, types: Types, **parameters: Any) -> Columns:  # noqa: ANN401
    """Return these columns of a question as arrays of these types, empty ones where it has no rows."""
    sql = f"SELECT {', '.join(types)} FROM ({question(name).rstrip().rstrip(';')})"  # noqa: S608  names of ours
    found = warehouse.query_columns(sql, parameters)
    return {column: found.get(column, np.empty(0, kind)).astype(kind, copy=False) for column, kind in types.items()}


def _moves(moved: Columns, more: Columns | None, units: UnitRows) -> Moves:
    """Return moves by rows; where nothing is known of a unit yet it gets one."""
    columns = moved if more is None else {name: np.concatenate([moved[name], more[name]]) for name in moved}
    rows = units.named(columns["unit"], in_order=True)
    return Moves(rows, units.named(columns["is_in"]), columns["at"], columns["ordinal"])


def _all_edges(parts: Edges, made: Columns, units: UnitRows) -> Edges:
    """Return stays and transformations: what went in is in the transformation, and that in what came out, for ever."""
    if not len(made["unit"]):
        return parts
    went_in, came_out = made["is_input"], made["is_output"]
    unit, transformation = units.named(made["unit"]), units.named(made["transformation"])
    ends = np.full(int(went_in.sum() + came_out.sum()), FOREVER, np.int64)
    component = np.concatenate([unit[went_in], transformation[came_out]])
    product = np.concatenate([transformation[went_in], unit[came_out]])
    start = np.concatenate([made["at"][went_in], made["at"][came_out]])
    return parts.followed_by(Edges(component, product, start, ends))


def _resolved(edges: Edges, labels: Labels, units: UnitRows) -> Edges:
    return edges._replace(component=labels.rows(units, edges.component), product=labels.rows(units, edges.product))
