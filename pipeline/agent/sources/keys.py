"""What a keyboard-wedge reader types, from Linux's input events, as bytes: the US layout, as readers leave the factory.

Flow: struct input_event after struct input_event -> the bytes of lines, their ends too.

Control and a letter or bracket is the control character a terminal would see: GS1 readers send FNC1 as Ctrl-]. Alt with
digits of the keypad is the character of that number, as others send it. Where the kernel's own buffer ran over
(SYN_DROPPED), events are missing: the line is spoiled.
"""

import struct
from typing import Final

EVENT: Final = struct.Struct("llHHi")  # struct timeval, type, code, value: as long as this machine's own

_SYN, _KEY = 0, 1
_REPORT, _DROPPED = 0, 3
_RELEASED, _PRESSED = 0, 1
_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]\n", "QWERTYUIOP{}\n"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    (86, "<", ">"),
)
_KEYPAD: Final = {
    71: "7", 72: "8", 73: "9", 74: "-", 75: "4", 76: "5", 77: "6", 78: "+", 79: "1", 80: "2", 81: "3", 82: "0", 83: ".",
    55: "*", 96: "\n", 98: "/", 117: "=",
}  # fmt: skip
_PLAIN: Final = {first + at: letter for first, plain, _ in _ROWS for at, letter in enumerate(plain)} | {15: "\t"}
_SHIFTED: Final = {first + at: letter for first, _, shifted in _ROWS for at, letter in enumerate(shifted)} | {15: "\t"}
_SHIFT, _CONTROL, _ALT, _CAPS_LOCK = frozenset({42, 54}), frozenset({29, 97}), frozenset({56, 100}), 58
_HELD: Final = _SHIFT | _CONTROL | _ALT
_AS_CONTROL: Final = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"


class Keys:
    """Turns events into bytes; remembers which keys are held."""

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._caps = False
        self._number = ""
        self._is_skipping = False
        self._part = b""

    def feed(self, data: bytes) -> list[bytes | None]:
        """Return what was typed: pieces of text, None where events are missing."""
        data = self._part + data
        whole = len(data) - len(data) % EVENT.size
        self._part = data[whole:]
        typed: list[bytes | None] = []
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == _SYN:
                self._synchronise(code, typed)
            elif kind == _KEY and not self._is_skipping:
                typed += self._key(code, value)
        return typed

    def _synchronise(self, code: int, typed: list[bytes | None]) -> None:
        if code == _DROPPED:
            self._is_skipping = True
            self._held.clear()
            self._number = ""
            typed.append(None)
        elif code == _REPORT:
            self._is_skipping = False

    def _key(self, code: int, value: int) -> list[bytes]:
        if code in _HELD:
            return self._hold(code, value)
        if value != _PRESSED:
            return []  # let go, or held so long that it repeats: no reader types so
        if code == _CAPS_LOCK:
            self._caps = not self._caps
            return []
        if self._held & _ALT:
            self._number += _KEYPAD.get(code, "")
            return []
        letter = self._letter(code)
        return [letter.encode()] if letter else []

    def _hold(self, code: int, value: int) -> list[bytes]:
        if value != _RELEASED:
            self._held.add(code)
            return []
        self._held.discard(code)
        number, self._number = self._number, ""
        is_character = code in _ALT and number.isdecimal() and 0 < int(number) < 256  # noqa: PLR2004  one byte
        return [chr(int(number)).encode()] if is_character else []

    def _letter(self, code: int) -> str:
        if code in _KEYPAD:
            return _KEYPAD[code]
        plain, shifted = _PLAIN.get(code, ""), _SHIFTED.get(code, "")
        letter = shifted if bool(self._held & _SHIFT) != (self._caps and plain.isalpha()) else plain
        if self._held & _CONTROL:
            at = _AS_CONTROL.find(letter.upper()) if letter else -1
            return chr(at) if at > 0 else ""
        return letter
