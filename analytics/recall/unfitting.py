"""Why a recall concerns nothing: the conditions that no unit fits, each with the names that are like its own.

Flow: what is asked, what is known of units -> sentences.
"""

import difflib
from collections.abc import Callable, Iterable
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
_MOST_LIKE: Final = 3
_MOST_COMPARED: Final = 20_000
"""Names above this are not compared: it takes some 20 microseconds each."""


def unfitting(warehouse: Warehouse, ledger: Ledger, asked: Asked) -> list[str]:
    """Return a sentence for each condition that fits no unit; one where each by itself fits some.

    Raises: WarehouseDown, WarehouseRefused.
    """
    predicate = asked.predicate
    given = [name for name in _SAID if getattr(predicate, name) and not ledger.known.has_one(name)]
    said = [_sentence(warehouse, name, getattr(predicate, name)) for name in given]
    made = Predicate(made_from=predicate.made_from, made_to=predicate.made_to)
    if made != Predicate() and not ledger.known.has_one("made"):
        said.append(f"no unit was {made.text()}")
    return said or ["each condition by itself fits a unit, but no unit fits all that is asked for"]


def _sentence(warehouse: Warehouse, condition: str, values: tuple[str, ...]) -> str:
    known = _KNOWN[condition](warehouse) if condition in _KNOWN else []
    near = list(dict.fromkeys(name for value in values for name in like(value, known)))[:_MOST_LIKE]
    return f"{_SAID[condition]} {' or '.join(values)}" + (f"; there is {', '.join(near)}" if near else "")


def like(value: str, known: Iterable[str]) -> list[str]:
    """Return the known names that are most like one, in capitals or not: first those that it is a part of."""
    names = {name.casefold(): name for name in known if name}
    if len(names) > _MOST_COMPARED:
        return []
    word = value.casefold()
    within = sorted((name for name in names if word in name), key=len)
    near = difflib.get_close_matches(word, names, n=_MOST_LIKE, cutoff=0.6)
    return [names[name] for name in dict.fromkeys([*within, *near])][:_MOST_LIKE]


def _cells(warehouse: Warehouse, column: str) -> list[str]:
    return sorted({str(row[column]) for row in ask(warehouse, "recall_cells")})


_KNOWN: Final[dict[str, Callable[[Warehouse], Iterable[str]]]] = {
    "items": lambda warehouse: _cells(warehouse, "item"),
    "lots": lambda warehouse: _cells(warehouse, "lot"),
    "component_lots": lambda warehouse: _cells(warehouse, "lot"),
    "sites": lambda warehouse: sorted(site_names(warehouse).values()),
}
