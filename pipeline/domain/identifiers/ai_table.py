"""The table of application identifiers, read once: for each AI what its value is, and what it goes with.

Flow: an AI and its value in, what is wrong with the value out.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pipeline.domain.identifiers.application_identifiers import TABLE
from pipeline.domain.identifiers.checks import CHECKS, Check
from pipeline.domain.identifiers.finding import Fault

_CLASSES: Final = {"N": "0-9", "X": '!-"%-/0-9:-?A-Z_a-z', "Y": "#\\-/0-9A-Z", "Z": "\\-_0-9A-Za-z"}
_SETS: Final = {"N": "a digit", "X": "of CSET 82", "Y": "of CSET 39", "Z": "of file-safe base64"}
_COMPONENT: Final = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)\]?([,a-z0-9]*)")
_ITEM: Final = "01,02,03,8006,8026"
_COLUMNS: Final = 6
_TRADE_MEASURE_DECIMALS: Final = 5

Sequence = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a value."""

    kind: str
    least: int
    most: int
    is_optional: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Ai:
    """An application identifier."""

    ai: str
    is_predefined: bool
    """Of predefined length: no separator behind it."""
    is_attribute: bool
    """May be a data attribute of a Digital Link."""
    components: tuple[Component, ...]
    least: int
    most: int
    pattern: re.Pattern[str]
    """Matches values of right length and characters."""
    spans: tuple[tuple[int, int | None, Check], ...]
    """What to check, and where in the value."""
    needs: tuple[Sequence, ...]
    """Patterns of AIs of which all of one row must be there; `n` is any digit."""
    never: Sequence
    qualifiers: tuple[Sequence, ...] | None
    """None where it is no primary key; else its qualifiers in order, one row per alternative."""

    def fault(self, value: str) -> Fault | None:
        """Return the first thing that is wrong with a value, or None."""
        if not self.pattern.fullmatch(value):
            return self._malformed(value)._replace(right=self._well_formed(value))
        return self._unchecked(value)

    def _unchecked(self, value: str) -> Fault | None:
        for start, end, check in self.spans:
            part = value[start:end]
            if part and (found := check(part)):
                return _placed(found, value, start, end)
        return None

    def _well_formed(self, value: str) -> str | None:
        """Return the value with what is easily wrong put right: blanks, small letters, zeros that are missing."""
        padded = value.zfill(self.most) if self.least == self.most and value.isdigit() else value
        for other in (value.replace(" ", ""), value.upper(), padded):
            if other != value and self.pattern.fullmatch(other) and self._unchecked(other) is None:
                return other
        return None

    def _malformed(self, value: str) -> Fault:
        """Say which character or length is wrong."""
        at = 0
        for component in self.components:
            part = value[at : at + component.most]
            allowed = re.compile(f"[{_CLASSES[component.kind]}]{'|=' if component.kind == 'Z' else ''}")
            for place, letter in enumerate(part):
                if not allowed.fullmatch(letter):
                    return Fault(at + place, "cset", f"{letter!r} is not {_SETS[component.kind]}")
            at += len(part)
            if at == len(value):
                break
        wanted = f"{self.least}" if self.least == self.most else f"{self.least} to {self.most}"
        return Fault(min(len(value), self.most), "length", f"has {len(value)} characters, not {wanted}")


def _placed(fault: Fault, value: str, start: int, end: int | None) -> Fault:
    """Return a component's fault as the whole value's."""
    tail = "" if end is None else value[end:]
    right = None if fault.right is None else value[:start] + fault.right + tail
    return Fault(start + fault.at, fault.rule, fault.message, right)


def _components(text: str) -> tuple[Component, ...]:
    found = []
    for bracket, kind, dots, size, names in _COMPONENT.findall(text):
        checks = tuple(CHECKS[name] for name in names.strip(",").split(",") if name)
        found.append(Component(kind, 1 if dots else int(size), int(size), bool(bracket), checks))
    return tuple(found)


def _pattern(components: tuple[Component, ...]) -> re.Pattern[str]:
    """Return what matches a value; base64 may end in padding, which counts."""
    text, closing = "", ""
    for part in components:
        padded = f"(?=.{{1,{part.most}}}\\Z)" if part.kind == "Z" else ""
        tail = "={0,2}" if part.kind == "Z" else ""
        text += "(?:" * part.is_optional + f"{padded}[{_CLASSES[part.kind]}]{{{part.least},{part.most}}}{tail}"
        closing += ")?" * part.is_optional
    return re.compile(text + closing)


def _spans(components: tuple[Component, ...]) -> tuple[tuple[int, int | None, Check], ...]:
    found: list[tuple[int, int | None, Check]] = []
    at = 0
    for part in components:
        end = at + part.most if part.least == part.most else None
        found += [(at, end, check) for check in part.checks]
        at += part.most
    return tuple(found)


def _expand(text: str) -> list[str]:
    """Return the AIs of one name: `01`, `310n` (0 to 5), `390n-9` (0 to 9)."""
    stem, _, last = text.partition("-")
    if not stem.endswith("n"):
        return [stem]
    return [f"{stem[:-1]}{digit}" for digit in range(int(last or _TRADE_MEASURE_DECIMALS) + 1)]


def _rows() -> dict[str, Ai]:
    table: dict[str, Ai] = {}
    for line in filter(None, TABLE.splitlines()):
        cells = [cell.strip() for cell in line.split("|")]
        names, marks, form, needs, never, key = cells + [""] * (_COLUMNS - len(cells))
        components = _components(form)
        for name in names.split():
            own = (name.partition("-")[0],) if "n" in name and name not in {"703n-9", "723n-9"} else ()
            for ai in _expand(name):
                table[ai] = Ai(
                    ai=ai,
                    is_predefined="*" in marks,
                    is_attribute="?" in marks,
                    components=components,
                    least=sum(part.least for part in components if not part.is_optional),
                    most=sum(part.most for part in components),
                    pattern=_pattern(components),
                    spans=_spans(components),
                    needs=tuple(tuple(one.split("+")) for one in needs.replace("item", _ITEM).split(",") if one),
                    never=(*filter(None, never.split(",")), *own),
                    qualifiers=_qualifiers(key),
                )
    return table


def _qualifiers(cell: str) -> tuple[Sequence, ...] | None:
    if not cell:
        return None
    return tuple(tuple(filter(None, row.split(","))) for row in cell.removeprefix("key").strip().split("/"))


AIS: Final[dict[str, Ai]] = _rows()
AI_DIGITS: Final = {ai[:2]: len(ai) for ai in AIS}
"""How many digits an AI has, by its first two."""


@cache
def matches(pattern: str, ai: str) -> bool:
    """Whether an AI is what a pattern such as `31nn` means."""
    return len(pattern) == len(ai) and all(want in ("n", have) for want, have in zip(pattern, ai, strict=True))
