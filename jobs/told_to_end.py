"""Being told to end by a signal."""

import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

_TO_END: Final = (signal.SIGTERM, signal.SIGINT)


def when_told_to_end(told: Callable[[], None], *, only_once: bool = False) -> None:
    """Have something called on a thread of its own whenever SIGTERM or SIGINT comes.

    A handler runs between any two steps of the main thread. An event that it sets itself would wait for ever for the
    event's lock, where the step interrupted holds it; SimpleQueue.put is made for being interrupted.

    Args:
        told: What to call.
        only_once: A second signal does what signals do by themselves: end the process at once.
    """
    heard: SimpleQueue[int] = SimpleQueue()

    def handler(number: int, _: object) -> None:
        if only_once:
            signal.signal(number, signal.SIG_DFL)
        heard.put(number)

    for number in _TO_END:
        signal.signal(number, handler)
    threading.Thread(target=_tell, args=(heard, told), name="signals", daemon=True).start()


def _tell(heard: "SimpleQueue[int]", told: Callable[[], None]) -> None:
    while heard.get():
        told()
