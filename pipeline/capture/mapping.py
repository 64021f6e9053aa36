"""Which columns of a file make a scan: a mapping, as a TOML file says it.

[item]                                  # leave it out where the scheme names single units
scheme = "sku"
issuer = "ACME"                         # a part that is the same everywhere, before the columns
columns = ["model"]

[serial]
column = "serial_number"                # and `scheme = "giai"` where there is no [item]

[code]                                  # instead of [item] and [serial]: a code in any syntax that sites scan;
column = "barcode"                      # lot and expiry are taken from it where no column says them

[site]                                  # column, constant, or a place among `of` by a stable hash of a column
bucket = { column = "serial_number", of = ["site-1", "site-2"] }

[fields]                                # optional ones: lot, reader, document, destination, expiry, source …
lot = { column = "batch" }

[attributes]                            # any others: name of the attribute, column
capacity = "capacity_bytes"

[[steps]]                               # each makes one scan of a row, where its condition holds
step = "FAIL"
time = { column = "failed", format = "%Y-%m-%d", zone = "UTC" }
when = { column = "failed", is = "present" }     # or is = "absent", or equals = ["x", "y"]
fields = { condition = { constant = "damaged" } }
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipeline.domain.scan import STEPS
from pipeline.errors import MappingWrong

TextName = Literal[
    "destination", "location", "reader", "operator", "document", "container", "other_unit", "lot", "expiry",
    "condition", "source",
]  # fmt: skip

_SHOWN: Final = 40


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bucket(_Part):
    """A value chosen among several by a stable hash of a column."""

    column: str
    of: list[str] = Field(min_length=1)


class Value(_Part):
    """Where a text comes from: exactly one of the three."""

    column: str | None = None
    constant: str | None = None
    bucket: Bucket | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.column, self.constant, self.bucket)) != 1:
            message = "give exactly one of column, constant and bucket"
            raise ValueError(message)
        if self.constant is not None and not self.constant.strip():
            message = "a constant is a text, and not blank"
            raise ValueError(message)
        return self

    @property
    def columns(self) -> list[str]:
        """The columns it reads."""
        return [name for name in (self.column, self.bucket.column if self.bucket else None) if name is not None]


class Item(_Part):
    """The unit's class: a scheme, perhaps an issuer, and the columns of the other parts."""

    scheme: str
    issuer: str | None = None
    columns: list[str] = Field(min_length=1)


class Serial(_Part):
    """The unit's serial; with a scheme where there is no item."""

    column: str
    scheme: str | None = None


class Code(_Part):
    """A code in any syntax, which names the unit."""

    column: str


class Time(_Part):
    """A moment: a format as strftime has it, or "ms" or "s" since 1970; without one, ISO 8601."""

    column: str
    format: str | None = None
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = f"{zone!r} is no time zone; one is written as Europe/Berlin"
            raise ValueError(message) from None
        return zone


class Condition(_Part):
    """What must hold of a row for a step to exist."""

    column: str
    state: Literal["present", "absent"] | None = Field(default=None, alias="is")
    equals: str | list[str] | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if (self.state is None) == (self.equals is None):
            message = 'give either is = "present" or "absent", or equals'
            raise ValueError(message)
        return self


class Step(_Part):
    """One scan that a row makes."""

    step: str
    time: Time
    when: Condition | None = None
    site: Value | None = None
    fields: dict[TextName, Value] = Field(default_factory=dict)

    @field_validator("step")
    @classmethod
    def _known(cls, step: str) -> str:
        if step not in STEPS or step == "VOID":
            message = f"{step!r} is no step; there are {', '.join(name for name in STEPS if name != 'VOID')}"
            raise ValueError(message)
        return step


class Mapping(_Part):
    """A whole mapping."""

    code: Code | None = None
    item: Item | None = None
    serial: Serial | None = None
    site: Value | None = None
    fields: dict[TextName, Value] = Field(default_factory=dict)
    attributes: dict[str, str] = Field(default_factory=dict)
    steps: list[Step] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.code is None) == (self.serial is None) or (self.code is not None and self.item is not None):
            message = "give either [code], or [serial] with [item] or a scheme"
            raise ValueError(message)
        if self.serial is not None and (self.item is None) == (self.serial.scheme is None):
            message = (
                "the scheme is missing or there twice: it belongs to [item], or to [serial] where there is no item"
            )
            raise ValueError(message)
        if self.site is None and any(step.site is None for step in self.steps):
            message = "there is no [site], and a step has none of its own"
            raise ValueError(message)
        return self

    def site_of(self, step: Step) -> Value:
        """Return where a step's site comes from."""
        site = step.site or self.site
        assert site is not None
        return site

    def uses(self) -> Iterator[tuple[str, str]]:
        """Yield every column it names, and what for."""
        yield from self._uses_for_units()
        yield from _named("site", [self.site] if self.site else [])
        for name, value in self.fields.items():
            yield from _named(name, [value])
        for attribute, column in self.attributes.items():
            yield column, f"attribute {attribute}"
        for step in self.steps:
            yield step.time.column, f"time of {step.step}"
            if step.when is not None:
                yield step.when.column, f"condition of {step.step}"
            yield from _named(f"site of {step.step}", [step.site] if step.site else [])
            for name, value in step.fields.items():
                yield from _named(f"{name} of {step.step}", [value])

    def _uses_for_units(self) -> Iterator[tuple[str, str]]:
        if self.code is not None:
            yield self.code.column, "code"
        for column in self.item.columns if self.item else []:
            yield column, "item"
        if self.serial is not None:
            yield self.serial.column, "serial"


def _named(purpose: str, values: Iterable[Value]) -> Iterator[tuple[str, str]]:
    return ((column, purpose) for value in values for column in value.columns)


def read_mapping(file: Path) -> Mapping:
    """Read a mapping.

    Raises: MappingWrong with every mistake found.
    """
    try:
        return Mapping.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        message = f"The mapping {file} cannot be read: {error.strerror}."
        raise MappingWrong(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"The mapping {file} is no TOML: {error}."
        raise MappingWrong(message) from error
    except ValidationError as error:
        mistakes = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'mapping'}: {e['msg']}" for e in error.errors())
        message = f"The mapping {file} makes no sense: {mistakes}."
        raise MappingWrong(message) from error


def check_columns(mapping: Mapping, columns: list[str], file: Path) -> None:
    """Compare the columns that a mapping names with those of a file.

    Raises: MappingWrong naming those missing, what they are for, and those there are.
    """
    missing = dict.fromkeys(f"{column!r} ({purpose})" for column, purpose in mapping.uses() if column not in columns)
    if missing:
        rest = len(columns) - _SHOWN
        shown = ", ".join(columns[:_SHOWN]) + (f" and {rest:,} more" if rest > 0 else "")
        message = f"The mapping names columns that {file} does not have: {', '.join(missing)}. It has: {shown}."
        raise MappingWrong(message)
