"""EPCs on tags: tag URNs and bits in hexadecimal, read into pairs of AI and value, written from an EPC's fields.

Source: EPC Tag Data Standard 1.13 and 2.3, sections 12 and 14.
"""

import re
from typing import Final, NamedTuple

from pipeline.domain.identifiers.epc_schemes import SCHEMES, pairs_of_fields
from pipeline.domain.identifiers.epc_tags import GID, NOT_READ, TAGS, Tag, Unfit, decode, encode
from pipeline.domain.identifiers.epc_uri import EpcRead, join_fields, read_fields, read_gid, refused, split_fields

_TAG_URI: Final = re.compile(r"urn:epc:tag:(?:(?:\[[a-z]+=x?[0-9A-F]+\])+:)?([a-z]+-[0-9a-z]+):(.*)", re.DOTALL)
_FILTERED: Final = re.compile(r"([0-7])\.(.*)", re.DOTALL)
_BY_NAME: Final = {tag.name: tag for tag in TAGS}
_BY_HEADER: Final = {tag.header: tag for tag in TAGS}
_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
_NIBBLE: Final = 4
_BYTE: Final = 8
_FEWEST_DIGITS: Final = 20
"""Of SGTIN+ and its like with a serial of one digit, 80 bits. GIAI+ and CPI+ may be shorter, but so is much else."""
_HEADER_DIGITS: Final = 2
(_GID_NAME, _GID_HEADER), _GID_BITS = GID


class Written(NamedTuple):
    """An EPC as a tag holds it."""

    uri: str
    hex: str


def write_tag(scheme: str, fields: list[str], filter_value: int) -> Written | None:
    """Write an EPC for the smallest tag that holds it; None where no tag does."""
    for tag in TAGS:
        if tag.scheme == scheme and not tag.is_read_only:
            try:
                bits = encode(tag, fields, filter_value)
            except Unfit:
                continue
            return Written(f"urn:epc:tag:{tag.name}:{filter_value}.{join_fields(fields)}", _hex(bits))
    return None


def write_gid(fields: tuple[str, ...]) -> Written:
    """Write a General Identifier, which has one encoding and no filter."""
    parts = zip(fields, _GID_BITS, strict=True)
    bits = f"{_GID_HEADER:08b}" + "".join(format(int(part), f"0{size}b") for part, size in parts)
    return Written(f"urn:epc:tag:{_GID_NAME}:{'.'.join(fields)}", _hex(bits))


def _hex(bits: str) -> str:
    """Return bits in upper-case hexadecimal, zeros behind them up to a whole byte."""
    padded = bits + "0" * (-len(bits) % _BYTE)
    return f"{int(padded, 2):0{len(padded) // _NIBBLE}X}"


def read_tag_uri(text: str) -> EpcRead:
    """Read `urn:epc:tag:sgtin-96:3.0614141.812345.6789`; control fields in brackets are no part of the EPC."""
    found = _TAG_URI.fullmatch(text)
    if found is None:
        return refused("character 13", "epc", "a tag is written urn:epc:tag:scheme-bits:filter.fields")
    name, body = found[1], found[2]
    if name == _GID_NAME:
        return read_gid(body.split("."), is_class_allowed=False)
    filtered = _FILTERED.fullmatch(body)
    if name not in _BY_NAME:
        return refused("scheme", "epc", f"there is no tag {name!r} that is read; there are {', '.join(_BY_NAME)}")
    if filtered is None:
        return refused("filter", "epc", "the first field of a tag is its filter value, 0 to 7")
    return _read_filtered(_BY_NAME[name], int(filtered[1]), filtered[2])


def _read_filtered(tag: Tag, filter_value: int, text: str) -> EpcRead:
    scheme = SCHEMES[tag.scheme]
    read = read_fields(scheme, text)
    if read.findings:
        return read
    try:
        encode(tag, split_fields(scheme, text), filter_value)
    except Unfit as error:
        return refused("fields", "epc", f"{tag.name} does not hold this: {error}")
    return EpcRead(read.pairs, [], read.prefix_length, (), filter_value)


def read_epc_hex(text: str) -> EpcRead | None:
    """Read an EPC from the bits of a tag, its header first, zeros behind them; None where a text is nothing like it.

    Digits alone may be something else, so they are an EPC only if all of it is right.
    """
    if len(text) < _FEWEST_DIGITS or not _HEX.fullmatch(text):
        return None
    read = _read_header(text, int(text[:_HEADER_DIGITS], 16))
    return None if read is None or (read.findings and text.isdigit()) else read


def _read_header(text: str, header: int) -> EpcRead | None:
    if header in NOT_READ:
        return refused("header", "epc", f"header {text[:2].upper()} is {NOT_READ[header]}, which is not read")
    bits = f"{int(text, 16):0{_NIBBLE * len(text)}b}"
    if header == _GID_HEADER:
        return _read_gid_bits(bits)
    tag = _BY_HEADER.get(header)
    return None if tag is None else _read_bits(tag, bits)


def _read_gid_bits(bits: str) -> EpcRead:
    edges = [8, 36, 60, 96]
    if len(bits) < edges[-1] or "1" in bits[edges[-1] :]:
        return refused("bits", "epc", f"{_GID_NAME}: has {edges[-1]} bits, and zeros at most behind them")
    fields = [str(int(bits[start:end], 2)) for start, end in zip(edges, edges[1:], strict=False)]
    return read_gid(fields, is_class_allowed=False)


def _read_bits(tag: Tag, bits: str) -> EpcRead:
    scheme = SCHEMES[tag.scheme]
    try:
        fields, filter_value, left = decode(tag, bits, scheme.digits, scheme.pieces // 2)
    except Unfit as error:
        return refused("bits", "epc", f"{tag.name}: {error}")
    if "1" in left:
        return refused("bits", "epc", f"{tag.name}: there is more than zeros behind its last field")
    prefix, reference, *rest = fields
    return EpcRead(pairs_of_fields(scheme, prefix, reference, rest), [], len(prefix), (), filter_value)
