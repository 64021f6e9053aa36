"""A fetched batch, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(slots=True)
class Batch:
    """Records of one partition of one topic, in offset order.

    Shape: `keys`, `values` as received; `offsets` int64; `received_at` int64, the broker's append time in milliseconds.
    """

    keys: list[bytes | None]
    values: Sequence[bytes | None]
    offsets: npt.NDArray[np.int64]
    received_at: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self.values)
