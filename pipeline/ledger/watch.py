"""What the rules make of records, shown to who folds a history to see it: a ledger that is live shows it to nobody.

Flow: scans of a batch as judged, a unit folded again by a record that is no scan -> whoever watches.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.decision import Decided
from pipeline.domain.slices import Bytes
from pipeline.domain.unit_state import Units
from pipeline.ledger.columns import Columns
from pipeline.wire.verdict import Origin


class Judged(NamedTuple):
    """The decodable scans of a batch after the rules."""

    columns: Columns
    units: Units
    loaded: Bytes
    unit: npt.NDArray[np.int32]
    first: npt.NDArray[np.int64]
    decided: Decided
    origin: Origin
    sites: npt.NDArray[np.int32]
    """int32[scan, 2]: numbers of site and destination in the ledger's own table; 0 where the contract is broken."""


class Watch(NamedTuple):
    """Who is shown what; together they see every decision, every revision and every alert of the rules."""

    scans: Callable[[Judged], None] = lambda _: None
    """Is shown every batch of scans in columns, once the rules have judged it."""
    again: Callable[[Decided, Origin], None] = lambda decided, origin: None
    """Is shown what came of a unit that a record which is no scan had folded again; its causes are that record."""


NOBODY: Final = Watch()
"""Watches a ledger that is live."""
