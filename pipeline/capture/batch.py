"""Some rows of a file, with what is wrong with them as rows."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl


class Batch(NamedTuple):
    """Rows in the order of the file; `wrong` says of each why it is no row, null where it is one."""

    frame: pl.DataFrame
    wrong: pl.Series | None = None
