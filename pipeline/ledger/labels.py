"""Records ALIAS of `internal`: a label was retired for a unit, which goes on with its life unless it has one already.

Flow: an ALIAS record -> the label kept with the unit, the unit folded again, what changes by that.

Of each label, what it said last counts; of several, the one retired first has its life taken over.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from pipeline.domain.label import Label
from pipeline.domain.links import MOST_ALIASES
from pipeline.domain.reference import APPLIED, REFUSED, STALE
from pipeline.domain.unit_key import BadUnitKey, parse
from pipeline.ledger.at_hand import OneUnit, UnitsAtHand
from pipeline.ledger.heirs import Heirs
from pipeline.ledger.lives import check_life
from pipeline.ledger.memory import Overlay
from pipeline.ledger.outputs import OWN_KEYS, label_key, labels_of
from pipeline.wire.label import decode_label, encode_label

_ALL: Final = 1 << 20
_LINKS: Final = 2 * MOST_ALIASES


def take_alias(
    record: Mapping[str, Any], at: tuple[int, int], units: UnitsAtHand, overlay: Overlay, heirs: Heirs
) -> tuple[str, str]:
    """Note that a label was retired for a unit, or was not after all.

    Args:
        record: the ALIAS record.
        at: its ordinal, and when the broker received it.
        units: of the partition.
        overlay: what is remembered.
        heirs: folds the unit again.
    """
    key = record["subject"].encode(errors="replace")
    if key.startswith(OWN_KEYS) or b"\0" in key:
        return REFUSED, "subject"
    said = _said(record)
    if said is None:
        return REFUSED, "content"
    labels = [decode_label(value) for _, value in overlay.following(labels_of(key), b"", _ALL)]
    known = {one.alias: one for one in labels}
    label = known.get(said.alias)
    if label is not None and said.version <= label.version:
        return STALE, "version"
    unit = units.apart(key, _LINKS)
    if said.since is not None and _is_loop(said, unit):
        return REFUSED, "loop"
    before, after = _standing(known), _standing(known | {said.alias: said})
    if len(after) > MOST_ALIASES:
        return REFUSED, "aliases"
    overlay.put(label_key(key, said.alias.encode()), encode_label(said))
    unit.touch(at[0])
    heirs.go_on(unit, before, after, at)
    units.put(unit)
    return APPLIED, ""


def _said(record: Mapping[str, Any]) -> Label | None:
    """Return the label as the record has it; None where that makes no sense."""
    try:
        asked = json.loads(record["content"])
        alias, version, since = parse(asked["alias"]).text, int(asked["version"]), asked["since"]
        if alias == record["subject"] or version < 1:
            return None
        if since is None:
            return Label(record["subject"], alias, version)
        check_life(asked["life"])
        aliases = [parse(one).text for one in asked["aliases"][:MOST_ALIASES]]
        content = json.dumps({"life": asked["life"], "aliases": aliases})
        return Label(record["subject"], alias, version, max(int(since), 0), content)
    except (BadUnitKey, ValueError, KeyError, TypeError, OverflowError, AttributeError, RecursionError):
        return None


def _is_loop(said: Label, unit: OneUnit) -> bool:
    """Whether the unit would go on, by whatever way is known, under a label of its own."""
    labels = {said.alias, *json.loads(said.content)["aliases"]}
    return not labels.isdisjoint((said.unit, unit.text_of(int(unit.units.lives[0]["alias"]))))


def _standing(known: Mapping[str, Label]) -> list[Label]:
    """Return the labels retired for the unit, that retired first in front."""
    standing = [(label.since, label.alias, label) for label in known.values() if label.since is not None]
    return [label for _, _, label in sorted(standing, key=lambda one: one[:2])]
