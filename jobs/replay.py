"""The verb `replay`: the whole log folded again into side tables, and compared with the ledger's own."""

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.bars import counting
from jobs.migrate import migrations_folder
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.warehouse import open_warehouse
from pipeline.broker import registry
from pipeline.broker.admin import check_topics
from pipeline.settings import Settings, load_settings
from pipeline.warehouse import migrate
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.profiles import profile_named

if TYPE_CHECKING:
    from pipeline.proof.replay import Replayed

app = typer.Typer(help="Fold the whole log again into side tables and compare.", add_completion=False)

DIFFERENT = 1

IntoOption = Annotated[str, typer.Option("--into", metavar="SCHEMA", help="Database made for the side tables.")]
KeepOption = Annotated[bool, typer.Option("--keep", help="Leave the side tables, to look at; else they are dropped.")]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Drop a former replay's database of that name first.")]
TimeoutOption = Annotated[float, typer.Option("--timeout", min=0, help="Seconds to wait for worker and sink.")]

_TABLE = ("table", "compared", "differences", "listed")
_EXAMPLE = ("table", "partition", "ordinal", "identity", "what", "columns")


@app.callback(invoke_without_command=True)
def replay(  # noqa: PLR0913, PLR0917  one parameter per option
    into: IntoOption,
    keep: KeepOption = False,
    replace: ReplaceOption = False,
    timeout: TimeoutOption = 60.0,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Fold every record of both inputs again, from the topics, or from ClickHouse where those have let it go.

    Exit 0 where every table comes out as it is, else 1. What was decided by code other than this is listed, no fault.
    Partitions of which rows were removed on record are left out; where no other has any, it says that nothing was
    replayed.
    """
    settings, begun = load_settings(), time.perf_counter()
    registry.join(settings)
    with open_warehouse(settings) as live, _side_tables(settings, live, into, keep=keep, replace=replace) as side:
        replayed = _replay(settings, (live, side), into, timeout)
    if as_json or fmt is Format.JSON:
        told = _told(replayed) | {"into": into, "kept": keep, "seconds": round(time.perf_counter() - begun, 2)}
        sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    else:
        _show(replayed, fmt)
        note(f"The side tables are in the database {into}." if keep else "The side tables are dropped.")
        note(_conclusion(replayed))
    if not replayed.is_same:
        raise typer.Exit(DIFFERENT)


def _replay(settings: Settings, databases: tuple[Warehouse, Warehouse], into: str, timeout: float) -> "Replayed":
    from pipeline.ledger.where import where_of  # noqa: PLC0415  the rules take seconds to load: not for --help
    from pipeline.proof.replay import Replay  # noqa: PLC0415

    partitions = check_topics(settings)
    wheres = [where_of(settings, partition, partitions) for partition in range(partitions)]
    with counting("replayed") as progress:
        return Replay(settings, *databases, into).run(wheres, timeout, progress)


@contextmanager
def _side_tables(settings: Settings, live: Warehouse, into: str, *, keep: bool, replace: bool) -> Iterator[Warehouse]:
    """Have the side tables as long as the block runs; they go with it, also by Ctrl-C or SIGTERM, unless kept."""
    from pipeline.proof.side import check_name, create_side, drop_side  # noqa: PLC0415

    profile, of = profile_named(settings.clickhouse_profile), settings.clickhouse_database
    check_name(live, into, of=of, replace=replace)
    former = signal.signal(signal.SIGTERM, _interrupt)
    is_done = False
    try:
        create_side(live, into, of=of, profile=profile)
        with open_warehouse(settings.model_copy(update={"clickhouse_database": into})) as side:
            migrate.up(side, migrations_folder(), profile)
            yield side
        is_done = True
    except BaseException:
        keep = False
        raise
    finally:
        signal.signal(signal.SIGTERM, former)
        if not (keep and is_done):
            interrupts = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it
            drop_side(live, into, profile)
            signal.signal(signal.SIGINT, interrupts)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _told(replayed: "Replayed") -> dict[str, object]:
    return {
        "ok": replayed.is_same,
        "from_log": replayed.from_log,
        "from_clickhouse": replayed.from_clickhouse,
        "carried": replayed.carried,
        "tables": _tables(replayed),
        "differences": [asdict(example) for example in replayed.examples],
        "problems": replayed.problems,
        "removed": replayed.removed,
    }


def _conclusion(replayed: "Replayed") -> str:
    if not replayed.is_same:
        return "The replay is NOT the ledger: see above."
    return "Nothing was replayed, so nothing is proved." if replayed.is_empty else "The replay is the ledger."


def _tables(replayed: "Replayed") -> list[dict[str, object]]:
    return [{"table": name} | asdict(result) for name, result in replayed.tables.items()]


def _show(replayed: "Replayed", fmt: Format) -> None:
    """Print the tables, then what differs; formats for machines take what differs with --json."""
    show(_tables(replayed), fmt=fmt, columns=_TABLE)
    if replayed.examples and fmt is Format.TABLE:
        show([asdict(example) for example in replayed.examples], title="differences", columns=_EXAMPLE)
    for problem in replayed.problems[:20]:
        note(problem)
    for partition in replayed.removed:
        note(f"{partition}; it is not replayed.")
    note(
        f"{replayed.from_log:,} records read from the topics, {replayed.from_clickhouse:,} from ClickHouse;"
        f" {replayed.carried:,} dead letters carried over."
    )
