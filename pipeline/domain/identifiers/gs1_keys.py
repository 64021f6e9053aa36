"""From GS1 element strings to unit keys and back: which AIs name the class, and which the single unit.

Source: design, section 2; GS1 General Specifications, section 1.4.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from pipeline.domain.identifiers.element_string import Pair
from pipeline.domain.unit_key import GLN_DIGITS, GTIN_DIGITS, NO_EXTENSION, UnitKey, decode_part, encode_part


class _Rule(NamedTuple):
    """How a primary key and its companion make a unit key."""

    scheme: str
    companion: str = ""
    """The AI of the serial."""
    class_digits: int = 0
    """Where the serial is the rest of the primary key's own value: so many digits of it are the class."""
    filler: str = ""
    """Digits before the class that belong to the bar code, not to the key."""


_WHOLE: Final = {"00": "sscc", "8004": "giai", "8017": "gsrnp", "8018": "gsrn"}
_RULES: Final[dict[str, tuple[_Rule, ...]]] = {
    "01": (_Rule("gtin", "21"), _Rule("upui", "235")),
    "03": (_Rule("gtin", "21"),),
    "8006": (_Rule("itip", "21"),),
    "8010": (_Rule("cpi", "8011"),),
    "253": (_Rule("gdti", class_digits=13),),
    "255": (_Rule("sgcn", class_digits=13),),
    "8003": (_Rule("grai", class_digits=13, filler="0"),),
}
_PLACE, _EXTENSION = "414", "254"
KEYS: Final = frozenset({*_WHOLE, *_RULES, _PLACE})


class Named(NamedTuple):
    """What pairs name."""

    unit_key: str | None
    class_key: str | None
    ais: tuple[str, ...]
    """The AIs that say so; the others are attributes."""


_NOTHING: Final = Named(None, None, ())


def name_of(values: Mapping[str, str]) -> Named:
    """Return what valid values by AI name: the first primary key among them, with its companion."""
    for key in values:
        if key in KEYS:
            break
    else:
        return _NOTHING
    value = values[key]
    if key in _WHOLE:
        return Named(f"{_WHOLE[key]}:{_part(value)}", None, (key,))
    if key == _PLACE:
        extension = values.get(_EXTENSION, NO_EXTENSION)
        return Named(f"sgln:{value}{'' if extension == NO_EXTENSION else _part(extension)}", None, (key, _EXTENSION))
    rule = _RULES[key][0]
    if rule.companion not in values and len(_RULES[key]) > 1:
        rule = next((rule for rule in _RULES[key] if rule.companion in values), rule)
    return _classed(rule, key, value, values.get(rule.companion))


def _classed(rule: _Rule, key: str, value: str, serial: str | None) -> Named:
    if rule.class_digits:
        value = value[len(rule.filler) :]
        value, serial = value[: rule.class_digits], value[rule.class_digits :]
    class_key = f"{rule.scheme}:{_part(value)}"
    return Named(f"{class_key}/{_part(serial)}" if serial else None, class_key, (key, rule.companion))


def _part(value: str) -> str:
    """Encode a part as unit keys do; letters and digits alone need no look."""
    return value if value.isalnum() else encode_part(value)


def pairs_of(scheme: str, parts: Sequence[str]) -> list[Pair] | None:
    """Return the pairs that a unit key's or class key's plain parts stand for; None where GS1 has none for them."""
    for ai, whole in _WHOLE.items():
        if scheme == whole:
            return [(ai, parts[0])]
    if scheme == "sgln":
        extension = parts[0][GLN_DIGITS:]
        return [(_PLACE, parts[0][:GLN_DIGITS])] + ([(_EXTENSION, extension)] if extension else [])
    found = next(((ai, rule) for ai, rules in _RULES.items() for rule in rules if rule.scheme == scheme), None)
    if found is None:
        return None
    ai, rule = found
    serial = parts[1] if len(parts) > 1 else ""
    if rule.class_digits:
        return [(ai, rule.filler + parts[0] + serial)]
    if not serial and rule is not _RULES[ai][0]:
        return None  # the class alone would be read as that of the first rule: (01) without (235) is a GTIN's
    return [(ai, parts[0])] + ([(rule.companion, serial)] if serial else [])


def plain_parts(key: UnitKey) -> tuple[str, list[str]]:
    """Return a unit key's scheme and its parts without their encoding."""
    scheme, _, rest = (key.item or key.serial).partition(":")
    parts = [*rest.split("/"), key.serial] if key.item else [rest]
    return scheme, [decode_part(part) for part in parts]


__all__ = ["GTIN_DIGITS", "KEYS", "Named", "name_of", "pairs_of", "plain_parts"]
