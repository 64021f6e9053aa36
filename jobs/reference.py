"""Reference data on its way into every partition: one copy each, made against the version in force there."""

import getpass
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import typer

from jobs.output import note
from jobs.replies import Replies
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.broker.send import send_internal
from pipeline.errors import RulesWrong
from pipeline.ledger.newest import newest_position
from pipeline.ledger.position import decode_position
from pipeline.settings import Settings
from pipeline.wire.schemas import decode

AuthorOption = Annotated[str, typer.Option("--author", help="Who sends it; the name of the login if left out.")]
TimeoutOption = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for the workers.")]

_ATTEMPTS = 5  # each after somebody else's load came in between
_READERS = 8  # most of the half second that a reader takes is waiting

Row = dict[str, object]


def author_name(given: str) -> str:
    """Return the author given, else the login's name."""
    return given or getpass.getuser()


def load(settings: Settings, what: tuple[str, str], contents: Sequence[str], author: str, timeout: float) -> list[Row]:
    """Send each content to every partition and return when all have accounted it.

    Args:
        settings: where the broker is.
        what: kind and subject of the records.
        contents: one record each, in order.
        author: who sends them.
        timeout: seconds for each of them.

    Shape: one row per partition: partition, result, reference_version.
    Raises: RulesWrong where a partition refuses the content; NoAnswer; BrokerUnreachable; TopicsWrong.
    """
    registry.join(settings)
    versions = _versions_in_force(settings, range(check_topics(settings)))
    with Replies(settings, "acts", versions) as replies:
        loading = _Loading(settings, replies, versions, {"kind": what[0], "subject": what[1], "author": author})
        for content in contents:
            loading.send(content, time.monotonic() + timeout)
    return [
        {"partition": partition, "result": "APPLIED", "reference_version": version}
        for partition, version in loading.versions.items()
    ]


def version_in_force(settings: Settings, partition: int) -> int:
    """Return the version of a partition's reference data, 0 where no worker has written yet."""
    newest = newest_position(settings, partition)
    return decode_position(newest).reference_version if newest else 0


def sites_in_force(settings: Settings) -> int:
    """Return how many sites the smallest of the partitions' site tables names, 0 where no worker has written yet."""

    def count(partition: int) -> int:
        newest = newest_position(settings, partition)
        return int(decode(newest)[1]["sites"]) if newest else 0

    with ThreadPoolExecutor(_READERS) as pool:
        return min(pool.map(count, range(check_topics(settings))))


def _versions_in_force(settings: Settings, partitions: range) -> dict[int, int]:
    with ThreadPoolExecutor(_READERS) as pool:
        return dict(zip(partitions, pool.map(lambda p: version_in_force(settings, p), partitions), strict=True))


class _Loading:
    """One load into all partitions; `versions` is what is in force in each."""

    def __init__(self, settings: Settings, replies: Replies, versions: dict[int, int], record: Row) -> None:
        self._settings, self._replies, self.versions, self._record = settings, replies, versions, record

    def send(self, content: str, deadline: float) -> None:
        """Send one content to all, again to those where another load came in between."""
        waiting = list(self.versions)
        for _ in range(_ATTEMPTS):
            waiting = self._send_to(waiting, content, deadline)
            if not waiting:
                return
            versions = ", ".join(f"partition {p}: version {self.versions[p]}" for p in waiting)
            note(f"Another load came in between; sent again against what is in force now ({versions}).")
        message = (
            f"Other loads keep coming in between; after {_ATTEMPTS} attempts partitions {waiting} have not this one."
        )
        raise RulesWrong(message)

    def _send_to(self, partitions: list[int], content: str, deadline: float) -> list[int]:
        """Send a copy to each; return those that refused it for its base, with their version noted."""
        sent: dict[int, int] = {}
        for base in {self.versions[p] for p in partitions}:
            record = self._record | {
                "id": uuid.uuid4().hex, "base": base, "sent_at": time.time_ns() // 1_000_000, "content": content,
            }  # fmt: skip
            sent |= send_internal(self._settings, record, [p for p in partitions if self.versions[p] == base])
        acts = self._replies.to(sent, deadline)
        self.versions |= {partition: int(act["reference_version"]) for partition, act in acts.items()}
        refused = {partition: act for partition, act in acts.items() if act["result"] != "APPLIED"}
        for act in refused.values():
            _only_for_its_base(act)
        return sorted(refused)


def _only_for_its_base(act: dict[str, Any]) -> None:
    if act["reason"] != "base":
        message = (
            f"Partition {act['partition']} refused {act['kind']} {act['subject']} ({act['reason']}): states may only "
            "be appended to a lifecycle in force, and the content must be sound for the workers' version too."
        )
        raise RulesWrong(message)
