"""Record values as slices of one buffer: a sequence of bytes that is not cut until somebody asks for one."""

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray


class Values(Sequence[bytes | None]):
    """Values laid in one buffer.

    Shape: value i is `buffer[starts[i]:ends[i]]`, uint8; an end before its start is a null value. The buffer cannot be
    written: to numba one that can is of another type, and decoder, rules and encoders would be compiled again for it,
    in the middle of whatever is going on.
    """

    def __init__(self, buffer: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        if buffer.flags.writeable:
            buffer = buffer.view()
            buffer.setflags(write=False)
        self.buffer, self.starts, self.ends = buffer, starts, ends

    @classmethod
    def of(cls, values: Sequence[bytes | None]) -> "Values":
        """Lay values end to end."""
        filled = [value or b"" for value in values] if None in values else values
        ends = np.cumsum(np.fromiter(map(len, filled), np.int64, len(filled)))  # type: ignore[arg-type]
        starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])[: len(filled)]
        if filled is not values:
            is_null = np.fromiter((value is None for value in values), np.bool_, len(values))
            ends = np.where(is_null, starts - 1, ends)
        return cls(np.frombuffer(b"".join(filled), np.uint8), starts, ends)  # type: ignore[arg-type]

    @classmethod
    def joined(cls, parts: "Sequence[Values]") -> "Values":
        """Lay the buffers of several end to end."""
        begins = np.cumsum([0, *(len(part.buffer) for part in parts)])[:-1]
        return cls(
            np.concatenate([part.buffer for part in parts]),
            np.concatenate([part.starts + begin for part, begin in zip(parts, begins, strict=True)]),
            np.concatenate([part.ends + begin for part, begin in zip(parts, begins, strict=True)]),
        )

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.starts)

    @overload
    def __getitem__(self, place: int) -> bytes | None: ...

    @overload
    def __getitem__(self, place: slice) -> list[bytes | None]: ...

    def __getitem__(self, place: int | slice) -> bytes | None | list[bytes | None]:
        """Cut one value out, or several."""
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        start, end = int(self.starts[place]), int(self.ends[place])
        return None if end < start else self.buffer[start:end].tobytes()

    def between(self, first: int, end: int) -> "Values":
        """Return the values from one place up to another, in the same buffer."""
        return Values(self.buffer, self.starts[first:end], self.ends[first:end])
