"""Codes in every syntax, spoiled at random: smudged print, a keyboard's layout, a half read, two reads run together."""

import random
from collections.abc import Callable
from typing import Final

SYNTAXES: Final[dict[str, tuple[str, ...]]] = {
    "bracketed": (
        "(01)80614141123458(21)6789",
        "(01)12312312312333(10)ABC123(21)XYZ(99)XYZ",
        "(01)00844588003288(17)141120(10)7654321D(21)10987654d321",
        "(00)106141412345678908",
        "(8006)095060001343520102(21)A",
        "(8004)06141411234",
        "(414)0614141123452(254)5",
        "(8003)00614141123452AB",
    ),
    "raw": (
        "^0180614141123458216789",
        "\x1d01706141411234512132a/b",
        "^8003006141411234525678\x1d99A^10B",
        "^00106141412345678908",
    ),
    "symbology": (
        "]d20180614141123458216789",
        "]C100106141412345678908",
        "]E09506000134352",
        "]Q1https://a/01/09506000134352",
        "]Q12026-PUMP-000001",
        "]C0+A99912345/$$52001510X3",
    ),
    "digital link": (
        "https://id.gs1.org/01/80614141123458/21/6789?17=271231&utm=1#top",
        "HTTP://shop.example:8080/some/stem/01/80614141123458/10/L%2F1/21/6789",
        "https://id.gs1.org/8003/00614141123452AB",
        "https://id.gs1.org/00/106141412345678908",
        "https://id.gs1.org/414/0614141123452/254/5",
    ),
    "urn": (
        "urn:epc:id:sgtin:0614141.812345.6789",
        "urn:epc:id:sgtin:0614141.712345.32a%2Fb",
        "urn:epc:id:sscc:0614141.1234567890",
        "urn:epc:id:grai:0614141.12345.400",
        "urn:epc:id:gid:31415.271828.1414",
        "urn:epc:idpat:sgtin:0614141.812345.*",
        "urn:epc:class:lgtin:0614141.812345.L1",
        "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
        "urn:epc:tag:sgtin-198:3.0614141.712345.32a%2Fb",
        "urn:epc:id:cpi:0614141.5PQ7%2FZ43.12345",
        "urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB",
    ),
    "hex": (
        "3074257BF7194E4000001A85",
        "3674257BF6B7A659B2C2BF1000000000000000000000000000",
        "3174257BF4499602D2000000",
        "3574257BF4499602D2000000",
    ),
    "schemed": (
        "imei:490154203237518", "vin:1M8GDM9AXKP042788", "gtin:80614141123458/6789", "sku:ACME/WIDGET-1/ABC%2F123",
        "giai:06141411234", "sgln:0614141123452.5", "itip:095060001343520102/A", "upui:09506000134352/ABC",
        "gid:31415/271828/1414", "uri:https%3A%2F%2Fa.example%2F1", "asset:PUMP/2026-PUMP-000001",
    ),
    "foreign": (
        "WIFI:T:WPA;S:net;P:secret;;", "mailto:a@example.com", "sgtin:0614141.812345.6789", "VIN:1M8GDM9AXKP042788",
    ),
    "bare": ("09506000134352", "9506000134352", "106141412345678908", "1M8GDM9AXKP042788", "96385074"),
    "convention": ("2026-PUMP-000001", "2019-VALVE-999999", "2018-PUMP-1"),
    "lenient": ("0180614141123458216789", "01706141411234512132a/b\x1d10L1"),
}  # fmt: skip

_PIECES: Final = (
    "", "^", "\x1d", "(", ")", "(21)", "(10)", "/", "%", "%2F", "%zz", "%00", ".", ":", "?", "#", "&", "=", "*", "+",
    " ", "0", "9" * 40, "A" * 91, "]d2", "]Q3", "urn:", "https://", "é", "\u0301", "\u0660", "\uff10", "\ud800", "\0",
    "\n", "\u202e", "ﬀ", "ß", "\U0001f600", "-", "[att=x01]", "..", "//", "(01)09506000134352", "8110", "99",
)  # fmt: skip
_LAYOUTS: Final = str.maketrans("yzYZ-/()", "zyZYß-)=")
"""What a keyboard reader types where the layouts differ."""

Change = Callable[[str, random.Random], str]


def spoiled_code(chance: random.Random) -> str:
    """Return a code of any syntax, changed in up to four places; now and then it is as it was."""
    code = chance.choice(SYNTAXES[chance.choice(list(SYNTAXES))])
    for _ in range(chance.choice((0, 1, 1, 1, 2, 4))):
        code = chance.choice(_CHANGES)(code, chance)
    return code


def _change_a_letter(code: str, chance: random.Random) -> str:
    at = chance.randrange(len(code) + 1)
    return code[:at] + chr(chance.choice((chance.randrange(33, 127), chance.randrange(0x300)))) + code[at + 1 :]


def _put_in(code: str, chance: random.Random) -> str:
    at = chance.randrange(len(code) + 1)
    return code[:at] + chance.choice(_PIECES) + code[at + chance.choice((0, 0, 1, 3)) :]


def _cut(code: str, chance: random.Random) -> str:
    begin, end = sorted((chance.randrange(len(code) + 1), chance.randrange(len(code) + 1)))
    return chance.choice((code[:begin], code[end:], code[:begin] + code[end:], code[begin:end]))


def _exchange_two(code: str, chance: random.Random) -> str:
    at = chance.randrange(max(len(code) - 1, 1))
    return code[:at] + code[at : at + 2][::-1] + code[at + 2 :]


def _read_twice(code: str, chance: random.Random) -> str:
    begin = chance.randrange(len(code) + 1)
    return code + code[begin:] * chance.choice((1, 1, 2, 300))


def _run_together(code: str, chance: random.Random) -> str:
    return code + chance.choice(("", "^", "\n", " ")) + chance.choice(SYNTAXES[chance.choice(list(SYNTAXES))])


def _other_case(code: str, chance: random.Random) -> str:
    return chance.choice((code.swapcase(), code.upper(), code.lower(), code.translate(_LAYOUTS)))


_CHANGES: Final[tuple[Change, ...]] = (
    _change_a_letter, _change_a_letter, _put_in, _put_in, _cut, _exchange_two, _read_twice, _run_together, _other_case,
)  # fmt: skip
