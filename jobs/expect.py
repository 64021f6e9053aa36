"""The verb `expect`: tell the ledger which units a document expects."""

import time
from pathlib import Path
from typing import Annotated

import typer

from jobs.code_reading import ConventionsOption, code_reader
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.reference import AuthorOption, Row, TimeoutOption, author_name
from jobs.replies import Replies
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.capture.documents import Document, read_documents, send_document
from pipeline.settings import Settings, load_settings

app = typer.Typer(add_completion=False)

_FILE_HELP = "CSV with the columns document,unit and, where needed, sale,site,location; or JSON."
COLUMNS = ("document", "units", "partitions", "result")


@app.command()
def expect(
    file: Annotated[Path, typer.Argument(help=_FILE_HELP)],
    author: AuthorOption = "",
    timeout: TimeoutOption = 60,
    conventions: ConventionsOption = None,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Expect units under an ASN, an order, a count sheet or an RMA; returns when every partition has accounted it.

    Units are codes in any syntax that `scanledger identify` reads. Telling a document again adds to it.
    """
    documents = read_documents(file, code_reader(lenient=True, conventions=conventions))
    settings = load_settings()
    registry.join(settings)
    partitions = check_topics(settings)
    deadline = time.monotonic() + timeout
    rows = [tell(settings, document, partitions, author_name(author), deadline) for document in documents]
    note(f"{len(rows):,} documents expect {sum(len(document.units) for document in documents):,} units.")
    show(rows, as_json=as_json, fmt=fmt, columns=COLUMNS)


def tell(settings: Settings, document: Document, partitions: int, author: str, deadline: float) -> Row:
    """Send one document to every partition and wait until each has accounted it.

    Raises: NoAnswer; BrokerUnreachable; NotDelivered.
    """
    with Replies(settings, "acts", range(partitions)) as replies:
        acts = replies.to(send_document(settings, document, partitions, author), deadline)
    results = sorted({str(act["result"]) for act in acts.values()})
    return {
        "document": document.name, "units": len(document.units), "partitions": partitions, "result": " ".join(results),
    }  # fmt: skip
