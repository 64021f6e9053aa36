"""What the scans of a batch bring about for other units, written down for their owners.

Flow: Effects of a fold, the scans' columns -> EDGE and FANOUT records for `internal`, moves to be kept in `units`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.domain.edge import ASSEMBLY, CONTAINER
from pipeline.domain.effects import Effects
from pipeline.domain.slices import Bytes
from pipeline.domain.spans import FOREVER
from pipeline.domain.unit_state import Record
from pipeline.ledger.columns import Columns
from pipeline.ledger.moves import move_of, move_told
from pipeline.ledger.outputs import move_key
from pipeline.ledger.telling import Telling
from pipeline.wire.edge import decode_move, encode_move
from pipeline.wire.verdict import Origin

Load = Callable[[list[bytes]], list[bytes | None]]


class Scene(NamedTuple):
    """The batch that brought it about."""

    columns: Columns
    loaded: Bytes
    origin: Origin
    names: list[bytes]
    """Keys of its units."""
    sites: list[bytes]


def tell_effects(effects: Effects, scene: Scene, telling: Telling, load: Load) -> dict[bytes, bytes]:
    """Write what owners of other units must know, scan by scan; returns the moves to be kept."""
    kept: dict[bytes, bytes] = {}
    moves, stays = _by_scan(effects)
    for i in sorted({*moves, *stays}):
        cause = (int(scene.origin.ordinal[i]), int(scene.origin.received_at[i]))
        for at in moves.get(i, ()):
            _tell_move(effects, at, scene, telling, (kept, load), cause)
        for container, is_part, content in _edges(effects, stays.get(i, []), scene):
            content["kind"] = ASSEMBLY if is_part else CONTAINER
            telling.write("EDGE", container, content, cause)
    return kept


def _by_scan(effects: Effects) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    moves, stays = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for at in range(int(effects.counts[0])):
        moves[int(effects.moves[at]["scan"])].append(at)
    for at in range(int(effects.counts[1])):
        stays[int(effects.stays[at]["scan"])].append(at)
    return moves, stays


def _tell_move(
    effects: Effects,
    at: int,
    scene: Scene,
    telling: Telling,
    known: tuple[dict[bytes, bytes], Load],
    cause: tuple[int, int],
) -> None:
    """Have a move told to whoever follows; keep what its scan says of it for those who will turn out to follow."""
    row, fact = effects.moves[at], effects.facts[at]
    key, (kept, load) = scene.names[row["unit"]], known
    name = move_key(key, int(fact["scan_id"]))
    if row["is_own"]:
        move = move_told(fact, scene.columns, int(row["scan"]))
        kept[name] = encode_move(key.decode(), move)
    else:
        value = kept.get(name) or load([name])[0]
        move = move_of(fact, scene.sites) if value is None else decode_move(value)
    if row["fans"]:
        content = {"move": move.to_json(), "holds": bool(row["holds"]), "after": ""}
        telling.write("FANOUT", key, content, cause)


def _edges(effects: Effects, rows: list[int], scene: Scene) -> Iterator[tuple[bytes, bool, dict[str, object]]]:
    """Return each unit that the scan's own unit came to or left, and the spans."""
    found: dict[tuple[bytes, bool], dict[str, object]] = {}
    for at in rows:
        row = effects.stays[at]
        text, is_part = _text(row, scene), bool(row["is_part"])
        blank = {
            "member": scene.names[row["unit"]].decode(),
            "version": int(row["sequence"]),
            "added": [],
            "removed": [],
        }
        content = found.setdefault((text, is_part), blank)
        end = int(row["end"])
        spans = content["added" if row["came"] else "removed"]
        assert isinstance(spans, list)
        spans.append([max(int(row["begin"]), 0), None if end == FOREVER else end])
    for (text, is_part), content in found.items():
        yield text, is_part, content


def _text(row: Record, scene: Scene) -> bytes:
    start, length = int(row["link_start"]), int(row["link_length"])
    buffer = scene.loaded if start < 0 else scene.columns.buffer
    begin = ~start if start < 0 else start
    return buffer[begin : begin + length].tobytes()
