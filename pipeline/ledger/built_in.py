"""The lifecycles that are in force before any was loaded."""

from typing import Final

from pipeline.domain.lifecycle import Lifecycle, parse
from pipeline.wire.schemas import contracts_folder

_NAMES: Final = ("retail", "asset", "pharma", "container", "place")
"""Append-only: a lifecycle's number is its place here, from 1."""


def built_in_lifecycles() -> list[Lifecycle]:
    """Return them in their order, read from `schemas/lifecycles`."""
    folder = contracts_folder() / "lifecycles"
    return [parse((folder / f"{name}.toml").read_text("utf-8")) for name in _NAMES]
