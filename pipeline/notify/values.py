"""Values of a routes file: secrets that stand in the environment or a file, times of day, time zones.

Nothing here ever tells the value itself: what is wrong is said by its name and its place.
"""

import os
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import SecretStr, ValidationInfo

_WAYS: Final = 'wants a text, { env = "NAME" } or { file = "PATH" }'


def secret(told: object, info: ValidationInfo) -> object:
    """Return a secret as it stands there, in a variable of the environment, or in a file (without its last newline).

    Raises:
        ValueError: it is in none of them; pydantic says where.
    """
    if isinstance(told, str):
        return SecretStr(told)
    if not isinstance(told, Mapping) or len(told) != 1:
        raise ValueError(_WAYS)
    ((way, name),) = told.items()
    if way not in ("env", "file") or not isinstance(name, str):
        raise ValueError(_WAYS)
    found = _from_environment(name) if way == "env" else _from_file(name, info)
    return SecretStr(found)


def time_of_day(told: object) -> object:
    """Return 22:00 as TOML's local time or as a text; whole minutes."""
    if isinstance(told, str):
        try:
            told = time.fromisoformat(told)
        except ValueError:
            told = None
    if not isinstance(told, time) or told.second or told.microsecond or told.tzinfo is not None:
        message = 'wants a time of day in whole minutes, such as "22:00"'
        raise ValueError(message)
    return told


def time_zone(told: object) -> object:
    """Return a zone by its name."""
    try:
        return ZoneInfo(str(told))
    except (KeyError, OSError, ValueError):  # not found; a name that no file may have
        message = f"{str(told)!a} is no time zone; wants a name of the IANA table, such as Europe/Oslo"
        raise ValueError(message) from None


def _from_environment(name: str) -> str:
    if not (value := os.environ.get(name, "")):
        message = f"the environment has no {name}"
        raise ValueError(message)
    return value


def _from_file(name: str, info: ValidationInfo) -> str:
    context: Mapping[str, Any] = info.context or {}
    file = Path(context.get("folder", ".")) / Path(name).expanduser()
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        message = f"{file} cannot be read: {getattr(error, 'strerror', None) or 'no text'}"
        raise ValueError(message) from None
    if not text:
        message = f"{file} is empty"
        raise ValueError(message)
    return text
