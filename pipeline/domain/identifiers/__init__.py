"""Identifiers as sites scan them, and the unit keys they mean.

    from pipeline.domain.identifiers import identify, identify_many, Identified, Finding

Pure: no clock, no files, no network. Nothing of the fold imports it.
"""

from collections.abc import Iterable

from pipeline.domain.identifiers.convention import BadConvention, Convention, gaps, read_conventions
from pipeline.domain.identifiers.expected import Near, near
from pipeline.domain.identifiers.finding import Finding
from pipeline.domain.identifiers.identified import Identified
from pipeline.domain.identifiers.identify import identify
from pipeline.domain.identifiers.prefix_table import PrefixTable, read_prefix_table


def identify_many(
    codes: Iterable[str], *, company_prefix: int | PrefixTable | None = None, lenient: bool = False
) -> list[Identified]:
    """Return what each code is, exactly as `identify` does, element strings in machine code."""
    from pipeline.domain.identifiers import many  # noqa: PLC0415  the compiler costs 0.5 s

    return many.identify_many(codes, company_prefix=company_prefix, lenient=lenient)


__all__ = [
    "BadConvention",
    "Convention",
    "Finding",
    "Identified",
    "Near",
    "PrefixTable",
    "gaps",
    "identify",
    "identify_many",
    "near",
    "read_conventions",
    "read_prefix_table",
]
