"""What a recall reads from the warehouse: units and edges as numbers, no text but the names of a few.

Flow: questions -> columns. A unit is its 64-bit hash (cityHash64 of its key); retired labels are resolved.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.genealogy import FOREVER, Edges, Ids, Times, distinct
from analytics.questions import question
from analytics.recall.asked import Predicate
from analytics.recall.labels import Labels
from analytics.stays import Moves, stays
from pipeline.warehouse.client import Warehouse

Columns = dict[str, npt.NDArray[Any]]
Types = dict[str, np.dtype[Any]]
_PLACE_BITS: Final = 7
_PART, _FITS, _COMPONENT = 8, 16, 32
_U64, _I64 = np.dtype(np.uint64), np.dtype(np.int64)
_KNOWN: Final[Types] = {
    "unit": _U64, "said": np.dtype(np.uint8), "site": _U64, "cell": _U64, "made": np.dtype(np.int32), "last_seen": _I64,
}  # fmt: skip
_MOVES: Final[Types] = {"unit": _U64, "is_in": _U64, "at": _I64, "ordinal": _U64}
_MADE: Final[Types] = {
    "unit": _U64,
    "transformation": _U64,
    "at": _I64,
    "is_input": np.dtype(bool),
    "is_output": np.dtype(bool),
}


class Known(NamedTuple):
    """Every unit; see the question `recall_known`. Shape: one row per unit."""

    unit: Ids
    said: npt.NDArray[np.uint8]
    site: Ids
    cell: Ids
    made: npt.NDArray[np.int32]
    last_seen: Times

    def place(self) -> npt.NDArray[np.uint8]:
        """Return where each unit is, as a place of `analytics/recall/places.py`."""
        place: npt.NDArray[np.uint8] = self.said & np.uint8(_PLACE_BITS)
        return place

    def is_part(self) -> npt.NDArray[np.bool_]:
        """Whether each is part of something now."""
        is_part: npt.NDArray[np.bool_] = (self.said & _PART) != 0
        return is_part

    def fitting(self) -> Ids:
        """Return the units that the predicate fits, but for its component lots."""
        fitting: Ids = self.unit[(self.said & _FITS) != 0]
        return fitting

    def of_component_lots(self) -> Ids:
        """Return the units of the component lots."""
        of_lots: Ids = self.unit[(self.said & _COMPONENT) != 0]
        return of_lots


class Ledger(NamedTuple):
    """All that a recall is worked out from; the first `stays` edges are of parts, the others of transformations."""

    known: Known
    edges: Edges
    stays: int
    labels: Labels
    transformations: Ids
    """Ids in the edges that are no units."""


def read(warehouse: Warehouse, predicate: Predicate) -> Ledger:
    """Read it; raises WarehouseDown, WarehouseRefused."""
    with ThreadPoolExecutor(3) as pool:
        known = pool.submit(columns, warehouse, "recall_known", _KNOWN, **predicate.parameters())
        moves = pool.submit(columns, warehouse, "recall_moves", _MOVES)
        made = pool.submit(columns, warehouse, "recall_made", _MADE)
        retired = columns(warehouse, "recall_labels", {"label": _U64, "unit": _U64})
        labels = Labels(retired["label"], retired["unit"])
        inherited = columns(warehouse, "recall_inherited", _MOVES) if len(labels) else None
        parts = stays(_joined(moves.result(), inherited))
        edges = _resolved(_all_edges(parts, made.result()), labels)
        return Ledger(
            Known(**known.result()), edges, len(parts.start), labels, distinct(made.result()["transformation"])
        )


def columns(warehouse: Warehouse, name: str, types: Types, **parameters: Any) -> Columns:  # noqa: ANN401
    """Return a question's columns as arrays of these types, empty ones where it has no rows."""
    found = warehouse.query_columns(question(name), parameters)
    return {column: found.get(column, np.empty(0, kind)).astype(kind, copy=False) for column, kind in types.items()}


def _joined(moves: Columns, more: Columns | None) -> Moves:
    if more is None:
        return Moves(**moves)
    return Moves(**{name: np.concatenate([moves[name], more[name]]) for name in Moves._fields})


def _all_edges(parts: Edges, made: Columns) -> Edges:
    """Return stays and transformations: what went in is in the transformation, and that in what came out, for ever."""
    if not len(made["unit"]):
        return parts
    went_in, came_out = made["is_input"], made["is_output"]
    ends = np.full(int(went_in.sum() + came_out.sum()), FOREVER, np.int64)
    component = np.concatenate([made["unit"][went_in], made["transformation"][came_out]])
    product = np.concatenate([made["transformation"][went_in], made["unit"][came_out]])
    start = np.concatenate([made["at"][went_in], made["at"][came_out]])
    more = Edges(component, product, start, ends)
    return Edges(*(np.concatenate(pair) for pair in zip(parts, more, strict=True)))


def _resolved(edges: Edges, labels: Labels) -> Edges:
    return edges._replace(component=labels.units(edges.component), product=labels.units(edges.product))
