"""Have the workers taken all partitions over? What is sent before that waits, and looks like a ledger that hangs."""

from collections.abc import Callable, Mapping

from pipeline.broker.admin import check_topics
from pipeline.local.checks import Check, watched
from pipeline.local.home import StackHome
from pipeline.settings import load_settings

_PARTITION = "partition "  # as the worker names what it watches, from the end of each take-over on


class Taken:
    """Asks the workers of a stack; `partitions` counts those there are, and is called once."""

    def __init__(self, workers: Mapping[str, Check], partitions: Callable[[], int]) -> None:
        self._workers, self._count = workers, partitions
        self._partitions = 0

    def lagging(self) -> list[str]:
        """Returns the names of the workers while any partition is in nobody's hands.

        All of them, because nothing says whose it will be; a worker may have none when all are taken. A partition in
        trouble counts as taken: the stack must run for a person to help it, and `status` says what it needs.
        """
        self._partitions = self._partitions or self._count()
        taken = {name for check in self._workers.values() for name in watched(check) if name.startswith(_PARTITION)}
        return [] if len(taken) >= self._partitions else list(self._workers)


def partitions_of(home: StackHome) -> int:
    """Returns how many partitions the ledger of a stack has.

    Raises: BrokerUnreachable; TopicsWrong.
    """
    return check_topics(load_settings(home=home.folder))
