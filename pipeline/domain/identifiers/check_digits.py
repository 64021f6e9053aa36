"""Check digits and check characters: what they should be, for every kind of number that has one."""

from typing import Final

_CHUNK: Final = 10_000
_WEIGHTED: Final = tuple(n // 1000 * 3 + n // 100 % 10 + n // 10 % 10 * 3 + n % 10 for n in range(_CHUNK))
"""The weighted sum of each four digits: the rightmost weighs 1, its neighbour 3, and so on."""

CSET82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CSET32: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_VALUE82: Final = {letter: value for value, letter in enumerate(CSET82)}
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)

_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES: Final = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", "012345678912345678123457923456789", strict=True))


def has_check_digit(digits: str) -> bool:
    """Return whether the last digit is the check digit of those before it.

    Source: GS1 General Specifications, 7.9.1.
    """
    number, weighted = int(digits), 0
    while number:
        number, chunk = divmod(number, _CHUNK)
        weighted += _WEIGHTED[chunk]
    return weighted % 10 == 0


def check_pair(text: str) -> str:
    """Return the pair of check characters that belongs behind a text of CSET 82.

    Source: GS1 General Specifications, 7.9.5.
    """
    weighted = sum(_VALUE82[letter] * prime for letter, prime in zip(reversed(text), _PRIMES, strict=False))
    high, low = divmod(weighted % 1021, len(CSET32))
    return CSET32[high] + CSET32[low]


def luhn_digit(digits: str) -> str:
    """Return the digit that belongs behind these by the Luhn formula.

    Source: ISO/IEC 7812-1, annex B; 3GPP TS 23.003, annex B.
    """
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def vin_check_character(vin: str) -> str:
    """Return what belongs in the ninth place of a vehicle identification number.

    Source: 49 CFR 565.15(c); GB 16735.
    """
    total = sum(weight * int(_VIN_VALUES[letter]) for letter, weight in zip(vin, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11]


def iban_remainder(iban: str) -> int:
    """Return the remainder of an IBAN of digits and capital letters; 1 where its check digits are right.

    Source: ISO 13616-1, ISO/IEC 7064 MOD 97-10.
    """
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97
