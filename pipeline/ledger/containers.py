"""Containers and assemblies: members that come and go, moves that are told to them.

Flow: an EDGE or FANOUT record -> edges, derived scans, the next FANOUT.

Whatever comes first, a move, its correction or a membership: each record settles what it touches by what is known then,
and the last one to come finds everything.
"""

from collections.abc import Mapping
from typing import Any, Final

from pipeline.domain.edge import Edge, Move
from pipeline.domain.reference import APPLIED, REFUSED, STALE
from pipeline.domain.spans import Span, added, covers, without
from pipeline.domain.unit_state import MOVED_FACT, Record
from pipeline.ledger.at_hand import OneUnit, UnitsAtHand
from pipeline.ledger.heard import EdgeHeard, FanoutHeard, Senseless, hear
from pipeline.ledger.memory import Overlay
from pipeline.ledger.moves import move_of
from pipeline.ledger.outputs import edge_key, edges_of, move_key, moves_of
from pipeline.ledger.telling import Telling
from pipeline.wire.edge import decode_edge, decode_move, encode_edge

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
                self._telling.tell(edge, move, toggle)
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
        for name, value in found:
            self._tell_member(unit, (name, decode_edge(value)), move, holds, cause[1])
        if len(found) == EDGES_AT_ONCE:
            rest = found[-1][0].removeprefix(edges).decode()
            content = {"move": move.to_json(), "holds": heard.holds, "after": rest}
            self._telling.write("FANOUT", key, content, cause)
        else:
            self._tidy(unit, cause[0])
        return APPLIED, ""

    def _tell_member(self, unit: OneUnit, named: tuple[bytes, Edge], move: Move, holds: bool, received_at: int) -> None:
        name, edge = named
        toggle = edge.settle(move, holds=holds)
        if toggle:
            self._telling.tell(edge, move, toggle)
            edge.changed_at = received_at
            edge.forget(set(unit.facts["scan_id"].tolist()))
            self._overlay.put(name, encode_edge(edge))
        elif self._is_over(unit, edge, received_at):
            self._overlay.put(name, None)

    @staticmethod
    def _is_over(unit: OneUnit, edge: Edge, received_at: int) -> bool:
        """Whether an edge has ended before anything that the container remembers, and a while ago."""
        is_past = unit.head["has_base"] and edge.ended_at <= unit.units.bases[0]["event_time"]
        return bool(is_past and received_at - edge.changed_at > _KEPT_MS)

    def _tidy(self, unit: OneUnit, ordinal: int) -> None:
        """Forget moves that their unit has forgotten, and that it has members where it has none any more."""
        kept = {move_key(unit.key, fact) for fact in unit.facts["scan_id"].tolist()}
        for name, _ in self._overlay.following(moves_of(unit.key), b"", _ALL):
            if name not in kept:
                self._overlay.put(name, None)
        if unit.head["edges"] and not self._overlay.following(edges_of(unit.key), b"", 1):
            unit.head["edges"] = 0
            unit.touch(ordinal)
