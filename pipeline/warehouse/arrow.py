"""What ClickHouse answers as an Arrow stream: whether it is whole, and its columns of numbers as arrays.

Columns are copied batch by batch while each is in the processor's cache. Millions of rows come in hundreds of batches;
read whole and joined afterwards they pass through memory three times.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.errors import WarehouseDown

_ROOM: Final = 1 << 20
_END: Final = b"\xff\xff\xff\xff\0\0\0\0"
"""How a stream ends. One that was cut off between two batches reads like one with fewer rows."""

Columns = dict[str, NDArray[np.generic]]


def checked(body: bytes) -> bytes:
    """Return a stream that has its end; raises WarehouseDown where it was cut off."""
    if not body.endswith(_END):
        message = "ClickHouse's answer was cut off: it or the connection failed while it was sent. Ask again."
        raise WarehouseDown(message)
    return body


def columns_of(body: bytes) -> Columns:
    """Return the columns of a stream by name.

    Raises: ValueError where one has other things than numbers, or nulls; WarehouseDown where the stream was cut off.
    """
    reader = pa.ipc.open_stream(pa.py_buffer(checked(body)))
    names, kinds = reader.schema.names, [_kind(field) for field in reader.schema]
    columns = [np.empty(0, kind) for kind in kinds]
    used = 0
    for batch in reader:
        after = used + batch.num_rows
        if after > len(columns[0]):
            columns = [_larger(column, used, after) for column in columns]
        for name, column, values in zip(names, columns, batch.columns, strict=True):
            if values.null_count:
                message = f"column {name} has nulls: it is no column of numbers"
                raise ValueError(message)
            column[used:after] = values.to_numpy(zero_copy_only=False)
        used = after
    return {name: column[:used] for name, column in zip(names, columns, strict=True)}


def _larger(column: NDArray[Any], used: int, least: int) -> NDArray[Any]:
    larger = np.empty(max(_ROOM, 2 * len(column), least), column.dtype)
    larger[:used] = column[:used]
    return larger


def _kind(field: Any) -> Any:  # noqa: ANN401  pyarrow tells no types
    if not (pa.types.is_integer(field.type) or pa.types.is_floating(field.type) or pa.types.is_boolean(field.type)):
        message = f"column {field.name} is {field.type}: it is no column of numbers"
        raise ValueError(message)
    return field.type.to_pandas_dtype()
