"""The checks of values: each takes a component of an AI's value and says what is wrong with it, or nothing.

Their names are those of the GS1 syntax tests. No clock is read: a year `00` is 2000, so 29 February of it exists.
"""

import re
from collections.abc import Callable
from typing import Final

from pipeline.domain.identifiers.check_digits import CSET32, check_pair, has_check_digit, iban_remainder
from pipeline.domain.identifiers.code_lists import COUNTRIES, COUNTRIES_ALPHA2, CURRENCIES, MEDIA, PACKAGES
from pipeline.domain.identifiers.coupons import check_coupon, check_positive_offer
from pipeline.domain.identifiers.finding import Fault
from pipeline.domain.unit_key import check_digit

Check = Callable[[str], Fault | None]

_PREFIX_DIGITS: Final = 4
_DAYS: Final = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS: Final = 12
_IMPORTER: Final = re.compile(r"[-_0-9A-Za-z]")
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_IBAN: Final = re.compile(r"[0-9A-Z]{11,34}")
_LATITUDES: Final = 1_800_000_000
_LONGITUDES: Final = 3_600_000_000


def _csum(value: str) -> Fault | None:
    if has_check_digit(value):
        return None
    right = str(check_digit(value[:-1]))
    return Fault(len(value) - 1, "csum", f"check digit {value[-1]} should be {right}", value[:-1] + right)


def _csumalpha(value: str) -> Fault | None:
    text, pair = value[:-2], value[-2:]
    if len(value) <= len(pair):
        return Fault(0, "csumalpha", "is too short for a pair of check characters")
    right = check_pair(text)
    if pair == right:
        return None
    bad = next((at for at, letter in enumerate(pair) if letter not in CSET32), 0)
    return Fault(len(text) + bad, "csumalpha", f"check characters {pair} should be {right}", text + right)


def _prefix(start: int, name: str) -> Check:
    """Return a check that a GS1 Company Prefix can begin there; the shortest has four digits."""

    def check(value: str) -> Fault | None:
        digits = value[start : start + _PREFIX_DIGITS]
        if len(digits) < _PREFIX_DIGITS:
            return Fault(0, name, f"is too short to begin with a GS1 Company Prefix, {_PREFIX_DIGITS} digits at least")
        at = next((at for at, letter in enumerate(digits) if not _is_digit(letter)), None)
        return None if at is None else Fault(start + at, name, "does not begin with the digits of a GS1 Company Prefix")

    return check


def _is_digit(letter: str) -> bool:
    return "0" <= letter <= "9"


def _date(name: str, year_digits: int, *, is_day_needed: bool) -> Check:
    """Return a check of a date; a day 00 is the whole month where no day is needed."""

    def check(value: str) -> Fault | None:
        year, month, day = int(value[:year_digits]), int(value[year_digits:-2]), int(value[-2:])
        if not 1 <= month <= _MONTHS:
            return Fault(year_digits, name, f"there is no month {value[year_digits:-2]}")
        days = 28 if month == 2 and not _is_leap(year) else _DAYS[month]  # noqa: PLR2004
        if not is_day_needed <= day <= days:
            return Fault(year_digits + 2, name, f"there is no day {value[-2:]} in that month")
        return None

    return check


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _within(name: str, most: int, what: str) -> Check:
    return lambda value: None if int(value) <= most else Fault(0, name, f"there is no {what} {value}; {most} at most")


def _clock(value: str) -> Fault | None:
    if int(value[:2]) > 23:  # noqa: PLR2004
        return Fault(0, "hhmi", f"there is no hour {value[:2]}")
    return Fault(2, "hhmi", f"there is no minute {value[2:]}") if int(value[2:]) > 59 else None  # noqa: PLR2004


def _one_of(name: str, codes: frozenset[str], what: str) -> Check:
    return lambda value: None if value in codes else Fault(0, name, f"{value} is no {what}")


def _piece_of_total(value: str) -> Fault | None:
    piece, total = int(value[:2]), int(value[2:])
    if 1 <= piece <= total:
        return None
    return Fault(0 if piece == 0 else 2, "pieceoftotal", f"there is no piece {value[:2]} of {value[2:]}")


def _position_of_births(value: str) -> Fault | None:
    first, slash, last = value[0], value[1:2], value[2:]
    if _is_digit(first) and slash == "/" and _is_digit(last) and "1" <= first <= last:
        return None
    return Fault(0, "posinseqslash", "is not position/number, each 1 to 9, as 1/2")


def _iban(value: str) -> Fault | None:
    if value[:2] not in COUNTRIES_ALPHA2:
        return Fault(0, "iban", f"{value[:2]} is no country of ISO 3166")
    if not _IBAN.fullmatch(value):
        return Fault(0, "iban", "an IBAN has 11 to 34 digits and capital letters")
    if iban_remainder(value) == 1:
        return None
    right = f"{98 - iban_remainder(value[:2] + '00' + value[4:]):02d}"
    return Fault(2, "iban", f"check digits {value[2:4]} should be {right}", value[:2] + right + value[4:])


def _percent(value: str) -> Fault | None:
    found = _PERCENT.search(value)
    return found and Fault(
        found.start(), "pcenc", "a % must be followed by two hexadecimal digits, and %25 stands for it"
    )


def _matches(name: str, is_right: Callable[[str], bool], message: str) -> Check:
    return lambda value: None if is_right(value) else Fault(0, name, message)


CHECKS: Final[dict[str, Check]] = {
    "csum": _csum,
    "csumalpha": _csumalpha,
    "gcppos1": _prefix(0, "gcppos1"),
    "gcppos2": _prefix(1, "gcppos2"),
    "yymmd0": _date("yymmd0", 2, is_day_needed=False),
    "yymmdd": _date("yymmdd", 2, is_day_needed=True),
    "yyyymmdd": _date("yyyymmdd", 4, is_day_needed=True),
    "hhmi": _clock,
    "hh": _within("hh", 23, "hour"),
    "mi": _within("mi", 59, "minute"),
    "ss": _within("ss", 59, "second"),
    "iso3166": _one_of("iso3166", COUNTRIES, "country of ISO 3166"),
    "iso3166999": _one_of("iso3166999", COUNTRIES | {"999"}, "country of ISO 3166, nor 999"),
    "iso3166alpha2": _one_of("iso3166alpha2", COUNTRIES_ALPHA2, "country of ISO 3166"),
    "iso4217": _one_of("iso4217", CURRENCIES, "currency of ISO 4217"),
    "iso5218": _one_of("iso5218", frozenset("0129"), "sex of ISO 5218; 0, 1, 2 or 9"),
    "mediatype": _one_of("mediatype", MEDIA, "AIDC media type"),
    "packagetype": _one_of("packagetype", PACKAGES, "package type of UN/ECE Recommendation 21"),
    "latitude": _within("latitude", _LATITUDES, "latitude"),
    "longitude": _within("longitude", _LONGITUDES, "longitude"),
    "pieceoftotal": _piece_of_total,
    "posinseqslash": _position_of_births,
    "iban": _iban,
    "pcenc": _percent,
    "couponcode": check_coupon,
    "couponposoffer": check_positive_offer,
    "yesno": _matches("yesno", lambda value: value in "01", "is not 0 (no) or 1 (yes)"),
    "zero": _matches("zero", lambda value: value == "0", "must be 0"),
    "nonzero": _matches("nonzero", lambda value: value.strip("0") != "", "must not be zero"),
    "nozeroprefix": _matches("nozeroprefix", lambda value: value == "0" or value[0] != "0", "begins with a zero"),
    "winding": _matches("winding", lambda value: value in "019", "is not 0, 1 or 9"),
    "hyphen": _matches("hyphen", lambda value: value == "-", "is not a hyphen, which stands for minus"),
    "importeridx": _matches(
        "importeridx", lambda value: _IMPORTER.fullmatch(value) is not None, "is no importer index"
    ),
    "hasnondigit": _matches("hasnondigit", lambda value: not value.isdigit(), "has digits only"),
}
