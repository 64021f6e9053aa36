"""A reader on a serial line, real or over USB: 8 bits, no parity, one stop bit, as readers leave the factory."""

import os
from collections.abc import Callable

from pipeline.agent.lines import Splitter
from pipeline.agent.sources.device import Device
from pipeline.errors import SourceUnusable


def serial_line(device: str, baud: int, say: Callable[[str], None]) -> Device:
    """Return the lines of a serial line, each ended by CR, LF or both.

    Raises: SourceUnusable.
    """
    return Device(f"The serial line {device}", lambda: _opened(device, baud), Splitter(b"\r\n"), say)


def _opened(device: str, baud: int) -> int:
    try:
        from serial import Serial  # noqa: PLC0415  an extra
    except ImportError as error:
        message = "Reading a serial line takes pyserial: pip install 'scanledger[serial]'."
        raise SourceUnusable(message) from error
    try:
        port = Serial(device, baud, exclusive=True)
        handle = os.dup(port.fileno())  # set up as pyserial sets it up, and locked as long as it is open
    except (OSError, ValueError) as error:
        message = f"The serial line {device} cannot be opened: {error}."
        raise SourceUnusable(message) from error
    port.close()
    return handle
