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
from pipeline.ledger.at_hand import OneUnit, UnitsAtHand
from pipeline.ledger.heard import AliasHeard, Senseless, hear
from pipeline.ledger.heirs import Heirs
from pipeline.ledger.memory import Overlay
from pipeline.ledger.outputs import label_key, labels_of
from pipeline.wire.label import decode_label, encode_label

_MOST_KEPT: Final = 4 * MOST_ALIASES
"""Labels kept with a unit, those among them that were taken back again."""
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
    key, said = record["subject"].encode(), _said(record)
    if said is None:
        return REFUSED, "content"
    labels = [decode_label(value) for _, value in overlay.following(labels_of(key), b"", _MOST_KEPT)]
    known = {one.alias: one for one in labels}
    label = known.get(said.alias)
    if label is not None and said.version <= label.version:
        return STALE, "version"
    if label is None and (said.since is None or len(known) >= _MOST_KEPT):
        return REFUSED, "aliases"  # no label takes back what it never said
    unit = units.apart(key, _LINKS)
    if said.since is not None and _is_loop(said, unit):
        return REFUSED, "loop"
    before, after = _standing(known), _standing(known | {said.alias: said})
    if len(after) > MOST_ALIASES:
        return REFUSED, "aliases"
    overlay.put(label_key(key, said.alias.encode()), encode_label(said))
    if said.since is not None:  # before it is folded again: it may tell the next label what it is expected for
        heirs.expect(key, json.loads(said.content)["expected"], at[0])
        unit = units.apart(key, _LINKS)
    unit.touch(at[0])
    heirs.go_on(unit, before, after, at)
    units.put(unit)
    return APPLIED, ""


def _said(record: Mapping[str, Any]) -> Label | None:
    """Return the label as the record has it; None where that makes no sense."""
    try:
        heard = hear(AliasHeard, record["content"])
    except Senseless:
        return None
    if heard.alias == record["subject"] or (heard.since is not None and heard.life is None):
        return None
    if heard.since is None or heard.life is None:
        return Label(record["subject"], heard.alias, heard.version)
    told = {"life": heard.life.model_dump(), "aliases": heard.aliases, "expected": heard.expected}
    content = json.dumps(told)
    return Label(record["subject"], heard.alias, heard.version, heard.since, content)


def _is_loop(said: Label, unit: OneUnit) -> bool:
    """Whether the unit would go on, by whatever way is known, under a label of its own."""
    labels = {said.alias, *json.loads(said.content)["aliases"]}
    return not labels.isdisjoint((said.unit, unit.text_of(int(unit.units.lives[0]["alias"]))))


def _standing(known: Mapping[str, Label]) -> list[Label]:
    """Return the labels retired for the unit, that retired first in front."""
    standing = [(label.since, label.alias, label) for label in known.values() if label.since is not None]
    return [label for _, _, label in sorted(standing, key=lambda one: one[:2])]
