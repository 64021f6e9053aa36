"""What the scans of a batch bring about for other units, written down for their owners.

Flow: Effects of a fold, the scans' columns -> EDGE, FANOUT and ALIAS records for `internal`, moves kept in `units`.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pipeline.domain.edge import ASSEMBLY, CONTAINER
from pipeline.domain.effects import Effects
from pipeline.domain.spans import FOREVER
from pipeline.ledger.moves import move_of, move_told
from pipeline.ledger.outputs import move_key
from pipeline.ledger.retired import tell_forward, tell_label
from pipeline.ledger.scene import Load, Scene
from pipeline.ledger.telling import Telling
from pipeline.wire.edge import decode_move, encode_move


def tell_effects(effects: Effects, scene: Scene, telling: Telling, load: Load) -> dict[bytes, bytes]:
    """Write what owners of other units must know, scan by scan; returns the records to be kept."""
    kept: dict[bytes, bytes] = {}
    moves, stays, labels = (_by_scan(rows["scan"][:count]) for rows, count in _rows(effects))
    for i in sorted({*moves, *stays, *labels}):
        cause = (int(scene.origin.ordinal[i]), int(scene.origin.received_at[i]))
        for at in labels.get(i, ()):
            tell_label(effects, at, scene, telling, cause)
        for at in moves.get(i, ()):
            if effects.moves[at]["heir_length"]:
                tell_forward(effects, at, scene, telling, (kept, load))
            else:
                _tell_move(effects, at, scene, telling, (kept, load), cause)
        for container, is_part, content in _edges(effects, stays.get(i, []), scene):
            content["kind"] = ASSEMBLY if is_part else CONTAINER
            telling.write("EDGE", container, content, cause)
    return kept


def _rows(effects: Effects) -> Iterator[tuple[npt.NDArray[np.void], int]]:
    yield from zip((effects.moves, effects.stays, effects.labels), effects.counts.tolist(), strict=True)


def _by_scan(scans: npt.NDArray[np.int32]) -> dict[int, list[int]]:
    places = defaultdict[int, list[int]](list)
    for at, scan in enumerate(scans.tolist()):
        places[scan].append(at)
    return places


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
    if row["is_own"] and scene.columns is not None:
        move = move_told(fact, scene.columns, int(row["scan"]))
        kept[name] = encode_move(key.decode(), move)
    else:
        value = kept.get(name) or load([name])[0]
        other = scene.text(row["other_start"], row["other_length"])
        move = move_of(fact, scene.sites, other) if value is None else decode_move(value)
    if row["fans"]:
        content = {"move": move.to_json(), "holds": bool(row["holds"]), "after": ""}
        telling.write("FANOUT", key, content, cause)


def _edges(effects: Effects, rows: list[int], scene: Scene) -> Iterator[tuple[bytes, bool, dict[str, object]]]:
    """Return each unit that the scan's own unit came to or left, and the spans."""
    found: dict[tuple[bytes, bool], dict[str, object]] = {}
    for at in rows:
        row = effects.stays[at]
        text, is_part = scene.text(row["link_start"], row["link_length"]).encode(), bool(row["is_part"])
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
