"""What a code was found to be: its keys and faults at once, its other forms when they are asked for."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pipeline.domain.identifiers.digital_link import write_digital_link
from pipeline.domain.identifiers.element_string import Pair, write_bracketed, write_raw
from pipeline.domain.identifiers.epc_uri import write_epc_uri
from pipeline.domain.identifiers.finding import Finding

FORMS: Final = ("element_string", "unbracketed", "digital_link", "epc_uri", "epc_tag_uri", "epc_hex")


class Source(NamedTuple):
    """What the other forms are written from."""

    pairs: tuple[Pair, ...] = ()
    prefix_length: int | None = None
    gid: tuple[str, ...] = ()
    filter: int = 0


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
    source: Source = field(default=Source(), repr=False)

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
        if self.source.gid:
            return f"urn:epc:id:gid:{'.'.join(self.source.gid)}" if len(self.source.gid) > 2 else None  # noqa: PLR2004
        return write_epc_uri(dict(reversed(self.source.pairs)), self.source.prefix_length)

    @property
    def epc_tag_uri(self) -> str | None:
        """The EPC as a tag URN, for the smallest tag that holds it."""
        return None

    @property
    def epc_hex(self) -> str | None:
        """The EPC memory bank's bits of that tag, in hexadecimal, padded to whole words."""
        return None
