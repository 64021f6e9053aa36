"""Edges and moves as the ledger keeps them in `units`.

Flow: Edge or Move -> framed bytes, and back.
"""

import json

from pipeline.domain.edge import Edge, Move, parse_move
from pipeline.domain.spans import FOREVER
from pipeline.wire.body import decode_body
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import catalogue, encode


def encode_edge(edge: Edge) -> bytes:
    """Encode an edge."""
    spans = [{"from": begin, "to": None if end == FOREVER else end} for begin, end in edge.spans]
    told = [{"fact": fact, "toggles": toggles} for fact, toggles in edge.told.items()]
    named = {"container": edge.container, "member": edge.member, "kind": edge.kind, "version": edge.version}
    return encode("edge", named | {"spans": spans, "told": told, "changed_at": edge.changed_at})


def decode_edge(value: bytes) -> Edge:
    """Read an edge that we wrote ourselves."""
    plain = decode_body(catalogue().version("edge").parsed, value[FRAME_BYTES:])
    plain["spans"] = [(one["from"], FOREVER if one["to"] is None else one["to"]) for one in plain["spans"]]
    plain["told"] = {one["fact"]: one["toggles"] for one in plain["told"]}
    return Edge(**plain)


def encode_move(unit: str, move: Move) -> bytes:
    """Encode a move of a unit."""
    return encode("move", {"unit": unit, "fact": move.fact, "content": json.dumps(move.to_json())})


def decode_move(value: bytes) -> Move:
    """Read a move that we wrote ourselves."""
    return parse_move(decode_body(catalogue().version("move").parsed, value[FRAME_BYTES:])["content"])
