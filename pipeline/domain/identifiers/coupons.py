"""North American coupon codes, AI (8110) and AI (8112): a grammar of fields, as data, and its reader.

Source: GS1 US, North American Coupon Application Guideline; GS1 AI (8112) Coupon Data Specification.
"""

from typing import Final, NamedTuple

from pipeline.domain.identifiers.finding import Fault

_ANY: Final = "0123456789"
_MONTHS: Final = 12
_DAYS: Final = 31


class _Field(NamedTuple):
    """A field: a first digit out of `first`, and behind it as many digits as it says plus `more`; or `fixed` ones."""

    name: str
    first: str = _ANY
    more: int | None = None
    fixed: int = 0
    without: str = ""
    """First digits with nothing behind them."""
    is_date: bool = False


_PURCHASE: Final = (
    _Field("purchase requirement", "12345", 0),
    _Field("purchase requirement code", "012349"),
    _Field("family code", fixed=3),
)
_OTHER_PREFIX: Final = _Field("company prefix of another purchase", "01234569", 6, without="9")
_COUPON: Final = (
    _Field("company prefix", "0123456", 6),
    _Field("offer code", fixed=6),
    _Field("save value", "12345", 0),
    *_PURCHASE,
)
_OPTIONS: Final[dict[str, tuple[_Field, ...]]] = {
    "1": (_Field("additional purchase rules", "0123"), *_PURCHASE, _OTHER_PREFIX),
    "2": (*_PURCHASE, _OTHER_PREFIX),
    "3": (_Field("expiration date", fixed=6, is_date=True),),
    "4": (_Field("start date", fixed=6, is_date=True),),
    "5": (_Field("serial number", _ANY, 6),),
    "6": (_Field("retailer's prefix or GLN", "1234567", 6),),
    "9": (
        _Field("save value code", "01256"),
        _Field("item the save value applies to", "012"),
        _Field("store coupon flag"),
        _Field("don't multiply flag", "01"),
    ),
}
_POSITIVE_OFFER: Final = (
    _Field("format", "01"),
    _Field("funder", "0123456", 6),
    _Field("offer code", fixed=6),
    _Field("serial number", _ANY, 6),
)


def check_coupon(value: str) -> Fault | None:
    """Check AI (8110): its fields, then options 1 to 6 and 9, each at most once and in that order."""
    name = "couponcode"
    at: int | Fault = _read(value, 0, _COUPON, name)
    dates: dict[str, str] = {}
    for option, fields in _OPTIONS.items():
        if isinstance(at, int) and value[at : at + 1] == option:
            begin = at + 1
            at = _read(value, begin, fields, name)
            dates[option] = value[begin:at] if isinstance(at, int) else ""
    if isinstance(at, Fault):
        return at
    if dates.get("3") and dates.get("4", "") > dates["3"]:
        return Fault(value.rindex(dates["4"]), name, "starts after it expires")
    return Fault(at, name, "has digits behind its last field") if at < len(value) else None


def check_positive_offer(value: str) -> Fault | None:
    """Check AI (8112)."""
    at = _read(value, 0, _POSITIVE_OFFER, "couponposoffer")
    if isinstance(at, Fault):
        return at
    return Fault(at, "couponposoffer", "has digits behind its serial number") if at < len(value) else None


def _read(value: str, at: int, fields: tuple[_Field, ...], rule: str) -> int | Fault:
    """Return where the fields end, or what is wrong with one."""
    wrong = next((place for place, letter in enumerate(value) if letter not in _ANY), None)
    if wrong is not None:
        return Fault(wrong, rule, "has digits only")
    for field in fields:
        first = value[at : at + 1]
        if not first or first not in field.first:
            return Fault(
                min(at, len(value) - 1), rule, f"{field.name}: {first or 'nothing'} where {field.first} may be"
            )
        end = at + _length(field, first)
        if end > len(value):
            return Fault(at, rule, f"{field.name} is cut off")
        if field.is_date and not _is_date(value[at:end]):
            return Fault(at, rule, f"{field.name} {value[at:end]} is no date")
        at = end
    return at


def _length(field: _Field, first: str) -> int:
    if field.fixed:
        return field.fixed
    return 1 if field.more is None or first in field.without else 1 + int(first) + field.more


def _is_date(text: str) -> bool:
    return 1 <= int(text[2:4]) <= _MONTHS and 1 <= int(text[4:]) <= _DAYS
