"""The parts of the HTTP way in put together from the settings, and let go in order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from pipeline.broker.deliver import Deliverer
from pipeline.broker.watch import Watch
from pipeline.capture.codes import CodeReader
from pipeline.capture.http.check import check
from pipeline.capture.http.encode import encode
from pipeline.capture.http.house import House
from pipeline.capture.http.intake import KAFKA, PATIENCE_SECONDS, Intake
from pipeline.capture.http.keys import Key, KeyRing
from pipeline.capture.http.lines import read_lines
from pipeline.capture.http.questions import Questions
from pipeline.capture.http.reading import Reading
from pipeline.capture.http.receipts import Receipts
from pipeline.capture.http.room import Room
from pipeline.capture.http.verdicts import Verdicts
from pipeline.capture.http.waits import Waits
from pipeline.errors import ScanledgerError
from pipeline.faults import Fault, never
from pipeline.metrics import Progress
from pipeline.settings import Settings

_LOG = logging.getLogger("pipeline.capture")
_SILENCE_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 2.0


@contextmanager
def open_house(
    settings: Settings, partitions: int, questions: Questions, codes: CodeReader, fault: Fault = never
) -> Iterator[House]:
    """Open everything for the length of the block, compiled code included.

    Raises: FolderUnusable where the home cannot be written.
    """
    _warm_up()
    progress, reading, room = Progress(_SILENCE_SECONDS), Reading(), Room()
    with ExitStack() as opened:
        receipts = Receipts(settings.home)
        opened.callback(receipts.close)
        log = Deliverer(settings, "scans", PATIENCE_SECONDS)
        opened.callback(_close_log, log)
        intake = Intake(log, receipts, progress, codes=codes, fault=fault)
        opened.callback(intake.close)
        verdicts = Verdicts(lambda: Watch(settings, "verdicts"))
        opened.callback(verdicts.close)
        opened.callback(reading.close)
        opened.enter_context(_looking(log, progress))
        waits = Waits(verdicts, questions, reading, partitions)
        keys = KeyRing(settings.home)
        yield House(keys, room, receipts, log, intake, waits, questions, reading, progress.health, codes)


def _close_log(log: Deliverer) -> None:
    try:
        log.close()
    except ScanledgerError as left:
        _LOG.warning("%s", left)


@contextmanager
def _looking(log: Deliverer, progress: Progress) -> Iterator[None]:
    """Ask now and then whether Kafka is there, so that it is known while nobody sends anything."""
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            fault = log.fault(_ANSWER_SECONDS)
            if fault:
                progress.trouble(KAFKA, fault)
            else:
                progress.moved(KAFKA)
            over.wait(_LOOK_SECONDS)

    thread = threading.Thread(target=look, name="look", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _warm_up() -> None:
    """Let what is compiled be compiled before the first scan comes."""
    line = b'{"code": "(01)09506000134352(21)1", "step": "VOID", "corrects": "a", "event_time": "2026-01-01T00:00:00Z",'
    key = Key("", "", "site", ("a",), "", 0)
    lines = read_lines(line + b' "attributes": {"a": "b"}, "expiry": "2027-01-01"}', "ndjson")
    encode(check(lines, key, 0), "")
