"""Recalls as the console starts and closes them: by the rules of `scanledger recall`."""

import orjson

from analytics.recall.asked import Asked, milliseconds
from analytics.recall.recalls import standing
from jobs.recall_acts import By, close_recall, start_recall
from jobs.recall_epcis import recall_events
from jobs.warehouse import open_warehouse
from pipeline.capture.epcis.answers import capture_document
from pipeline.capture.epcis.export_uris import Uris
from pipeline.capture.epcis.site_codes import read_site_codes
from pipeline.settings import Settings


class LogRecalls:
    """The recalls of a ledger."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def start(self, asked: Asked, reason: str, author: str, recall: str) -> str:
        """Start one under an id; returns that when ClickHouse has its act."""
        return start_recall(self._settings, asked, By(author, reason), recall=recall).recall

    def close(self, recall: str, reason: str, author: str) -> None:
        """Close one; returns when ClickHouse has its act."""
        close_recall(self._settings, recall, By(author, reason))

    def epcis(self, recall: str) -> bytes:
        """Return its units as an EPCIS document, as of its start: the same events as `scanledger recall` writes."""
        with open_warehouse(self._settings) as warehouse:
            found = standing(warehouse, recall)
            uris = Uris(self._settings.uri_base, read_site_codes(warehouse))
        keys = found.units["unit_key"].to_list()
        started_ms = milliseconds(found.recall.head.started_at)
        return orjson.dumps(capture_document(list(recall_events(recall, keys, started_ms, uris))))
