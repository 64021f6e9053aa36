"""The batch in which something came about that other units must be told."""

from collections.abc import Callable
from typing import NamedTuple

from pipeline.domain.reference import Reference
from pipeline.domain.slices import Bytes
from pipeline.domain.unit_state import Units
from pipeline.ledger.columns import Columns
from pipeline.wire.verdict import Origin

Load = Callable[[list[bytes]], list[bytes | None]]


class Scene(NamedTuple):
    """Scans and units of the batch; `columns` is None where no scan but another record brought it about."""

    columns: Columns | None
    buffer: Bytes
    loaded: Bytes
    origin: Origin
    names: list[bytes]
    """Keys of its units."""
    units: Units
    reference: Reference

    @property
    def sites(self) -> list[bytes]:
        """Names of the sites, by number."""
        return self.reference.sites.names

    def text(self, start: int, length: int) -> str:
        """Return a text that lies in the scans' buffer or, where `start` is negative, ~start in that of the states."""
        buffer, begin = (self.loaded, ~int(start)) if start < 0 else (self.buffer, int(start))
        return buffer[begin : begin + max(int(length), 0)].tobytes().decode()
