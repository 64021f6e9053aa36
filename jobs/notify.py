"""The verb `notify`: tell people of alerts, by routes; check routes, try one, list and retry deliveries."""

import os
import threading
from pathlib import Path
from typing import Annotated

import typer

from jobs.cells import readable
from jobs.notify_at_work import at_work, outbox_folder, routes_of
from jobs.notify_shown import COLUMNS, MORE_COLUMNS, route_rows, shown
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.process_log import keep_log
from jobs.told_to_end import when_told_to_end
from pipeline.errors import RoutesWrong
from pipeline.faults import arm
from pipeline.notify.book import Book
from pipeline.notify.deliveries import STATES, Deliveries
from pipeline.notify.notify import now_ms
from pipeline.notify.outbox import Outbox
from pipeline.notify.routes import Routes, load_routes
from pipeline.notify.sending import sender, unknown_to_apprise
from pipeline.notify.trial import send_trial
from pipeline.settings import load_settings

app = typer.Typer(help="Tell people of alerts, by routes; list and retry deliveries.", add_completion=False)

NOT_ALL = 1
RoutesOption = Annotated[Path | None, typer.Option("--routes", help="The routes; default SCANLEDGER_ROUTES.")]
StateOption = Annotated[
    str, typer.Option("--state", help=f"Any of {', '.join(STATES).lower()}, joined by commas; or all.")
]
MostOption = Annotated[int, typer.Option("--most", min=1, help="At most so many, the newest.")]
AllOption = Annotated[bool, typer.Option("--all", help="Everything that failed.")]
IdsArgument = Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Deliveries, as the list shows them.")]


@app.callback(invoke_without_command=True)
def notify(context: typer.Context, routes: RoutesOption = None) -> None:
    """Read what becomes of alerts and tell whom the routes name, until SIGTERM; what is under way is finished first.

    What is to be told is kept in SCANLEDGER_HOME/notify before Kafka's offset moves; what became of it is in the table
    `deliveries`.
    """
    if context.invoked_subcommand is not None:
        return
    keep_log()
    stop = threading.Event()
    when_told_to_end(stop.set)
    settings = load_settings()
    at_work(settings, routes_of(settings, routes), stop, arm(os.environ.get("SCANLEDGER_FAULT", "")))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A routes file.")],
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Read a routes file with all it names, say what is wrong with it, and show its routes; nothing is sent."""
    routes = load_routes(file)
    _check_apprise(routes, file)
    show(route_rows(routes), as_json=as_json, fmt=fmt, title=f"routes of {file}")


@app.command("test")
def try_route(
    route: Annotated[str, typer.Argument(help="Its name.")],
    routes: RoutesOption = None,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Send a trial to each recipient of a route, once, and show what came back."""
    known = routes_of(load_settings(), routes)
    chosen = known.route(route)
    if chosen is None:
        message = f"no route {route!r}; there are {', '.join(one.name for one in known.routes)}"
        raise typer.BadParameter(message)
    escalated = chosen.escalate.to if chosen.escalate else []
    send = sender(known.recipients)
    rows = [send_trial(send, route, recipient) for recipient in dict.fromkeys([*chosen.to, *escalated])]
    show(rows, as_json=as_json, fmt=fmt, title="trial")
    if not all(row["delivered"] for row in rows):
        raise typer.Exit(NOT_ALL)


@app.command("list")
def list_deliveries(
    state: StateOption = "all",
    most: MostOption = 100,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """List the deliveries in the outbox, the newest first; older ones are in the table `deliveries`."""
    states = STATES if state.strip().lower() == "all" else [_state(word) for word in state.split(",")]
    outbox = Outbox(outbox_folder(load_settings()))
    rows = Deliveries(outbox).of_states(states, most)
    outbox.close()
    columns = COLUMNS if fmt is Format.TABLE and not as_json else (*COLUMNS, *MORE_COLUMNS)
    cells = readable([shown(row) for row in rows], as_json=as_json, fmt=fmt)
    show(cells, as_json=as_json, fmt=fmt, title="deliveries", columns=columns)


@app.command()
def retry(
    ids: IdsArgument = None,
    everything: AllOption = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Have what failed tried again, as often as the first time; where notify runs, it does so at once."""
    if bool(ids) == everything:
        message = "wants ids, or --all"
        raise typer.BadParameter(message)
    settings = load_settings()
    outbox = Outbox(outbox_folder(settings))
    with outbox.transaction():
        again = Book(outbox, Routes.model_construct()).retry(None if everything else ids, now_ms())
    outbox.close()
    rows = [{"id": one.id, "event": one.event, "subject": one.subject, "recipient": one.recipient} for one in again]
    if rows or as_json or fmt is not Format.TABLE:
        show(rows, as_json=as_json, fmt=fmt, title="tried again", columns=("id", "event", "subject", "recipient"))
    if everything and not rows:
        note("Nothing has failed: there is nothing to try again.")
    if missing := sorted(set(ids or ()) - {one.id for one in again}):
        note(
            f"Nothing that failed has the id {', '.join(missing)}; `scanledger notify list --state failed` has theirs."
        )
        raise typer.Exit(NOT_ALL)


def _state(word: str) -> str:
    name = word.strip().upper()
    if name not in STATES:
        message = f"no state {word.strip()!r}; there are {', '.join(STATES).lower()}"
        raise typer.BadParameter(message)
    return name


def _check_apprise(routes: Routes, file: Path) -> None:
    if unknown := unknown_to_apprise(routes):
        message = (
            f"The routes {file} make no sense: recipients.{', recipients.'.join(unknown)}: apprise knows no such URL"
        )
        raise RoutesWrong(message)
