"""What a reader of one syntax hands on, and what is made of it: values checked, keys built, the nearest right code."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pipeline.domain.identifiers.ai_table import AIS
from pipeline.domain.identifiers.element_string import Pair
from pipeline.domain.identifiers.epc_schemes import Prefix
from pipeline.domain.identifiers.finding import Finding
from pipeline.domain.identifiers.gs1_keys import name_of
from pipeline.domain.identifiers.identified import Identified, Source
from pipeline.domain.identifiers.pairing import check_pairing
from pipeline.domain.identifiers.remarks import remarks_on

Write = Callable[[list[Pair]], str | None]

NO_PAIRS: Final[list[Pair]] = []


@dataclass(slots=True)
class Reading:
    """A code taken apart into pairs of AI and value, not yet checked."""

    syntax: str
    pairs: list[Pair] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    write: Write | None = None
    """Writes pairs in the syntax they were read from: what the nearest right code is written by."""
    prefix: Prefix = None
    filter: int = 0
    hex: str = ""


def concluded(code: str, reading: Reading) -> Identified:
    """Check the values and their company, and return what the code is."""
    pairs = reading.pairs
    errors = reading.errors + _value_faults(pairs, reading.write)
    if not reading.errors:
        errors += check_pairing(pairs)
    values = dict(pairs)
    if errors:
        return Identified(code, reading.syntax, None, None, values, tuple(reading.warnings), tuple(errors))
    warnings = (*reading.warnings, *remarks_on(pairs))
    unit_key, class_key, ais = name_of(values)
    for ai in ais:
        values.pop(ai, None)
    source = Source(tuple(pairs), reading.prefix, (), reading.filter, reading.hex)
    return Identified(code, reading.syntax, unit_key, class_key, values, warnings, (), source)


def _value_faults(pairs: list[Pair], write: Write | None) -> list[Finding]:
    found = []
    for place, (ai, value) in enumerate(pairs):
        if fault := AIS[ai].fault(value):
            nearest = None
            if fault.right is not None and write is not None:
                nearest = write([*pairs[:place], (ai, fault.right), *pairs[place + 1 :]])
            found.append(Finding(f"({ai}) character {fault.at + 1}", fault.rule, f"({ai}) {fault.message}", nearest))
    return found
