"""The EPCIS document of a recall, taken away at the console."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import polars as pl
import pytest

from jobs import console_recalls
from jobs.console_recalls import LogRecalls
from jobs.recall_epcis import recall_events
from pipeline.capture.epcis.export_uris import Uris
from pipeline.settings import Settings

STARTED_MS = 1_793_611_800_000
KEYS = ["sku:ACME/CELL/1", "sku:ACME/CELL/2"]


@pytest.fixture
def recalls(monkeypatch: pytest.MonkeyPatch) -> LogRecalls:
    """Returns the recalls of a ledger that has one."""

    @contextmanager
    def opened(_: Settings) -> Iterator[None]:
        yield

    started = datetime.fromtimestamp(STARTED_MS / 1000, UTC)
    found = SimpleNamespace(
        recall=SimpleNamespace(head=SimpleNamespace(started_at=started)), units=pl.DataFrame({"unit_key": KEYS})
    )
    monkeypatch.setattr(console_recalls, "open_warehouse", opened)
    monkeypatch.setattr(console_recalls, "standing", lambda *_: found)
    monkeypatch.setattr(console_recalls, "read_site_codes", lambda _: {})
    return LogRecalls(Settings())


def test_its_events_are_those_that_the_verb_writes(recalls: LogRecalls) -> None:
    told = json.loads(recalls.epcis("abc"))["epcisBody"]["eventList"]
    assert told == list(recall_events("abc", KEYS, STARTED_MS, Uris(Settings().uri_base, {})))
