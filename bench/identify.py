"""How fast element strings become unit keys, attributes and errors on one core; no broker."""

import random
import time
from collections.abc import Callable
from typing import Final

from bench.ground import Ground
from bench.worker import Figures
from pipeline.domain.identifiers import Identified, identify, identify_many
from pipeline.domain.unit_key import check_digit

_STRINGS: Final = 100_000
_ROUNDS: Final = 3
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_WRONG_SHARE: Final = 0.01


def run(ground: Ground) -> Figures:
    """Read GTIN, expiry, lot and serial, raw and bracketed, one in a hundred with a wrong check digit; best of 3."""
    codes = _codes(ground.scaled(_STRINGS, 5_000))
    identify_many(codes[:100])  # compiles
    ground.say("element strings become unit keys")
    many = min(_seconds(identify_many, codes) for _ in range(_ROUNDS))
    alone = min(_seconds(_one_by_one, codes) for _ in range(_ROUNDS))
    return {
        "identify_strings_per_s": len(codes) / many,
        "identify_cpu_us_per_string": 1e6 * many / len(codes),
        "identify_alone_cpu_us_per_string": 1e6 * alone / len(codes),
        "identify_alone_to_many": alone / many,
    }


def _one_by_one(codes: list[str]) -> list[Identified]:
    return [identify(code) for code in codes]


def _seconds(read: Callable[[list[str]], list[Identified]], codes: list[str]) -> float:
    begun = time.process_time()
    found = read(codes)
    spent = time.process_time() - begun
    assert sum(not one.ok for one in found) < len(codes) * 3 * _WRONG_SHARE, "most of what was made up is right"
    return spent


def _codes(count: int) -> list[str]:
    made = random.Random(7)  # noqa: S311  a benchmark's mix, the same every time
    return [_code(made, is_bracketed=number % 2 == 0) for number in range(count)]


def _code(made: random.Random, *, is_bracketed: bool) -> str:
    digits = "0950" + "".join(made.choices("0123456789", k=9))
    last = check_digit(digits) if made.random() > _WRONG_SHARE else (check_digit(digits) + 1) % 10
    expiry = f"{made.randrange(24, 36)}{made.randrange(1, 13):02d}{made.randrange(1, 29):02d}"
    lot, serial = "".join(made.choices(_LETTERS, k=6)), "".join(made.choices(_LETTERS, k=12))
    if is_bracketed:
        return f"(01){digits}{last}(17){expiry}(10){lot}(21){serial}"
    return f"]d201{digits}{last}17{expiry}10{lot}\x1d21{serial}"
