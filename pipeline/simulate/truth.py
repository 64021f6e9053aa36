"""The truth beside a simulation: what was planted, and what a correct ledger makes of it.

Scans that are not listed are clean: ACCEPTED. A redelivered scan is listed under the id it shares with the clean one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Truth(NamedTuple):
    """One planted scan; `alert` is the kind of the alert that is due for its unit, or empty.

    Where a code is almost an expected one, `likely` is that, and `document` expects it; both are empty otherwise.
    """

    scan_id: str
    unit: str
    planted: str
    outcome: str
    reason: str
    alert: str
    document: str = ""
    likely: str = ""


def write_truth(file: Path, truths: Iterable[Truth]) -> int:
    """Write truths as CSV; return how many."""
    written = 0
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(Truth._fields)
        for truth in truths:
            writer.writerow(truth)
            written += 1
    return written


def read_truth(file: Path) -> list[Truth]:
    """Read what `write_truth` wrote."""
    with file.open(newline="", encoding="utf-8") as lines:
        return [Truth(**row) for row in csv.DictReader(lines)]
