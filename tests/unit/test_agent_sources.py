"""Lines out of streams, serial lines and keyboard-wedge readers: each whole, none twice, none made up."""

import errno
import os
import pty
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agent.lines import LONGEST_LINE, Line, Source, Splitter
from pipeline.agent.sources.device import Device
from pipeline.agent.sources.keys import EVENT, Keys
from pipeline.agent.sources.serial_line import serial_line
from pipeline.agent.sources.stream import Stream
from pipeline.agent.sources.wedge import TypedLines, wedge
from pipeline.errors import SourceUnusable

_CODES = Path("/usr/include/linux/input-event-codes.h")
_SIGNS = (
    "LEFTBRACE", "RIGHTBRACE", "BACKSLASH", "MINUS", "EQUAL", "SEMICOLON", "APOSTROPHE", "GRAVE", "COMMA", "DOT",
    "SLASH", "SPACE", "ENTER",
)  # fmt: skip
SHIFT, CONTROL, ALT, CAPS_LOCK, ENTER = 42, 29, 56, 58, 28
ROWS = {2: "1234567890-=", 16: "qwertyuiop[]", 30: "asdfghjkl;'`", 43: "\\zxcvbnm,./", 57: " "}
SHIFTED = {2: "!@#$%^&*()_+", 16: "QWERTYUIOP{}", 30: 'ASDFGHJKL:"~', 43: "|ZXCVBNM<>?"}
CODE_OF = {letter: (first + at, False) for first, row in ROWS.items() for at, letter in enumerate(row)}
CODE_OF |= {letter: (first + at, True) for first, row in SHIFTED.items() for at, letter in enumerate(row)}


def event(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(1, 2, kind, code, value)


def press(code: int) -> bytes:
    """Returns the events of a key pressed, held until it repeats, and let go."""
    return b"".join(event(1, code, value) + event(0, 0, 0) for value in (1, 2, 0))


def with_held(held: int, *codes: int) -> bytes:
    return event(1, held, 1) + event(0, 0, 0) + b"".join(map(press, codes)) + event(1, held, 0) + event(0, 0, 0)


def typed(text: str) -> bytes:
    """Returns the events of a reader that types a text."""
    found = b""
    for letter in text:
        if letter == "\x1d":
            found += with_held(CONTROL, 27)
        elif letter == "\n":
            found += press(ENTER)
        else:
            code, is_shifted = CODE_OF[letter]
            found += with_held(SHIFT, code) if is_shifted else press(code)
    return found


def text_of(pieces: list[bytes | None]) -> str:
    return b"".join(piece or b"?" for piece in pieces).decode()


LETTERS = st.text(st.sampled_from([*CODE_OF, "\x1d", "\n"]), max_size=40)


@given(LETTERS, st.lists(st.integers(1, 100), max_size=10))
def test_what_a_reader_types_is_read_however_its_events_are_cut(text: str, cuts: list[int]) -> None:
    keys, data, found = Keys(), typed(text), ""
    for cut in cuts:
        found += text_of(keys.feed(data[:cut]))
        data = data[cut:]
    assert found + text_of(keys.feed(data)) == text


def test_caps_lock_turns_the_case_of_letters_alone() -> None:
    data = press(CAPS_LOCK) + typed("aZ1!") + press(CAPS_LOCK) + typed("aZ1!")
    assert text_of(Keys().feed(data)) == "Az1!aZ1!"


def test_the_number_of_a_character_typed_on_the_keypad_under_alt_is_that_character() -> None:
    assert Keys().feed(with_held(ALT, 82, 80, 73) + typed("x")) == [b"\x1d", b"x"]
    assert Keys().feed(with_held(ALT, 79, 79, 79, 79) + with_held(ALT) + typed("x")) == [b"x"]


def test_the_keypad_types_its_digits_and_enter() -> None:
    codes = (82, 79, 80, 81, 75, 76, 77, 71, 72, 73, 74, 83, 96)
    assert text_of(Keys().feed(b"".join(map(press, codes)))) == "0123456789-.\n"


def test_after_lost_events_the_rest_of_their_frame_is_left_out_and_nothing_counts_as_held() -> None:
    data = (
        event(1, SHIFT, 1) + event(0, 0, 0) + press(30) + event(0, 3, 0) + event(1, 31, 1) + event(0, 0, 0) + press(32)
    )
    assert Keys().feed(data) == [b"A", None, b"d"]


@given(st.binary(max_size=20 * EVENT.size))
def test_any_events_can_be_read(data: bytes) -> None:
    assert len(Keys().feed(data)) <= len(data) // EVENT.size


def test_the_keys_are_where_linux_has_them() -> None:
    if not _CODES.exists():
        pytest.skip(f"there is no {_CODES}: the numbers of keys cannot be compared")
    signs = dict(zip("[]\\-=;'`,./ \n", _SIGNS, strict=True))
    codes = dict(re.findall(r"#define KEY_(\w+)\s+(\d+)", _CODES.read_text()))
    for letter in [letter for row in ROWS.values() for letter in row] + ["\n"]:
        code = int(codes[signs.get(letter, letter.upper())])
        assert Keys().feed(press(code)) == [letter.encode()]
    assert (codes["LEFTSHIFT"], codes["LEFTCTRL"], codes["LEFTALT"], codes["CAPSLOCK"]) == ("42", "29", "56", "58")


def test_a_line_that_lost_events_is_marked_and_the_next_one_is_not() -> None:
    reading = TypedLines()
    found = reading.feed(typed("09506") + event(0, 3, 0) + event(0, 0, 0) + typed("0001\n") + typed("whole\n"))
    assert [(line.text, line.fault) for line in found] == [(b"095060001", "READER_OVERRUN"), (b"whole", "")]


@given(
    st.lists(st.binary(max_size=20).filter(lambda text: b"\n" not in text)), st.lists(st.integers(1, 30), max_size=9)
)
def test_lines_come_out_as_they_went_in_however_the_stream_is_cut(texts: list[bytes], cuts: list[int]) -> None:
    splitter, data, found = Splitter(), b"".join(text + b"\n" for text in texts), []
    whole = data
    for cut in cuts:
        found += splitter.feed(data[:cut])
        data = data[cut:]
    found += splitter.feed(data)
    assert [line.text for line in found] == [text.strip(b" \t\r") for text in texts if text.strip(b" \t\r")]
    assert all(whole[: line.end].endswith(b"\n") for line in found)
    assert splitter.rest() == []


def test_the_separator_a_code_begins_with_is_no_blank() -> None:
    assert Splitter().feed(b"\x1d01095060001343522112\r\n") == [Line(b"\x1d01095060001343522112", 23)]


def test_a_line_too_long_is_marked_and_ends_where_it_ends() -> None:
    splitter = Splitter()
    assert splitter.feed(b"x" * (LONGEST_LINE + 1)) == splitter.feed(b"y" * LONGEST_LINE) == []
    found = splitter.feed(b"\nnext\n")
    assert [(len(line.text) <= 1000, line.fault) for line in found] == [(True, "TOO_LONG"), (True, "")]


class Reader:
    """Reads a source on a thread of its own until told to stop."""

    def __init__(self, source: Source) -> None:
        self.source, self.stop = source, threading.Event()
        self.found: list[Line] = []
        self._came = threading.Condition()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join()

    def wait_for(self, lines: int) -> list[Line]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.found) >= lines, timeout=20), self.found
        return self.found

    def _read(self) -> None:
        for lines in self.source.lines(self.stop):
            with self._came:
                self.found += lines
                self._came.notify_all()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


def test_a_stream_gives_its_lines_and_the_last_one_without_an_end(pipe: tuple[int, int]) -> None:
    with Reader(Stream(pipe[0])) as reader:
        os.write(pipe[1], b"one\ntw")
        reader.wait_for(1)
        os.write(pipe[1], b"o\nthree")
        os.close(pipe[1])
        assert [line.text for line in reader.wait_for(3)] == [b"one", b"two", b"three"]


def test_a_stream_that_is_stopped_says_what_it_had_read_of_a_line(pipe: tuple[int, int]) -> None:
    source = Stream(pipe[0])
    with Reader(source) as reader:
        os.write(pipe[1], b"one\nhalf")
        reader.wait_for(1)
    assert source.unfinished == 4


def test_a_serial_line_is_read_and_taken_for_one_process_alone() -> None:
    device, line = pty.openpty()
    said: list[str] = []
    with Reader(serial_line(os.ttyname(line), 9600, said.append)) as reader:
        os.write(device, b"\x1d0109506\r\r\nnext\r")
        assert [one.text for one in reader.wait_for(2)] == [b"\x1d0109506", b"next"]
        with pytest.raises(SourceUnusable, match="cannot be opened"):
            serial_line(os.ttyname(line), 9600, said.append)
    assert said == []
    os.close(device)
    os.close(line)


def test_a_serial_line_that_is_not_there_is_named() -> None:
    with pytest.raises(SourceUnusable, match=r"/dev/none cannot be opened: .*No such file"):
        serial_line("/dev/none", 9600, pytest.fail)


def test_a_device_that_is_unplugged_is_waited_for_and_the_line_it_broke_off_is_said_to_be() -> None:
    first, second = os.pipe(), os.pipe()
    plugged, said = [first[0]], threading.Event()

    def opened() -> int:
        if not plugged:
            message = "not there"
            raise SourceUnusable(message)
        return plugged.pop()

    def say(message: str) -> None:
        if message == "The reader is gone; waiting for it.":
            said.set()

    with Reader(Device("The reader", opened, Splitter(b"\n"), say)) as reader:
        os.write(first[1], b"whole\nbroken o")
        reader.wait_for(1)
        os.close(first[1])
        assert said.wait(20)
        plugged.append(second[0])
        os.write(second[1], b"again\n")
        found = [(line.text, line.fault) for line in reader.wait_for(3)]
    os.close(second[1])
    assert found == [(b"whole", ""), (b"broken o", "UNFINISHED"), (b"again", "")]


def test_a_reader_is_grabbed_and_what_it_types_is_read(tmp_path: Path) -> None:
    device = tmp_path / "event7"
    taken: list[int] = []
    os.mkfifo(device)
    typist = os.open(device, os.O_RDWR)
    with Reader(wedge(device, pytest.fail, taken.append)) as reader:
        os.write(typist, typed("(01)09506000134352(21)ABC/x\n"))
        assert reader.wait_for(1)[0].text == b"(01)09506000134352(21)ABC/x"
    os.close(typist)
    assert len(taken) == 1


def _busy(_: int) -> None:
    raise OSError(errno.EBUSY, "Device or resource busy")


@pytest.mark.parametrize(
    ("name", "take", "said"),
    [
        ("none", None, r"cannot be opened: No such file or directory\. /proc/bus"),
        ("file", None, "cannot be taken: Inappropriate ioctl for device"),
        ("file", _busy, "cannot be taken: Device or resource busy"),
    ],
)
def test_a_reader_that_cannot_be_had_is_named(
    tmp_path: Path, name: str, take: Callable[[int], None] | None, said: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SourceUnusable, match=said):
        wedge(tmp_path / name, pytest.fail, take)
