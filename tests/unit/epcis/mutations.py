"""Documents made wrong at random: parts taken out, put in, exchanged, moved, letters changed."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.unit.epcis.events import Object

Path = tuple[int | str, ...]

_JUNK: Final[tuple[Any, ...]] = (
    None, True, 0, -1.5, "", "x", "urn:a:b", "urn:epcglobal:cbv:bizstep:shipping", "ex:",
    "https://ref.gs1.org/cbv/BizStep-shipping", "https://ns.gs1.org/cbv/x", "https://gs1.org/voc/Temperature",
    "gs1:Temperature", "2026-01-01T00:00:00", "2026-01-01T00:00:00z", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:00:00.123456789+23:59", "0000-01-01T00:00:00Z", "+14:00", "+14:01", "-00:00",
    "14:00", "damaged", "shipping", "ADD", "delete", "KGM", "KG M", "ObjectEvent", "AggregationEvent", "EPCISDocument",
    "Odd", [], {}, ["urn:a:b"], ["urn:a:b", "urn:a:b"], [1], {"id": "urn:a:b"}, {"id": "x"}, "a b", "http://[::1]/",
    "http://[::1%25a]/", {"set": []}, {"set": ["damaged"]}, ["damaged", "damaged"], "f0g", "ilmd", "café:x", "%zz:",
)  # fmt: skip
_NAMES: Final = (
    "foo", "ex:new", "ilmd", "persistentDisposition", "parentID", "epcList", "childEPCs", "transformationID", "action",
    "quantityList", "uom", "@context", "id", "type", "x y", "urn:a:b", "sensorReport", "recordTime", "bizRules", "set",
    "comment", "epcisMasterData", "subscriptionID",
)  # fmt: skip
_LETTERS: Final = ("", "%", "é", " ", "/", "\0", "#", ":")


def chance_of(seed: int | str) -> random.Random:
    """Return chance that is the same in every run."""
    return random.Random(seed)  # noqa: S311  nothing secret


def mutated(document: Object, chance: random.Random) -> Object:
    """Return a copy with one or two parts changed."""
    made = copy.deepcopy(document)
    for _ in range(chance.choice([1, 1, 1, 2])):
        path = chance.choice(list(_paths(made)))
        if path:
            chance.choice(_CHANGES)(_at(made, path[:-1]), path[-1], chance)
    return made


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:  # noqa: ANN401  JSON
    yield path
    for name in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from _paths(value[name], (*path, name))


def _at(value: Any, path: Path) -> Any:  # noqa: ANN401  JSON
    for name in path:
        value = value[name]
    return value


def _take_out(parent: Any, name: Any, _: random.Random) -> None:  # noqa: ANN401  JSON
    del parent[name]


def _exchange(parent: Any, name: Any, chance: random.Random) -> None:  # noqa: ANN401  JSON
    parent[name] = copy.deepcopy(chance.choice(_JUNK))


def _put_in(parent: Any, name: Any, chance: random.Random) -> None:  # noqa: ANN401  JSON
    value = parent[name]
    if isinstance(value, dict):
        value[chance.choice(_NAMES)] = copy.deepcopy(chance.choice(_JUNK))
    elif isinstance(value, list):
        value.append(copy.deepcopy(chance.choice([*_JUNK, *value])))


def _change_a_letter(parent: Any, name: Any, chance: random.Random) -> None:  # noqa: ANN401  JSON
    value = parent[name]
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        parent[name] = value[:at] + chance.choice(_LETTERS) + value[at + 1 :]


def _rename(parent: Any, name: Any, chance: random.Random) -> None:  # noqa: ANN401  JSON
    if isinstance(parent, dict):
        parent[chance.choice(_NAMES)] = parent.pop(name)


_CHANGES: Final[tuple[Callable[[Any, Any, random.Random], None], ...]] = (
    _take_out, _exchange, _exchange, _put_in, _change_a_letter, _rename,
)  # fmt: skip
