"""The links of one unit: keys of other units, each once, numbered from 1; facts and lives refer to the numbers.

Flow: the text of a scan's container or other unit -> its number, kept with the unit as long as anything refers to it.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.slices import Bytes, same_slice
from pipeline.domain.unit_state import LINKS, Record, Units

ALIAS_LINK: Final = 1
"""Kind of a link: a label that was retired for this unit. It is kept though nothing refers to it."""
MOST_ALIASES: Final = 50

Numbers = npt.NDArray[np.int64]


@compiled
def find_link(links: npt.NDArray[np.void], count: int, texts: tuple[Bytes, Bytes], start: int, length: int) -> int:
    """Return the number of a text that lies in the first of two buffers, 0 where it is none of the links.

    Args:
        links: the unit's slots.
        count: how many are filled.
        texts: the scans' buffer and that of the loaded states, in both of which links may lie.
        start: of the text.
        length: of the text.
    """
    scans, loaded = texts
    for j in range(count):
        at = links[j]["start"]
        if links[j]["length"] != length:
            continue
        if same_slice(loaded, ~at, scans, start, length) if at < 0 else same_slice(scans, at, scans, start, length):
            return j + 1
    return 0


@compiled
def add_link(units: Units, u: int, start: int, length: int) -> int:
    """Append a link whose text lies in the scans' buffer; returns its number."""
    head = units.heads[u]
    if head["links"] == LINKS:
        tidy_links(units, u)
    link = units.links[units.places[u]["first_link"] + head["links"]]
    link["start"], link["length"], link["kind"] = start, length, 0
    head["links"] += 1
    return int(head["links"])


@compiled
def keep(numbers: Numbers, kept: int, link: int) -> int:
    """Give a link that is referred to the next number, once; returns how many there are."""
    if link == 0 or numbers[link] != 0:
        return kept
    numbers[link] = kept + 1
    return kept + 1


@compiled
def keep_of_life(numbers: Numbers, kept: int, life: Record) -> int:
    """Keep the links of a life."""
    kept = keep(numbers, kept, life["container"])
    kept = keep(numbers, kept, life["alias"])
    return int(keep(numbers, kept, life["parent"]))


@compiled
def renumber_life(numbers: Numbers, life: Record) -> None:
    """Give a life the new numbers of its links."""
    life["container"] = numbers[life["container"]]
    life["alias"] = numbers[life["alias"]]
    life["parent"] = numbers[life["parent"]]


@compiled
def tidy_links(units: Units, u: int) -> None:
    """Drop the links of a unit that nothing refers to, and number the others by what refers to them.

    The order says nothing of when a link came to be, so a unit's bytes do not depend on where batches were cut: first
    the aliases, which only ever come behind one another, then the rest as base, life and facts refer to them.
    """
    head, place = units.heads[u], units.places[u]
    count, facts, first = int(head["links"]), int(head["facts"]), place["first"]
    if count == 0:
        return
    links = units.links[place["first_link"] : place["first_link"] + count]
    numbers, kept = np.zeros(LINKS + 2, np.int64), 0
    for j in range(count):
        if links[j]["kind"] == ALIAS_LINK:
            kept = keep(numbers, kept, j + 1)
    kept = keep_of_life(numbers, kept, units.bases[u])
    kept = keep_of_life(numbers, kept, units.lives[u])
    for j in range(first, first + facts):
        kept = keep(numbers, kept, units.facts[j]["link"])
    former = links.copy()
    for j in range(count):
        if numbers[j + 1] != 0:
            links[numbers[j + 1] - 1] = former[j]
    head["links"] = kept
    renumber_life(numbers, units.bases[u])
    renumber_life(numbers, units.lives[u])
    for j in range(first, first + facts):
        units.facts[j]["link"] = numbers[units.facts[j]["link"]]
