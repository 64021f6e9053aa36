"""Identifiers as sites scan them, and the unit keys they mean.

    from pipeline.domain.identifiers import identify, identify_many, Identified, Finding

Pure: no clock, no files, no network. Nothing of the fold imports it.
"""

from pipeline.domain.identifiers.finding import Finding
from pipeline.domain.identifiers.identified import Identified
from pipeline.domain.identifiers.identify import identify, identify_many

__all__ = ["Finding", "Identified", "identify", "identify_many"]
