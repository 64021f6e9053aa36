"""The verb `console`: what the ledger knows, in a browser, until SIGTERM; and links by which people sign in."""

from typing import Annotated

import typer

from analytics.console.app import build_app
from analytics.console.asking import Asking
from analytics.console.desk import Desk
from analytics.console.users import UserBook
from jobs.code_reading import readers_own
from jobs.console_keys import HouseKeys
from jobs.console_link import Role, address, sign_in_link
from jobs.console_outside import LedgerActs, LedgerLog
from jobs.console_proof import VerbProofs
from jobs.console_recalls import LogRecalls
from jobs.console_redrive import LogRedrives
from jobs.process_log import keep_log
from jobs.reference import author_name
from jobs.warehouse import open_warehouse
from pipeline.capture.http.server import serve
from pipeline.metrics import Health
from pipeline.metrics import serve as serve_metrics
from pipeline.settings import load_settings

app = typer.Typer(help="The ledger in a browser.", add_completion=False)

_ANSWER_SECONDS = 60.0
AskedOption = Annotated[
    bool | None,
    typer.Option(
        "--findings/--no-findings",
        help="Whether somebody asks the scheduled questions: without them no site is found silent, and Now says so. "
        "Left out: not known.",
    ),
]


@app.callback(invoke_without_command=True)
def console(context: typer.Context, findings: AskedOption = None) -> None:
    """Serve the console; see `console link` for signing in. Settings come from the environment."""
    if context.invoked_subcommand is not None:
        return
    keep_log()
    settings = load_settings()
    asking = Asking(lambda: open_warehouse(settings, timeout_seconds=_ANSWER_SECONDS))
    users, keys = UserBook(settings.home), HouseKeys(settings.home)
    proofs = VerbProofs()
    desk = Desk(
        asking, users, keys, LedgerActs(settings), LedgerLog(settings), address(settings),
        proofs=proofs, redrives=LogRedrives(settings), recalls=LogRecalls(settings),
        conventions=readers_own().conventions, are_questions_asked=findings,
    )  # fmt: skip
    port, host = settings.health_port, settings.health_host
    metrics = serve_metrics(port, lambda: Health(ok=True), host) if port else None
    serve(
        build_app(desk),
        settings.console_host,
        settings.console_port,
        closing=desk.closing.set,
        setting="SCANLEDGER_CONSOLE_PORT",
    )
    if metrics is not None:
        metrics.close()
    proofs.close()
    asking.close()


@app.command()
def link(
    user: Annotated[str, typer.Option("--user", help="Whom it signs in; the name of the login if left out.")] = "",
    role: Annotated[
        Role | None, typer.Option(help="The user's role from now on; one who is new is admin if left out.")
    ] = None,
) -> None:
    """Print a link that signs somebody in: once, within 15 minutes."""
    typer.echo(sign_in_link(load_settings(), author_name(user), role))
