"""The verb `agent`: a site's offline buffer, and what one can ask of it."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs import arguments
from jobs.output import Format, FormatOption, JsonOption, note, show
from pipeline.agent.agent import Patience
from pipeline.agent.key import ApiKey
from pipeline.agent.lines import Source
from pipeline.agent.lock import is_running
from pipeline.agent.report import Say
from pipeline.agent.requests import Deed, write_request
from pipeline.agent.sources.follow import FollowedFile
from pipeline.agent.sources.serial_line import serial_line
from pipeline.agent.sources.stream import Stream
from pipeline.agent.sources.wedge import wedge
from pipeline.agent.spool import Spool
from pipeline.agent.status import refused_in, status_of
from pipeline.errors import SettingsWrong

app = typer.Typer(help="Keep a site's lines on disk, and send them when the network allows.", add_completion=False)

LEFT = 1
"""Exit code: lines wait, or some were refused."""
_LIST = ("number", "refused_at", "stage", "reason", "field", "message", "text")

SpoolOption = Annotated[Path, typer.Option("--spool", help="The agent's folder.")]
NumbersArgument = Annotated[list[int] | None, typer.Argument(help="As `agent refused` numbers them; all if left out.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Only those with this reason, as FUTURE_TIME.")]
FIELD = "Of every line that does not say it itself"


@app.callback(invoke_without_command=True)
def agent(  # noqa: PLR0913, PLR0917  one parameter per option
    context: typer.Context,
    spool: Annotated[Path | None, typer.Option("--spool", help="Folder of the lines; made if missing.")] = None,
    url: Annotated[str, typer.Option(help="Where capture is.", envvar="SCANLEDGER_URL")] = "",
    key_file: Annotated[
        Path | None, typer.Option(help="File with the API key; SCANLEDGER_KEY holds it otherwise.")
    ] = None,
    follow: Annotated[Path | None, typer.Option(help="Take the lines of this growing file.")] = None,
    serial: Annotated[str, typer.Option(help="Take lines from this serial line, as /dev/ttyUSB0.")] = "",
    baud: Annotated[int, typer.Option(min=50, help="Speed of the serial line.")] = 9600,
    wedge_device: Annotated[
        Path | None, typer.Option("--wedge", help="Take what this keyboard reader types, as /dev/input/event7.")
    ] = None,
    site: Annotated[str, typer.Option(help=f"{FIELD}: where it was seen.")] = "",
    step: Annotated[str, typer.Option(help=f"{FIELD}: what was done, as RECEIVE.")] = "",
    reader: Annotated[str, typer.Option(help=f"{FIELD}: the device that read it.")] = "",
    location: Annotated[str, typer.Option(help=f"{FIELD}: place within the site.")] = "",
    operator: Annotated[str, typer.Option(help=f"{FIELD}: who held it, a pseudonym.")] = "",
    document: Annotated[str, typer.Option(help=f"{FIELD}: asn:…, order:…, rma:…, count:…")] = "",
    destination: Annotated[str, typer.Option(help=f"{FIELD}: the site a shipment goes to.")] = "",
    container: Annotated[str, typer.Option(help=f"{FIELD}: the container, in any syntax.")] = "",
    lot: Annotated[str, typer.Option(help=f"{FIELD}: lot or batch.")] = "",
    condition: Annotated[str, typer.Option(help=f"{FIELD}: disposition (CBV).")] = "",
    source: Annotated[str, typer.Option(help=f"{FIELD}: the system that sends it.")] = "",
    attribute: Annotated[list[str] | None, typer.Option(help=f"{FIELD}: NAME=VALUE; may be repeated.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Take what is there, send it, end.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds without getting on that end --once.")] = 60,
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="Most scans of a request.")] = 1000,
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help="Print a JSON object for each line that is on disk.")
    ] = False,
) -> None:
    """Take lines, each a code or a scan as JSON, from standard input or what an option names; keep and send them.

    A line has its own time and name from when it is read, is on disk before it counts, and is sent in order until it is
    acknowledged, over lost networks, kill -9 and power cuts. SIGTERM ends in order.
    """
    if context.invoked_subcommand is not None:
        return
    if spool is None:
        message = "name the folder of the lines"
        raise typer.BadParameter(message, param_hint="--spool")
    texts = {
        "site": site, "reader": reader, "location": location, "operator": operator, "document": document,
        "destination": destination, "container": container, "lot": lot, "condition": condition, "source": source,
    }  # fmt: skip
    fixed: dict[str, Any] = {name: text for name, text in texts.items() if text}
    if step:
        fixed["step"] = arguments.step(step)
    if attribute:
        fixed["attributes"] = arguments.pairs(attribute)
    from jobs.agent_at_work import Wanted, run  # noqa: PLC0415  status and the like do without

    run(
        Wanted(
            spool=spool,
            url=_url(url),
            key=ApiKey(os.environ.get("SCANLEDGER_KEY", "").strip(), key_file),
            fixed=fixed,
            source=_source(follow, serial, baud, wedge_device, once=once),
            most_scans=batch,
            patience=Patience(timeout, timeout) if once else Patience(),
            acknowledges=acknowledge,
        )
    )
    _say_what_is_left(spool, once=once)


@app.command()
def status(spool: SpoolOption, as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """Show what waits, since when and why, and what became of the rest; the agent may be running or not."""
    row = status_of(spool)
    if as_json or fmt is not Format.TABLE:
        show([row], as_json=as_json, fmt=fmt)
    else:
        told = row | {"outcomes": ", ".join(f"{name} {count:,}" for name, count in row["outcomes"].items())}
        show([{"": name, "value": value} for name, value in told.items() if value not in (None, "")])


@app.command()
def refused(
    spool: SpoolOption, reason: ReasonOption = "", as_json: JsonOption = False, fmt: FormatOption = Format.TABLE
) -> None:
    """List what was refused, why, and what was read."""
    rows = [
        {"number": number, **vars(one)}
        for number, one in refused_in(spool).items()
        if reason.strip().upper() in ("", one.reason)
    ]
    columns = None if as_json or fmt is not Format.TABLE else _LIST
    show(rows, as_json=as_json, fmt=fmt, columns=columns or (*_LIST, "line", "receipt"))


@app.command()
def retry(spool: SpoolOption, numbers: NumbersArgument = None, reason: ReasonOption = "") -> None:
    """Send refused scans again as they are, once what was wrong is put right."""
    _ask(spool, "retry", numbers, reason)


@app.command()
def forget(spool: SpoolOption, numbers: NumbersArgument = None, reason: ReasonOption = "") -> None:
    """Let go of what was refused and needs nothing done."""
    _ask(spool, "forget", numbers, reason)


def _ask(spool: Path, do: Deed, numbers: Sequence[int] | None, reason: str) -> None:
    wanted = reason.strip().upper()
    found = [
        number
        for number, one in refused_in(spool).items()
        if (not numbers or number in numbers) and wanted in ("", one.reason) and (do == "forget" or one.is_scan)
    ]
    if not found:
        note("There is nothing to be done: `scanledger agent refused` lists what there is.")
        raise typer.Exit(LEFT)
    write_request(spool, do, found)
    when = "within a second" if is_running(spool) else "when it runs next"
    note(f"{len(found):,} noted; the agent does it {when}.")


def _url(given: str) -> str:
    """Return where capture is: as told, else that of the local stack."""
    if given:
        return given
    from pipeline.settings import load_settings  # noqa: PLC0415  0.5 s that an agent who is told need not pay

    url = load_settings().capture_url
    if not url:
        message = "Where is capture? Give --url, or set SCANLEDGER_URL, as https://ledger.example."
        raise SettingsWrong(message)
    return url


def _source(
    follow: Path | None, serial: str, baud: int, device: Path | None, *, once: bool
) -> Callable[[Spool, Say], Source]:
    if sum(bool(one) for one in (follow, serial, device)) > 1:
        message = "--follow, --serial and --wedge: one of them"
        raise typer.BadParameter(message)
    if once and (serial or device):
        message = "--once is for what ends: standard input or a file"
        raise typer.BadParameter(message)

    def opened(spool: Spool, say: Say) -> Source:
        if follow:
            file = follow.absolute()
            return FollowedFile(file, spool.places(str(file)), say, once=once)
        if serial:
            return serial_line(serial, baud, say)
        if device:
            return wedge(device, say)
        if sys.stdin.isatty():
            say("Scan or type lines; Ctrl-D ends.")
        return Stream(sys.stdin.fileno())

    return opened


def _say_what_is_left(spool: Path, *, once: bool) -> None:
    left = status_of(spool)
    if left["waiting"]:
        note(f"{left['waiting']:,} lines wait in {spool}; the agent sends them when it runs next.")
    if left["refused"]:
        note(f"{left['refused']:,} were refused: scanledger agent refused --spool {spool}")
    if once and (left["waiting"] or left["refused"]):
        raise typer.Exit(LEFT)
