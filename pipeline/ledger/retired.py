"""What a retired label tells the unit under which it goes on: its life, and every scan of it from then on.

Flow: rows of Effects -> ALIAS records and forwarded scans for `internal`, what was forwarded to be kept in `units`.
"""

from typing import Any, Final

from pipeline.domain.effects import Effects
from pipeline.domain.flags import flags_text
from pipeline.domain.label import Label
from pipeline.domain.links import ALIAS_LINK
from pipeline.domain.scan import INSTALL, RELABEL, REMOVE, REPLACE, STEPS
from pipeline.domain.unit_state import FIT_FACT, NEVER, SELF_FACT, Record
from pipeline.ledger.columns import Columns
from pipeline.ledger.lives import life_told
from pipeline.ledger.outputs import forward_key
from pipeline.ledger.scene import Load, Scene
from pipeline.ledger.telling import Telling
from pipeline.wire.body import decode_body
from pipeline.wire.forwarded_scan import Root, forwarded_scan
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.label import decode_label, encode_label
from pipeline.wire.schemas import catalogue

_BY_OTHER_UNIT: Final = (INSTALL, REMOVE, REPLACE, RELABEL)


def tell_label(effects: Effects, at: int, scene: Scene, telling: Telling, cause: tuple[int, int]) -> None:
    """Tell a unit that this one goes on under its key, and as what; and the one of before that it does so no longer."""
    row, life = effects.labels[at], effects.lives[at]
    u = int(row["unit"])
    said = {"alias": scene.names[u].decode(), "version": int(row["sequence"])}
    if row["former_length"]:
        former = scene.text(row["former_start"], row["former_length"]).encode()
        telling.write("ALIAS", former, said | {"since": None}, cause)
    if row["heir_length"]:
        told = life_told(life, int(scene.units.heads[u]["lifecycle"]), scene.reference)
        told |= {name: scene.text(row[f"{name}_start"], row[f"{name}_length"]) for name in ("container", "parent")}
        told["lot"] = scene.text(row["lot_start"], row["lot_length"]) if row["lot_length"] >= 0 else None
        heir = scene.text(row["heir_start"], row["heir_length"]).encode()
        more = {"since": int(life["event_time"]), "life": told, "aliases": aliases_of(scene, u)}
        more["expected"] = expected_of(scene, u)
        telling.write("ALIAS", heir, said | more, cause)


def aliases_of(scene: Scene, u: int) -> list[str]:
    """Return the labels that were retired for a unit, as far as it knows."""
    first = int(scene.units.places[u]["first_link"])
    links = scene.units.links[first : first + int(scene.units.heads[u]["links"])]
    return sorted(scene.text(link["start"], link["length"]) for link in links if link["kind"] == ALIAS_LINK)


def expected_of(scene: Scene, u: int) -> list[list[int]]:
    """Return the documents that expect a unit, each its hash, its kind and the hash of the sale."""
    first = int(scene.units.places[u]["first_expected"])
    entries = scene.units.expected[first : first + int(scene.units.heads[u]["expected"])]
    return [[int(entry[name]) for name in ("document", "kind", "sale")] for entry in entries]


def tell_forward(
    effects: Effects, at: int, scene: Scene, telling: Telling, known: tuple[dict[bytes, bytes], Load]
) -> None:
    """Forward a scan to the unit that it is of, or tell that it was none; keep how often that was told."""
    row, fact = effects.moves[at], effects.facts[at]
    alias, unit = scene.names[row["unit"]], scene.text(row["heir_start"], row["heir_length"])
    name, (kept, load) = forward_key(alias, unit.encode()), known
    value = kept.get(name) or load([name])[0]
    label = Label(unit, alias.decode()) if value is None else decode_label(value)
    root = Root(int(fact["scan_id"]), int(fact["root"]), int(fact["depth"]))
    toggle = label.settle(root.fact, int(fact["event_time"]), holds=bool(row["holds"]))
    if toggle:
        is_told = row["is_own"] and scene.columns is not None
        scan = _told(scene.columns, int(row["scan"])) if is_told else _remembered(fact, row, scene, label)
        telling.send(unit.encode(), forwarded_scan(label, root, toggle, scan))
        kept[name] = encode_label(label)


def _told(columns: Columns | None, i: int) -> dict[str, Any]:
    """Return all fields of a scan of the batch."""
    assert columns is not None
    begin, end = int(columns.starts[i]) + FRAME_BYTES, int(columns.ends[i])
    body = columns.buffer[begin:end].tobytes() + b"\0" * int(columns.missing[i])
    return decode_body(catalogue().version("scan").parsed, body)


def _remembered(fact: Record, row: Record, scene: Scene, label: Label) -> dict[str, Any]:
    """Return a scan as its fact remembers it: who read it, its location and its document are known to itself only."""
    other = scene.text(row["other_start"], row["other_length"])
    if not other and fact["flags"] & SELF_FACT:
        other = label.unit
    return {
        "step": STEPS[fact["step"]],
        "event_time": int(fact["event_time"]),
        "capture_time": int(fact["event_time"]),
        "site": scene.sites[fact["site"]].decode(),
        "destination": scene.sites[fact["destination"]].decode() or None,
        "other_unit" if fact["step"] in _BY_OTHER_UNIT else "container": other or None,
        "expiry": None if fact["expiry"] == NEVER else int(fact["expiry"]),
        "condition": _condition(fact),
        "flags_set": flags_text(int(fact["set"])) or None,
        "flags_unset": flags_text(int(fact["unset"])) or None,
    }


def _condition(fact: Record) -> str | None:
    if fact["plain"] < 0:
        return None
    return flags_text(int(fact["plain"])) or ("conformant" if fact["flags"] & FIT_FACT else "unknown")
