"""Why a recall concerns nothing: the conditions that no unit fits, each with the names that are like its own.

Flow: what is asked, what is known of units -> sentences.
"""

import difflib
import heapq
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

from analytics.questions import ask
from analytics.recall.asked import Asked, Predicate
from analytics.recall.columns import Ledger
from analytics.recall.places import site_names
from pipeline.warehouse.client import Warehouse

_SAID: Final = {
    "items": "no unit has item",
    "lots": "no unit has lot",
    "sites": "no unit was made at",
    "suppliers": "no scan of a unit states supplier",
    "lines": "no scan of a unit states line",
    "component_lots": "no unit that could be a component has lot",
}
_CELL: Final = {"items": "item", "lots": "lot", "component_lots": "lot"}
_TOGETHER: Final = "each condition by itself fits a unit, but no unit fits all that is asked for"
_MOST_LIKE: Final = 3
_MOST_VALUES: Final = 3
"""So many values of a condition are named and compared; the others are counted."""
_MOST_COMPARED: Final = 20_000
"""Names above this are not compared: it takes some 5 microseconds each, for each value."""
_MOST_CLOSELY: Final = 50
Names = Mapping[str, str]
"""Names as they are, by how they are without capitals."""


def unfitting(warehouse: Warehouse, ledger: Ledger, asked: Asked) -> list[str]:
    """Return a sentence for each condition that fits no unit; one where each by itself fits some.

    Raises: WarehouseDown, WarehouseRefused.
    """
    predicate = asked.predicate
    given = [name for name in _SAID if getattr(predicate, name) and not ledger.known.has_one(name)]
    known = _known(warehouse, given)
    said = [_sentence(_SAID[name], getattr(predicate, name), known.get(name, {})) for name in given]
    if predicate.component_lots and "component_lots" not in given and not ledger.is_of_component_lots().any():
        said.append(f"no unit of lot {_few(predicate.component_lots)} was built into anything")
    made = Predicate(made_from=predicate.made_from, made_to=predicate.made_to)
    if made != Predicate() and not ledger.known.has_one("made"):
        said.append(f"no unit was {made.text()}")
    return said or [_TOGETHER]


def _sentence(said: str, values: tuple[str, ...], known: Names) -> str:
    near = list(dict.fromkeys(name for value in values[:_MOST_VALUES] for name in like(value, known)))[:_MOST_LIKE]
    return f"{said} {_few(values)}" + (f"; there is {', '.join(near)}" if near else "")


def _few(values: tuple[str, ...]) -> str:
    more = len(values) - _MOST_VALUES
    return " or ".join(values[:_MOST_VALUES]) + (f" and {more:,} more" if more > 0 else "")


def names_of(known: Iterable[str]) -> Names:
    """Return names to compare with; none where they are too many."""
    names = {name.casefold(): name for name in known if name}
    return names if len(names) <= _MOST_COMPARED else {}


def like(value: str, names: Names) -> list[str]:
    """Return the names that are most like one, in capitals or not: first those that it is a part of."""
    word = value.casefold()
    within = heapq.nsmallest(_MOST_LIKE, (name for name in names if word in name), key=len)
    near = [] if len(within) == _MOST_LIKE else difflib.get_close_matches(word, _nearly(word, names), n=_MOST_LIKE)
    return [names[name] for name in dict.fromkeys([*within, *near])][:_MOST_LIKE]


def _nearly(word: str, names: Names) -> list[str]:
    """Return the names that have most of a word's letters and pairs of letters: those worth a closer look."""
    parts = {*word, *map("".join, pairwise(word))}

    def share(name: str) -> float:
        return sum(part in name for part in parts) / (len(word) + len(name))

    return heapq.nlargest(_MOST_CLOSELY, names, key=share)


def _known(warehouse: Warehouse, conditions: list[str]) -> dict[str, Names]:
    """Return the names that there are for some of these conditions; those of suppliers and lines are not looked for."""
    cells = ask(warehouse, "recall_cells") if _CELL.keys() & conditions else []
    columns = {_CELL[name] for name in conditions if name in _CELL}
    of_cells = {column: names_of(sorted({str(row[column]) for row in cells})) for column in columns}
    known = {name: of_cells[_CELL[name]] for name in conditions if name in _CELL}
    if "sites" in conditions:
        known["sites"] = names_of(sorted(site_names(warehouse).values()))
    return known
