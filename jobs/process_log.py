"""The log of a part that runs for ever: on standard error, where the same words of a library come once in a while."""

import logging
import re
import sys
import time
from collections.abc import Callable

_LIBRARIES = ("aiokafka", "faust", "mode")  # what the worker is built on; without Kafka each retry is lines of theirs
_BROKER = "pipeline.broker"  # where librdkafka remarks, twenty times a second while Kafka is away
_SILENCE_SECONDS = 10.0
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+(\.\d+)?")


class Repeats(logging.Filter):
    """Lets a message of the libraries through once in so many seconds, then with the number of those left out.

    Messages that differ in numbers alone are the same: nodes, requests, seconds waited.
    """

    def __init__(self, seconds: float = _SILENCE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds, self._clock = seconds, clock
        self._let_through: dict[tuple[str, int, str], float] = {}
        self._left_out: dict[tuple[str, int, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record goes to the log; one that stands for others says so."""
        if record.name.partition(".")[0] not in _LIBRARIES and record.name != _BROKER:
            return True
        text, now = record.getMessage(), self._clock()
        key = record.name, record.levelno, _NUMBER.sub("#", text)
        if now - self._let_through.get(key, -self._seconds) < self._seconds:
            self._left_out[key] = self._left_out.get(key, 0) + 1
            return False
        self._forget_before(now - 100 * self._seconds)
        self._let_through[key] = now
        if left_out := self._left_out.pop(key, 0):
            record.msg, record.args = f"{text} ({left_out} more like it left out)", None
        return True

    def _forget_before(self, moment: float) -> None:
        """Bound what is remembered; also of a burst that ended long ago, whose count nobody has heard."""
        for key in [key for key, at in self._let_through.items() if at < moment]:
            del self._let_through[key]
            self._left_out.pop(key, None)


def keep_log() -> None:
    """Send this process's log to standard error, from INFO on, of the libraries from WARNING on."""
    target = logging.StreamHandler(sys.stderr)
    target.addFilter(Repeats())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[target])
    for noisy in _LIBRARIES:
        logging.getLogger(noisy).setLevel(logging.WARNING)
