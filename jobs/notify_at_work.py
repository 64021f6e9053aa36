"""notify as a process: its outbox, its senders, its reports, put together and taken apart."""

import logging
import os
import threading
from pathlib import Path

from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.broker.identity import identity_of
from pipeline.broker.topics import Topics
from pipeline.errors import SettingsWrong
from pipeline.faults import Fault
from pipeline.metrics import serve
from pipeline.notify.book import Book
from pipeline.notify.by_apprise import keep_quiet
from pipeline.notify.desk import Desk
from pipeline.notify.notify import TOPIC, Notify
from pipeline.notify.outbox import Outbox
from pipeline.notify.reports import Reports
from pipeline.notify.routes import Routes, load_routes
from pipeline.notify.sending import sender
from pipeline.settings import Settings

_LOG = logging.getLogger("pipeline.notify")


def outbox_folder(settings: Settings) -> Path:
    """Return where the outbox is."""
    return settings.home.expanduser() / "notify"


def routes_of(settings: Settings, file: Path | None) -> Routes:
    """Return the routes of a file, else of the settings; where they name no console, that of the settings.

    A local stack's settings name its own, so that links lead there.

    Raises:
        SettingsWrong: neither names one.
        RoutesWrong: they make no sense.
    """
    chosen = file or (Path(settings.routes) if settings.routes else None)
    if chosen is None:
        message = "No routes: name a file with --routes FILE, or set SCANLEDGER_ROUTES; docs/notify.md has an example."
        raise SettingsWrong(message)
    routes = load_routes(chosen)
    return routes if routes.console else routes.model_copy(update={"console": settings.console_url.rstrip("/")})


def at_work(settings: Settings, routes: Routes, stop: threading.Event, fault: Fault) -> None:
    """Tell people of alerts until told to stop.

    Raises:
        OutboxInUse, OutboxUnusable: the outbox is not ours to tell from, or the disk is full.
        BrokerUnreachable, TopicsWrong, RegistryUnreachable: there are no alerts to be read.
    """
    keep_quiet()
    check_topics(settings)
    registry.join(settings)
    outbox = Outbox(outbox_folder(settings))
    held = outbox.lock()
    with outbox.transaction():
        outbox.belong_to(_log(settings))
    desk = Desk(sender(routes.recipients), routes.recipients)
    running = Notify(settings, Book(outbox, routes), outbox, desk, fault=fault)
    reports = None
    if settings.clickhouse_url:
        reports = Reports(outbox_folder(settings), lambda: open_warehouse(settings, 60.0), running.progress)
    port, host = settings.health_port, settings.health_host
    server = serve(port, running.health, host) if port else None
    _LOG.info("telling of alerts by %d routes to %d recipients", len(routes.routes), len(routes.recipients))
    running.run(stop)
    if reports is not None:
        reports.close()
    if server is not None:
        server.close()
    outbox.close()
    os.close(held)


def _log(settings: Settings) -> str:
    """Return what tells this log of alerts from any other."""
    name = Topics.load(settings.topic_prefix).name(TOPIC)
    identity = identity_of(settings, [name])
    return f"{identity['cluster']} {identity[name]}"
