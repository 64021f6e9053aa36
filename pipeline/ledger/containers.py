"""Containers and assemblies: members that come and go, moves that are told to them.

Flow: an EDGE or FANOUT record -> edges, derived scans, the next FANOUT.

Whatever comes first, a move, its correction or a membership: each record settles what it touches by what is known then,
and the last one to come finds everything.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.edge import EDGE_KINDS, Edge, Move
from pipeline.domain.reference import APPLIED, REFUSED, STALE
from pipeline.domain.spans import Span, added, covers, without
from pipeline.domain.unit_state import MOVED_FACT, Record
from pipeline.ledger.at_hand import OneUnit, UnitsAtHand
from pipeline.ledger.heard import EdgeHeard, FanoutHeard, Senseless, hear
from pipeline.ledger.memory import Found, Overlay
from pipeline.ledger.moves import move_of
from pipeline.ledger.outputs import edge_key, edges_of, move_key, moves_of
from pipeline.ledger.telling import Telling
from pipeline.wire.derived_scan import told_of
from pipeline.wire.edge import decode_edge, decode_move, encode_edge
from pipeline.wire.edge_columns import Column, Edges, read_edges

EDGES_AT_ONCE: Final = 500
_ALL: Final = 1 << 20
_KEPT_MS: Final = 7 * 86_400_000
"""How long an edge is kept that no move can concern any more."""


class Containers:
    """What the owner of a container's partition does about its members."""

    def __init__(self, units: UnitsAtHand, overlay: Overlay, telling: Telling, sites: list[bytes]) -> None:
        self._units, self._overlay, self._telling, self._sites = units, overlay, telling, sites

    def take_edge(self, record: Mapping[str, Any], cause: tuple[int, int]) -> tuple[str, str]:
        """Note that a member came or went, and tell it of the moves that it has missed or did not take part in."""
        try:
            container, heard = record["subject"], hear(EdgeHeard, record["content"])
        except Senseless:
            return REFUSED, "content"
        if heard.member == container:
            return REFUSED, "content"
        key = edge_key(container.encode(), heard.kind, heard.member.encode())
        value = self._overlay.load([key])[0]
        edge = Edge(container, heard.member, heard.kind) if value is None else decode_edge(value)
        if heard.version <= edge.version:
            return STALE, "version"
        was_open, is_new, came, went = edge.is_open, value is None, heard.came, heard.went
        edge.version, edge.spans, edge.changed_at = heard.version, without(added(edge.spans, came), went), cause[1]
        unit = self._units.named(container.encode())
        self._settle_moves(unit, edge, [*came, *went])
        self._overlay.put(key, encode_edge(edge))
        if is_new or was_open != edge.is_open:
            unit.head["members"] += edge.is_open - was_open
            unit.head["edges"] = 1
            unit.touch(cause[0])
        return APPLIED, ""

    def _settle_moves(self, unit: OneUnit, edge: Edge, changed: list[Span]) -> None:
        facts = unit.facts
        concerned = [fact for fact in facts if covers(changed, int(fact["event_time"]))]
        for fact in concerned:
            move = self._move_of(unit, fact)
            toggle = edge.settle(move, holds=bool(fact["flags"] & MOVED_FACT))
            if toggle:
                self._telling.tell(edge.member.encode(), told_of(move, edge.container, edge.kind, toggle))
        edge.forget(set(facts["scan_id"].tolist()))

    def _move_of(self, unit: OneUnit, fact: Record) -> Move:
        """Return a fact as a move: as its scan told it, or what the fact itself remembers of that."""
        value = self._overlay.load([move_key(unit.key, int(fact["scan_id"]))])[0]
        if value is not None:
            return decode_move(value)
        return move_of(fact, self._sites, unit.text_of(int(fact["link"])))

    def take_move(self, record: Mapping[str, Any], cause: tuple[int, int]) -> tuple[str, str]:
        """Tell the next members of a move, or that it was none; a record of the same kind goes on with the rest."""
        try:
            heard = hear(FanoutHeard, record["content"])
        except Senseless:
            return REFUSED, "content"
        key, move, holds = record["subject"].encode(), heard.told, heard.holds
        unit = self._units.named(key)
        remembered = [fact for fact in unit.facts if fact["scan_id"] == move.fact]
        if remembered:
            holds = bool(remembered[0]["flags"] & MOVED_FACT)
        edges = edges_of(key)
        found = self._overlay.following(edges, edges + heard.after.encode(), EDGES_AT_ONCE)
        left = self._tell_members(unit, found, move, holds, cause[1]) if found else 0
        if len(found) == EDGES_AT_ONCE:
            rest = found[-1][0].removeprefix(edges).decode()
            content = {"move": move.to_json(), "holds": heard.holds, "after": rest}
            self._telling.write("FANOUT", key, content, cause)
        else:
            self._tidy(unit, cause[0], left)
        return APPLIED, ""

    def _tell_members(self, unit: OneUnit, found: Found, move: Move, holds: bool, received_at: int) -> int:
        """Tell those members that do not know; let go of edges that have been over for long. Returns how many stay."""
        edges = read_edges([value for _, value in found], move)
        turns = edges.settle(holds=holds)
        concerned = np.flatnonzero(turns)
        now = turns[concerned]
        remembered = np.sort(unit.facts["scan_id"])
        changed = edges.with_turns(concerned, now, remembered, received_at)
        self._overlay.keep([found[i][0] for i in concerned.tolist()], changed)
        members, what = edges.members(), list(zip(edges[Column.KIND][concerned].tolist(), now.tolist(), strict=True))
        told = {one: told_of(move, unit.key.decode(), EDGE_KINDS[one[0]], one[1]) for one in set(what)}
        for i, one in zip(concerned.tolist(), what, strict=True):
            self._telling.tell(members[i], told[one])
        gone = self._over(unit, edges, turns, received_at) if unit.head["has_base"] else []
        self._overlay.keep([found[i][0] for i in gone], [None] * len(gone))
        return len(found) - len(gone)

    @staticmethod
    def _over(unit: OneUnit, edges: Edges, turns: npt.NDArray[np.int64], received_at: int) -> list[int]:
        """Return which edges have ended before anything that the container remembers, and a while ago."""
        is_past = (turns == 0) & (edges[Column.ENDED_AT] <= int(unit.units.bases[0]["event_time"]))
        over: list[int] = np.flatnonzero(is_past & (received_at - edges[Column.CHANGED_AT] > _KEPT_MS)).tolist()
        return over

    def _tidy(self, unit: OneUnit, ordinal: int, left: int) -> None:
        """Forget moves that their unit has forgotten, and that it has members where none of them is left."""
        kept = {move_key(unit.key, fact) for fact in unit.facts["scan_id"].tolist()}
        moves = [name for name, _ in self._overlay.following(moves_of(unit.key), b"", _ALL) if name not in kept]
        self._overlay.keep(moves, [None] * len(moves))
        if unit.head["edges"] and not left and not self._overlay.following(edges_of(unit.key), b"", 1):
            unit.head["edges"] = 0
            unit.touch(ordinal)
