"""Who is in whom: one edge per member and container, or part and whole, and which moves the member was told.

Flow: a move that holds or not, an edge -> whether the member has to be told of it, or told that it was none.

What a member is told of one move is a chain: the move, that it was none, the move again, …; its length is kept with
the edge, so it does not matter in which order moves, corrections and memberships become known.
"""

import json
from dataclasses import dataclass, field, fields
from typing import Any, Final, Self

from pipeline.domain.spans import FOREVER, Span, covers

CONTAINER, ASSEMBLY = "CONTAINER", "ASSEMBLY"
EDGE_KINDS: Final = (CONTAINER, ASSEMBLY)
SLACK: Final = 48
"""Chains kept with an edge; above that those go first whose facts the container has forgotten."""


@dataclass(frozen=True, slots=True)
class Move:
    """A fact of a unit that what is in it follows.

    `fact` is the hash of its scan's id, `root` that of the scan at the beginning of it all, `depth` how many containers
    lie between.
    """

    fact: int
    root: int
    depth: int
    step: str
    event_time: int
    capture_time: int
    site: str
    destination: str | None = None
    location: str | None = None
    document: str | None = None
    empties: bool = False
    """Everything leaves the container, or the assembly."""
    into: str | None = None
    """The label under which the container goes on: everything is in that one from now on."""
    owner: str | None = None
    """A pseudonym: whose it is after a TRANSFER."""

    def to_json(self) -> dict[str, Any]:
        """Return it as it travels in `internal`; hashes as text, because JSON's numbers end at 53 bits for many."""
        said = {name: getattr(self, name) for name in _MOVE_FIELDS}  # not asdict: that copies all it comes to
        return {name: value for name, value in said.items() if value is not None and value is not False} | {
            "fact": str(self.fact),
            "root": str(self.root),
            "depth": self.depth,
        }

    @classmethod
    def of_json(cls, plain: dict[str, Any]) -> Self:
        """Read it.

        Raises:
            ValueError, TypeError: it is none.
        """
        return cls(**plain | {name: int(plain[name]) for name in ("fact", "root", "depth", "event_time")})


_MOVE_FIELDS: Final = tuple(one.name for one in fields(Move))


@dataclass(slots=True)
class Edge:
    """A member of a container, or a part of an assembly: when it was in it, and how often it was told of which move."""

    container: str
    member: str
    kind: str
    version: int = 0
    """Sequence of the member's record that last said so."""
    spans: list[Span] = field(default_factory=list)
    told: dict[int, int] = field(default_factory=dict)
    """By the move's fact: odd where the move stands, even where it was taken back."""
    changed_at: int = 0
    """When the broker received what changed it last."""

    @property
    def is_open(self) -> bool:
        """Whether the member is in it, as far as is known."""
        return bool(self.spans) and self.spans[-1][1] == FOREVER

    def follows(self, move: Move) -> bool:
        """Whether the member moves with its container in that move."""
        if move.empties and (move.step == "UNPACK") != (self.kind == CONTAINER):
            return False
        return covers(self.spans, move.event_time)

    def settle(self, move: Move, *, holds: bool) -> int:
        """Return which of the chain the member has to be told next, from 1; 0 where it knows already."""
        toggles = self.told.get(move.fact, 0)
        if (holds and self.follows(move)) == bool(toggles % 2):
            return 0
        self.told[move.fact] = toggles + 1
        return toggles + 1

    def forget(self, remembered: set[int]) -> None:
        """Let go of the oldest chains of facts that the container has forgotten, where there are too many."""
        for fact in [fact for fact in self.told if fact not in remembered][: max(len(self.told) - SLACK, 0)]:
            del self.told[fact]


def parse_move(text: str) -> Move:
    """Read a move as it is kept.

    Raises:
        ValueError, TypeError: it is none.
    """
    return Move.of_json(json.loads(text))
