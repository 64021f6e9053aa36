"""What is remarkable about values that conform: numbers that are not unique in the world, foreign check digits.

These are warnings. Source: GS1 General Specifications, 1.4 (prefixes) and 3.9 (mobile devices); EPC Tag Data Standard,
7.3; 3GPP TS 23.003; GSMA SGP.02.
"""

from collections.abc import Callable, Iterable
from typing import Final

from pipeline.domain.identifiers.check_digits import luhn_digit
from pipeline.domain.identifiers.element_string import Pair
from pipeline.domain.identifiers.finding import Finding

_COMPANY_USE: Final = frozenset(f"{n:03d}" for n in (*range(20, 30), *range(40, 50), *range(200, 300)))
_NO_TRADE_ITEM: Final = frozenset(map(str, (*range(980, 985), *range(990, 1000))))
_INTERNAL: Final = frozenset(f"000{n}" for n in range(1, 8))
_GTIN8: Final = "000000"
_EID_REMAINDER: Final = 97
_ICCID_LEAST: Final = 18


def remarks_on(pairs: Iterable[Pair]) -> list[Finding]:
    """Return warnings about pairs of AI and value."""
    return [
        Finding(f"({ai})", rule, f"({ai}) {message}")
        for ai, value in pairs
        if ai in _REMARKS and (found := _REMARKS[ai](value))
        for rule, message in (found,)
    ]


Remark = tuple[str, str] | None


def _gtin(value: str) -> Remark:
    """Remark on numbers that anybody may use within his own walls."""
    prefix = value[1:4]
    if prefix in _NO_TRADE_ITEM:
        return "restricted", f"GS1 prefix {prefix} is given to coupons and receipts, not to trade items"
    is_gtin8 = value.startswith(_GTIN8)
    is_restricted = value[6] in "02" if is_gtin8 else prefix in _COMPANY_USE or value[1:5] in _INTERNAL
    if is_restricted:
        return "restricted", "is a number of restricted circulation: others may give the same one to other things"
    return None


def _imei(value: str) -> Remark:
    right = luhn_digit(value[:-1])
    return None if value[-1] == right else ("luhn", f"check digit {value[-1]} of the IMEI should be {right}")


def _eid(value: str) -> Remark:
    return None if int(value) % _EID_REMAINDER == 1 else ("eid", "the check digits of the EID are wrong")


def _iccid(value: str) -> Remark:
    if len(value) <= _ICCID_LEAST or luhn_digit(value[:-1]) == value[-1]:
        return None
    return "luhn", f"check digit {value[-1]} of the ICCID should be {luhn_digit(value[:-1])}"


def _harvest(value: str) -> Remark:
    first, last = value[:6], value[6:]
    return ("order", "the period ends before it begins") if last and last < first else None


_REMARKS: Final[dict[str, Callable[[str], Remark]]] = {
    "01": _gtin, "02": _gtin, "03": _gtin, "8006": _gtin,
    "8040": _imei, "8041": _imei, "8042": _eid, "8043": _iccid, "7007": _harvest,
}  # fmt: skip
REMARKED: Final = frozenset(_REMARKS)
"""AIs whose values may be remarkable."""
