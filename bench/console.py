"""The console's pages in a browser at many units, while scans keep coming in: from asking to what can be seen.

What can be seen is the browser's own first contentful paint, counted from when it was told to go there: of a unit,
which one it is, its state, its place and since when. When all of it is there is told beside it.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from bench.console_filling import fill, key_of
from bench.ground import PARTITIONS, Ground
from bench.loading import load_sites, mix_of
from bench.part import Part, PartFailed
from bench.sink import migrate, open_warehouse, with_clickhouse
from bench.worker import Figures, warmed_up
from jobs.console_link import Role, sign_in_link
from pipeline.broker.send import Sender
from pipeline.local.checks import Check, ask
from pipeline.local.ports import LOOPBACK, free_ports
from pipeline.settings import Settings
from pipeline.simulate.sending import Pace, send_batches
from pipeline.simulate.simulation import Simulation

_UNITS: Final = 10_000_000
_RATE: Final = 1_000
_STREAM_SECONDS: Final = 900
_WARM, _COUNTED = 10, 100
_START_SECONDS: Final = 180.0
_OWNED: Final = "scanledger_sink_partitions"
_CHROMIUM: Final = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
_PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_WHOLE: Final = "performance.getEntriesByType('navigation')[0].loadEventStart"


def run(ground: Ground) -> Figures:
    """Fill the warehouse, let scans come in, and look at units and at Now."""
    if not _CHROMIUM.exists():
        message = f"there is no Chromium at {_CHROMIUM}: install it, or name it with CHROMIUM"
        raise PartFailed(message)
    settings, clickhouse = with_clickhouse(ground, ground.fresh("console"))
    migrate(ground, settings)
    units = ground.scaled(_UNITS, 100_000)
    _fill(ground, settings, units)
    mix = mix_of(_RATE * _STREAM_SECONDS)
    load_sites(settings, mix.world)
    worker, sink = warmed_up(ground, settings), ground.verb(("sink",), settings)
    sink.wait("assignment", lambda now: now.total(_OWNED) == PARTITIONS, _START_SECONDS)
    settings, console = _console(ground, settings)
    stop = threading.Event()
    stream = threading.Thread(target=_send, args=(settings, mix, stop))
    stream.start()
    try:
        figures = _look(ground, settings, units)
    finally:
        stop.set()
        stream.join()
    for part in (console, sink, worker, clickhouse):
        part.stop()
    return figures


def _fill(ground: Ground, settings: Settings, units: int) -> None:
    ground.say(f"making {units:,} units in ClickHouse")
    with open_warehouse(settings) as warehouse:
        fill(warehouse, units)


def _console(ground: Ground, settings: Settings) -> tuple[Settings, Part]:
    (port,) = free_ports(1)
    told = settings.model_copy(update={"console_port": port})
    console = ground.verb(("console",), told, SCANLEDGER_CONSOLE_PORT=str(port))
    console.wait("answer", lambda _: ask(Check("http", port, "/health")) == "ok", _START_SECONDS)
    return told, console


def _send(settings: Settings, mix: Simulation, stop: threading.Event) -> None:
    sender = Sender(settings, "scans")
    for _ in send_batches(sender, mix.batches(_RATE), PARTITIONS, pace=Pace(_RATE), stopped=stop.is_set):
        pass
    sender.finish()


def _look(ground: Ground, settings: Settings, units: int) -> Figures:
    ground.say(f"looking at units and at Now while {_RATE:,} scans a second come in")
    chosen = iter(np.random.default_rng(5).integers(0, units, _WARM + _COUNTED).tolist())
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=[*flags, "--disable-gpu"])
        page = _signed_in(browser, settings)
        address = f"http://{LOOPBACK}:{settings.console_port}"
        unit, whole = _p95(page, lambda: f"{address}/unit?code={key_of(next(chosen))}")
        now, _ = _p95(page, lambda: f"{address}/")
        browser.close()
    return {"console_unit_p95_ms": unit, "console_unit_whole_p95_ms": whole, "console_now_p95_ms": now}


def _signed_in(browser: Browser, settings: Settings) -> Page:
    page = browser.new_context(bypass_csp=True).new_page()  # a question put to the page is a script of ours
    page.goto(sign_in_link(settings, "bench", Role.ANALYST))
    page.get_by_role("button").first.click()
    page.wait_for_load_state("load")
    return page


def _p95(page: Page, address: Callable[[], str]) -> tuple[float, float]:
    """Return the milliseconds in which 95 of 100 looks, after some that are not counted, show something, and all."""
    looks = [_look_at(page, address()) for _ in range(_WARM + _COUNTED)]
    seen, whole = zip(*looks[_WARM:], strict=True)
    return float(np.percentile(seen, 95)), float(np.percentile(whole, 95))


def _look_at(page: Page, address: str) -> tuple[float, float]:
    try:
        answer = page.goto(address, wait_until="load")
    except PlaywrightError as error:
        raise PartFailed(str(error)) from error
    if answer is None or not answer.ok:
        message = f"{address}: {answer.status if answer else 'no answer'}"
        raise PartFailed(message)
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
    return float(page.evaluate(_PAINT)), float(page.evaluate(_WHOLE))
