"""What a unit belongs to and the flags that it bears, as its scans tell it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.oracle.derived import is_drawn
from tests.oracle.identifiers import is_identifier

Record = dict[str, Any]
FLAGS = (
    "damaged", "expired", "mismatch_class", "mismatch_instance", "mismatch_quantity", "needs_replacement",
    "no_pedigree_match", "non_conformant", "recalled", "stolen", "unavailable",
)  # fmt: skip
_BY_OTHER_UNIT = ("INSTALL", "REMOVE", "REPLACE", "RELABEL")
_DAY_MS = 86_400_000


@dataclass(frozen=True)
class Belonging:
    """What the unit is in, part of and replaced by, its flags, its expiry in days, the document of its last sale."""

    container: str | None = None
    container_site: str | None = None
    parent: str | None = None
    alias_of: str | None = None
    flags: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    expiry: int | None = None
    sale: str | None = None

    @property
    def all_flags(self) -> frozenset[str]:
        """The flags that hold."""
        return self.flags | self.plain

    @property
    def held(self) -> "Belonging":
        """What really is in and part of something: not a retired label, but the unit under which it goes on."""
        return self if self.alias_of is None else replace(self, container=None, parent=None)


def own_key(scan: Record) -> str:
    """Returns the unit key of a scan."""
    return f"{scan['item']}/{scan['serial']}" if scan["item"] else str(scan["serial"])


def named_by(scan: Record) -> str | None:
    """Returns the unit key that a scan names as its container or other unit, its own too."""
    name = scan["other_unit"] if scan["step"] in _BY_OTHER_UNIT else scan["container"]
    if not name:
        return None
    item, _, serial = name.rpartition("/")
    return str(name) if is_identifier(item, serial) else None


def link_of(scan: Record) -> str | None:
    """Returns the other unit that a scan names."""
    name = named_by(scan)
    return None if name == own_key(scan) else name


def is_of_another(scan: Record, other: Record) -> bool:
    """Returns whether two scans name different other units."""
    links = {link_of(scan), link_of(other)} - {None}
    return len(links) > 1


def is_broken(scan: Record, now: Belonging, site: str | None) -> bool:
    """Returns whether a member's scan contradicts what it is in; `site` is where the unit was."""
    if now.container is None or is_drawn(scan):
        return False
    link = None if scan["step"] in _BY_OTHER_UNIT else link_of(scan)
    if link is not None:
        return link != now.container
    there = site if now.container_site is None else now.container_site
    return scan["step"] not in ("PACK", "UNPACK") and bool(scan["site"] != there)


def barred(scan: Record, now: Belonging, blocked_by: dict[str, list[str]]) -> Iterator[str]:
    """Returns which flags of the unit block a scan, as reasons."""
    held = set(now.all_flags) - _words(scan["flags_unset"])
    expiry = now.expiry if scan["expiry"] is None else max(scan["expiry"], 0)
    if expiry is not None and scan["event_time"] // _DAY_MS > expiry:
        held.add("expired")
    for flag in ("recalled", "stolen", "expired"):
        if flag in held and scan["step"] in blocked_by.get(flag, []):
            yield flag.upper()


def is_fit(scan: Record) -> bool:
    """Returns whether a scan's disposition says that the unit may go on."""
    condition = scan["condition"] or ""
    return condition in ("conformant", "available") or condition.startswith("sellable_")


def belong(scan: Record, now: Belonging, *, is_end: bool, is_along: bool) -> Belonging:
    """Returns what the unit belongs to and bears after a scan that takes effect.

    Args:
        scan: the scan.
        now: what the unit belongs to before it.
        is_end: whether it ends the unit.
        is_along: whether the unit only goes where its container goes.
    """
    after = replace(now, flags=(now.flags | _words(scan["flags_set"])) - _words(scan["flags_unset"]))
    if scan["condition"]:
        after = replace(after, plain=_words(scan["condition"], apart=False))
    if scan["expiry"] is not None:
        after = replace(after, expiry=max(scan["expiry"], 0))
    if scan["step"] in ("SELL", "DISPENSE") and not is_along:
        after = replace(after, sale=scan["document"])
    if is_end:
        return replace(after, container=None, container_site=None, parent=None)
    return _beside(scan, _derived(scan, after) if is_drawn(scan) else _linked(scan, after))


def _beside(scan: Record, now: Belonging) -> Belonging:
    """Notes where the container was known to be: where it moved its members, and where it was named beside the unit."""
    if now.container is None:
        return replace(now, container_site=None)
    is_named = scan["step"] not in _BY_OTHER_UNIT and link_of(scan) == now.container
    is_moved = is_drawn(scan) and scan["step"] not in ("UNPACK", "REMOVE")
    return replace(now, container_site=scan["site"]) if is_named or is_moved else now


def _linked(scan: Record, now: Belonging) -> Belonging:
    link, is_emptied = link_of(scan), named_by(scan) == own_key(scan)
    match scan["step"]:
        case "UNPACK" | "REMOVE" if is_emptied:
            return now
        case "UNPACK" | "SELL" | "DISPENSE":
            return replace(now, container=None)
        case "REMOVE" | "REPLACE":
            return replace(now, parent=None)
        case "INSTALL":
            return replace(now, container=None, parent=now.parent if link is None else link)
        case "RELABEL":
            return now if link is None else replace(now, alias_of=link)
        case _:
            return now if link is None else replace(now, container=link)


def _derived(scan: Record, now: Belonging) -> Belonging:
    link = link_of(scan)
    if scan["step"] == "UNPACK" and now.container == link:
        return replace(now, container=None)
    if scan["step"] == "REMOVE" and now.parent == link:
        return replace(now, parent=None)
    if scan["step"] == "PACK" and link is not None:
        return replace(now, container=link)
    if scan["step"] == "INSTALL" and link is not None:
        return replace(now, parent=link)
    return now


def _words(text: str | None, *, apart: bool = True) -> frozenset[str]:
    words = (text or "").split(" ") if apart else [text or ""]
    return frozenset(words) & frozenset(FLAGS)
