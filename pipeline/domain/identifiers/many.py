"""Many codes at once: element strings read in machine code, all else one by one.

Flow: codes in, what each is out, in their order.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

from pipeline.domain.identifiers.ai_table import AIS
from pipeline.domain.identifiers.element_columns import MOST_ELEMENTS, Tables, read_columns, tables
from pipeline.domain.identifiers.gs1_keys import name_of
from pipeline.domain.identifiers.identified import Identified, Source
from pipeline.domain.identifiers.identify import MAX_CHARACTERS, identify
from pipeline.domain.identifiers.pairing import check_pairing
from pipeline.domain.identifiers.prefix_table import PrefixTable

_NAMES: Final = ("", *AIS)
_ROW: Final = f"V{2 * MOST_ELEMENTS}"


@cache
def _tables() -> Tables:
    return tables()


def identify_many(
    codes: Iterable[str], *, company_prefix: int | PrefixTable | None = None, lenient: bool = False
) -> list[Identified]:
    """Return what each code is, exactly as `identify` does."""
    given = list(codes)
    short = [code if len(code) <= MAX_CHARACTERS and code.isascii() else "" for code in given]
    rows, begins, stops = read_columns(short, _tables())
    shapes = rows.view(_ROW).ravel().tolist()
    found = []

    def source_of(code: str) -> Source:
        return identify(code, company_prefix=company_prefix, lenient=lenient).source

    for code, shape, begin, stop in zip(given, shapes, begins.tolist(), stops.tolist(), strict=True):
        ais = _companions(shape)
        if not ais:
            found.append(identify(code, company_prefix=company_prefix, lenient=lenient))
            continue
        values = {ai: code[start:end] for ai, start, end in zip(ais, begin, stop, strict=False)}
        unit_key, class_key, named = name_of(values)
        for ai in named:
            values.pop(ai, None)
        syntax = "element_string" if code[0] == "(" else "unbracketed"
        found.append(Identified(code, syntax, unit_key, class_key, values, (), (), source_of))
    return found


_companions_known: Final[dict[bytes, tuple[str, ...]]] = {}
_MOST_KNOWN: Final = 10_000


def _companions(shape: bytes) -> tuple[str, ...]:
    """Return the AIs of a code where all of them may stand together and none stands twice; nothing else."""
    known = _companions_known.get(shape)
    if known is None:
        if len(_companions_known) >= _MOST_KNOWN:
            _companions_known.clear()
        numbers = memoryview(shape).cast("h")
        ais = tuple(_NAMES[number] for number in numbers if number)
        is_right = len(set(ais)) == len(ais) and not check_pairing([(ai, "") for ai in ais])
        known = _companions_known[shape] = ais if is_right else ()
    return known
