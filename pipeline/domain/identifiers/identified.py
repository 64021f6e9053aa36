"""What a code was found to be: its keys and faults at once, its other forms when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipeline.domain.identifiers.digital_link import write_digital_link
from pipeline.domain.identifiers.element_string import Pair, write_bracketed, write_raw
from pipeline.domain.identifiers.epc_schemes import Prefix
from pipeline.domain.identifiers.epc_tag import Written, write_gid, write_tag
from pipeline.domain.identifiers.epc_uri import epc_fields, write_epc_uri
from pipeline.domain.identifiers.finding import Finding

GID_FIELDS: Final = 3
FORMS: Final = ("element_string", "unbracketed", "digital_link", "epc_uri", "epc_tag_uri", "epc_hex")


class Source(NamedTuple):
    """What the other forms are written from."""

    pairs: tuple[Pair, ...] = ()
    prefix: Prefix = None
    gid: tuple[str, ...] = ()
    filter: int = 0
    hex: str = ""
    """The hexadecimal it was read from, which may have more zeros behind it."""


@dataclass(frozen=True, slots=True)
class Identified:
    """A code as understood. Where `ok` is false there are no keys and no forms."""

    input: str
    syntax: str
    """Which form the code was read as: one of `FORMS`, or gtin, sscc, imei, vin, unit_key, convention, unknown."""
    unit_key: str | None
    """None also where a good code names no single unit."""
    class_key: str | None
    attributes: dict[str, str]
    """Values by application identifier, without those that make the keys: 10 is the lot, 17 the expiry."""
    warnings: tuple[Finding, ...] = ()
    errors: tuple[Finding, ...] = ()
    origin: Source | Callable[[str], Source] = field(default=Source(), repr=False, compare=False)
    """What the other forms are written from, or how that is found out when one is asked for."""

    @property
    def source(self) -> Source:
        """What the other forms are written from."""
        return self.origin if isinstance(self.origin, Source) else self.origin(self.input)

    @property
    def ok(self) -> bool:
        """Whether the code conforms to its standard."""
        return not self.errors

    @property
    def element_string(self) -> str | None:
        """The GS1 element string with brackets."""
        return write_bracketed(self.source.pairs) if self.source.pairs else None

    @property
    def unbracketed(self) -> str | None:
        """The raw GS1 element string, `^` for FNC1."""
        return write_raw(self.source.pairs) if self.source.pairs else None

    @property
    def digital_link(self) -> str | None:
        """The canonical GS1 Digital Link URI."""
        return write_digital_link(self.source.pairs)

    @property
    def epc_uri(self) -> str | None:
        """The EPC as a pure identity URN, where the length of the company prefix is known."""
        if len(self.source.gid) == GID_FIELDS:
            return write_epc_uri("gid", list(self.source.gid))
        found = self._epc()
        return found and write_epc_uri(*found)

    @property
    def epc_tag_uri(self) -> str | None:
        """The EPC as a tag URN, for the smallest tag that holds it."""
        written = self._tag()
        return written and written.uri

    @property
    def epc_hex(self) -> str | None:
        """That tag's bits from the header on, in hexadecimal, whole bytes; as it was read where it is the same EPC."""
        written, own = self._tag(), self.source.hex
        if written is None or written.hex.rstrip("0") == own.rstrip("0"):
            return own or None
        return written.hex

    def _epc(self) -> tuple[str, list[str]] | None:
        return epc_fields(dict(self.source.pairs), self.source.prefix)

    def _tag(self) -> Written | None:
        if len(self.source.gid) == GID_FIELDS:
            return write_gid(self.source.gid)
        found = self._epc()
        return found and write_tag(*found, self.source.filter)
