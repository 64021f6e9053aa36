"""The verb `alerts`: list them; acknowledge, assign, close or reopen one, by an act that goes through the log."""

from typing import Annotated

import typer

from analytics.questions import ask
from jobs import arguments
from jobs.alert_acts import act_on
from jobs.cells import readable
from jobs.output import Format, FormatOption, JsonOption, show
from jobs.reference import AuthorOption, TimeoutOption, author_name
from jobs.warehouse import open_warehouse
from pipeline.domain.verdict import ALERT_STATUSES
from pipeline.ledger.assigning import MOST_NAME_BYTES
from pipeline.settings import load_settings
from pipeline.wire.alert_kinds import alert_kinds

app = typer.Typer(help="List, acknowledge, assign, close and reopen alerts.", add_completion=False)

STATUSES = ALERT_STATUSES[1:]
KINDS = tuple(alert_kinds())
LIVE = "open,acknowledged"
NOT_ALL_APPLIED = 1
COLUMNS = (  # programs get the unit's key besides
    "id", "subject", "kind", "opening", "status", "count", "site", "event_time", "opened_at", "changed_at", "author",
    "reason", "assignee",
)  # fmt: skip
_WHERE_IT_IS = ("partition", "ordinal")  # of the act: for who waits until it is sunk

StatusOption = Annotated[
    str, typer.Option("--status", help="Any of open,acknowledged,closed,retracted, joined by commas; or all.")
]
KindOption = Annotated[str, typer.Option("--kind", help=f"Any of {', '.join(KINDS)}, joined by commas.")]
SubjectOption = Annotated[
    str, typer.Option("--subject", help="Of this subject only: unit:KEY, site:NAME, lot:NAME or item:NAME.")
]
UnitOption = Annotated[str, typer.Option("--unit", help="Of this unit only.")]
MostOption = Annotated[int, typer.Option("--most", min=1, help="At most so many, the newest.")]
AlertArgument = Annotated[list[str], typer.Argument(metavar="ALERT...", help="Ids of alerts, as the list shows them.")]
ToOption = Annotated[str, typer.Option("--to", help="Who looks after them from now on; empty for nobody.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the act.")]


@app.callback(invoke_without_command=True)
def alerts(context: typer.Context, as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """List the open alerts; see `alerts list` for others."""
    if context.invoked_subcommand is None:
        list_alerts(as_json=as_json, fmt=fmt)


@app.command("list")
def list_alerts(  # noqa: PLR0913  one parameter per option
    status: StatusOption = LIVE,
    kind: KindOption = "",
    unit: UnitOption = "",
    subject: SubjectOption = "",
    most: MostOption = 1_000,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """List alerts, the newest first; those that are open or acknowledged unless asked otherwise."""
    filters = {
        "statuses": [] if status.strip().lower() == "all" else arguments.words_of(status, STATUSES),
        "kinds": arguments.words_of(kind, KINDS),
        "units": [arguments.unit_key(unit).text] if unit else [subject] if subject else [],
    }
    with open_warehouse(load_settings()) as warehouse:
        rows = ask(warehouse, "alerts", ids=[], most=most, **filters)
    columns = COLUMNS if fmt is Format.TABLE and not as_json else (*COLUMNS, "assigned_by", "unit_key")
    show(readable(rows, as_json=as_json, fmt=fmt), as_json=as_json, fmt=fmt, title="alerts", columns=columns)


@app.command()
def kinds(as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """List the kinds of alerts: what each says, how urgent it is, what to do about it."""
    show([kind._asdict() for kind in alert_kinds().values()], as_json=as_json, fmt=fmt, title="kinds of alerts")


@app.command()
def ack(  # noqa: PLR0913
    alert: AlertArgument,
    reason: ReasonOption = "",
    author: AuthorOption = "",
    timeout: TimeoutOption = 30,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Say that somebody looks after these alerts; evidence goes on being counted."""
    _act_and_show("ALERT_ACKNOWLEDGE", alert, (author, reason), timeout, as_json=as_json, fmt=fmt)


@app.command()
def close(  # noqa: PLR0913
    alert: AlertArgument,
    reason: ReasonOption = "",
    author: AuthorOption = "",
    timeout: TimeoutOption = 30,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Close these alerts; new evidence starts the next opening."""
    _act_and_show("ALERT_CLOSE", alert, (author, reason), timeout, as_json=as_json, fmt=fmt)


@app.command()
def reopen(  # noqa: PLR0913
    alert: AlertArgument,
    reason: ReasonOption = "",
    author: AuthorOption = "",
    timeout: TimeoutOption = 30,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Open these closed alerts again, as the same opening."""
    _act_and_show("ALERT_REOPEN", alert, (author, reason), timeout, as_json=as_json, fmt=fmt)


@app.command()
def assign(  # noqa: PLR0913
    alert: AlertArgument,
    to: ToOption,
    reason: ReasonOption = "",
    author: AuthorOption = "",
    timeout: TimeoutOption = 30,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Give these alerts to somebody; STALE, with who was first, where somebody else was faster."""
    if len(to.encode(errors="replace")) > MOST_NAME_BYTES or not to.isprintable():
        message = f"--to wants a name of at most {MOST_NAME_BYTES} bytes, or nothing for nobody"
        raise typer.BadParameter(message)
    _act_and_show("ALERT_ASSIGN", alert, (author, reason), timeout, as_json=as_json, fmt=fmt, assignee=to.strip())


def _act_and_show(  # noqa: PLR0913
    act: str, alerts: list[str], by: tuple[str, str], timeout: float, *, as_json: bool, fmt: Format,
    assignee: str | None = None,
) -> None:  # fmt: skip
    """Show what came of each; exit 1 where one was not applied."""
    author, reason = by
    rows = act_on(load_settings(), act, alerts, (author_name(author), reason), timeout, assignee)
    shown = [{name: value for name, value in row.items() if name not in _WHERE_IT_IS} for row in rows]
    show(shown, as_json=as_json, fmt=fmt, title=act)
    if any(row["result"] != "APPLIED" for row in rows):
        raise typer.Exit(NOT_ALL_APPLIED)
