"""Statements of an ERP on their way into the ledger: every part on the log, then all of them readable."""

import json
import time
import uuid
from datetime import datetime

from analytics.erp import contents, statements
from analytics.questions import Row
from analytics.tables.quantities import Quantities
from jobs.alert_acts import NO_BASE
from jobs.replies import Replies
from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.broker.send import Sender
from pipeline.domain.routing import partition_of
from pipeline.errors import RulesWrong
from pipeline.settings import Settings
from pipeline.warehouse.marks import Target, wait_for
from pipeline.wire.schemas import encode

KIND = "ERP_STATEMENT"


def load_statement(
    settings: Settings, quantities: Quantities, as_of: datetime, author: str, timeout_seconds: float = 60.0
) -> Row:
    """State what an ERP has on hand as of a time; returns when ClickHouse has all of it.

    Shape: the statement's row: statement, as_of, loaded_at, author, quantities, parts.
    Raises: NoAnswer, SinkBehind after so many seconds; BrokerUnreachable, NotDelivered; WarehouseDown; RulesWrong where
    a part was refused. What did not come whole counts nowhere and may be loaded again.
    """
    registry.join(settings)
    statement = uuid.uuid4().hex[:16]
    key = f"erp:{statement}".encode()
    partition = partition_of(key, check_topics(settings))
    record = {"kind": KIND, "subject": key.decode(), "base": NO_BASE, "author": author}
    record |= {"sent_at": time.time_ns() // 1_000_000}
    texts = [json.dumps(content, ensure_ascii=False) for content in contents(quantities, as_of)]
    values = [encode("internal", record | {"id": uuid.uuid4().hex, "content": text}) for text in texts]
    with Replies(settings, "acts", [partition]) as replies:
        sender = Sender(settings, "internal")
        sender.send([key] * len(values), values, partition)
        sent = sender.finish()
        replies.to(sent, time.monotonic() + timeout_seconds)
    with open_warehouse(settings) as warehouse:
        wait_for(warehouse, {partition: Target(-1, sent[partition])}, timeout_seconds=timeout_seconds)
        found = statements(warehouse, statement)
    if not found:
        message = (
            f"The workers refused a part of statement {statement}, so it counts nowhere; are they of this version?"
        )
        raise RulesWrong(message)
    return found[0]
