"""The kinds of alerts, from `schemas/alerts.toml`: what each says, how urgent it is, what to do about it."""

import tomllib
from functools import cache
from typing import Literal, NamedTuple

from pipeline.wire.schemas import contracts_folder

Severity = Literal["info", "warning", "critical"]


class AlertKind(NamedTuple):
    """One kind of alert."""

    kind: str
    raised_by: Literal["scan", "finding"]
    severity: Severity
    says: str
    to_do: str


@cache
def alert_kinds() -> dict[str, AlertKind]:
    """Return every kind by its name, in the table's order."""
    table = tomllib.loads((contracts_folder() / "alerts.toml").read_text(encoding="utf-8"))
    return {name: AlertKind(name, **row) for name, row in table.items()}
