"""The documents of a simulation, told to the ledger before the scans that are judged by them."""

import time
from collections.abc import Iterable, Iterator, Sequence

from jobs.output import note
from jobs.replies import Replies
from pipeline.capture.documents import Document, ExpectedUnit, send_documents
from pipeline.errors import NoAnswer
from pipeline.settings import Settings
from pipeline.simulate.extras import Paper
from pipeline.simulate.simulation import Batch

_AUTHOR = "simulator"


def tell_papers(settings: Settings, papers: Sequence[Paper], partitions: int, seconds: float) -> None:
    """Send documents, and return when every partition has accounted them.

    Raises: NoAnswer after so many seconds; BrokerUnreachable; NotDelivered.
    """
    if not papers:
        return
    documents = [Document(paper.name, tuple(ExpectedUnit(*unit) for unit in paper.units)) for paper in papers]
    with Replies(settings, "acts", range(partitions)) as replies:
        replies.to(send_documents(settings, documents, partitions, _AUTHOR), time.monotonic() + seconds)


def with_papers(settings: Settings, batches: Iterable[Batch], partitions: int, seconds: float) -> Iterator[Batch]:
    """Yield each batch when its documents are told; where no worker runs they are on the log before the scans."""
    is_answered = True
    for batch in batches:
        try:
            tell_papers(settings, batch.papers, partitions, seconds if is_answered else 0)
        except NoAnswer:
            if is_answered:
                note("No worker has answered yet: documents and scans wait on the log.")
            is_answered = False
        yield batch
