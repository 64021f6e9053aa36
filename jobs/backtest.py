"""The verb `backtest`: a lifecycle or modes tried on the history before anybody loads them."""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs import arguments
from jobs.bars import counting
from jobs.lifecycle_file import read_lifecycle
from jobs.modes import read_modes
from jobs.output import Format, FormatOption, JsonOption, note, show
from jobs.warehouse import open_warehouse
from pipeline.broker.admin import check_topics
from pipeline.domain.lifecycle import Lifecycle
from pipeline.settings import load_settings
from pipeline.warehouse.client import Warehouse

if TYPE_CHECKING:
    from pipeline.proof.backtest import Change, Tried

app = typer.Typer(help="Try a lifecycle or modes on the history before they are loaded.", add_completion=False)

DIFFERENT = 1

LifecycleOption = Annotated[
    list[str] | None,
    typer.Option("--lifecycle", metavar="NAME|FILE", help="To try; may be repeated. None: the rules as they were."),
]
ModesOption = Annotated[
    Path | None,
    typer.Option(
        "--modes", metavar="FILE", help="Modes to try in place of those in force, as `modes load` reads them."
    ),
]
SinceOption = Annotated[
    str, typer.Option("--since", metavar="T", help=f"When it would have been loaded: {arguments.TIME_FORM}.")
]
MostOption = Annotated[int, typer.Option("--most", min=1, help="At most so many changes, those of most scans.")]
_CHANGE = ("change", "now", "would_be", "item", "site", "scans", "example_unit", "example_scan")

Row = dict[str, object]


@app.callback(invoke_without_command=True)
def backtest(  # noqa: PLR0913, PLR0917  one parameter per option
    lifecycle: LifecycleOption = None,
    modes: ModesOption = None,
    since: SinceOption = "",
    most: MostOption = 50,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Fold the history as if rules had been loaded at T: what would be rejected, flagged or allowed instead.

    Before T everything is folded as it was, so units come to T in the states they had; scans received from T on are
    compared, late ones and corrections included. Without --lifecycle and --modes every difference is a fault, and the
    exit code 1.
    """
    from pipeline.ledger.where import where_of  # noqa: PLC0415  the rules take seconds to load: not for --help
    from pipeline.proof.backtest import Backtest  # noqa: PLC0415
    from pipeline.proof.trial import Candidates  # noqa: PLC0415

    candidates = Candidates(_lifecycles(lifecycle or []), None if modes is None else read_modes(modes))
    settings, since_ms = load_settings(), arguments.moment(since) if since else None
    partitions = check_topics(settings)
    begun = time.perf_counter()
    with open_warehouse(settings) as warehouse:
        with counting("folded") as progress:
            wheres = [where_of(settings, partition, partitions) for partition in range(partitions)]
            tried = Backtest(warehouse, candidates, since_ms).run(wheres, progress)
        rows = _rows(warehouse, tried.changes[:most])
    seconds = time.perf_counter() - begun
    if as_json or fmt is Format.JSON:
        sys.stdout.write(json.dumps(_told(tried, rows, seconds), indent=2, ensure_ascii=False) + "\n")
    else:
        _show(tried, rows, fmt)
        note(f"{tried.folded:,} records folded, {tried.scans:,} scans compared in {seconds:.1f} s.")
        _remark(tried)
    if candidates.is_none and not tried.is_same:
        raise typer.Exit(DIFFERENT)


def _lifecycles(names: Sequence[str]) -> tuple[Lifecycle, ...]:
    """Return the lifecycles to try; of two of one name only one could be in force."""
    candidates = tuple(read_lifecycle(name) for name in names)
    twice = [name for name, count in Counter(one.name for one in candidates).items() if count > 1]
    if twice:
        message = f"there are two lifecycles {twice[0]}: try one at a time"
        raise typer.BadParameter(message, param_hint="--lifecycle")
    return candidates


def _rows(warehouse: Warehouse, changes: Sequence["Change"]) -> list[Row]:
    """Return changes as they are shown, each with the first scan it concerns."""
    places = ", ".join(f"({change.partition}, {change.ordinal})" for change in changes) or "(0, 0)"
    unit = "if(item = '', serial, concat(item, '/', serial))"
    sql = f"SELECT partition, ordinal, {unit}, scan_id FROM unit_events WHERE (partition, ordinal) IN ({places})"  # noqa: S608  numbers
    found = warehouse.query_rows(sql)
    examples = {(partition, ordinal): (unit, scan) for partition, ordinal, unit, scan in found}
    return [_row(change, examples[change.partition, change.ordinal]) for change in changes]


def _row(change: "Change", example: tuple[str, str]) -> Row:
    now, would_be = (change.outcome, change.reason), (change.new_outcome, change.new_reason)
    told = (change.change, _decision(*now), _decision(*would_be), change.item, change.site, change.scans, *example)
    return dict(zip(_CHANGE, told, strict=True))


def _decision(outcome: str, reason: str) -> str:
    return outcome if reason == "NONE" else f"{outcome} {reason}"


def _totals(tried: "Tried") -> dict[str, int]:
    totals = Counter({"rejected": 0, "flagged": 0, "allowed": 0, "other": 0})
    for change in tried.changes:
        totals[change.change] += change.scans
    return dict(totals)


def _decisions(tried: "Tried") -> list[Row]:
    """Return the changes of all items and sites together, those of most scans first."""
    scans: Counter[tuple[str, str, str]] = Counter()
    for one in tried.changes:
        now, would_be = _decision(one.outcome, one.reason), _decision(one.new_outcome, one.new_reason)
        scans[one.change, now, would_be] += one.scans
    return [dict(zip(_CHANGE[:3], told, strict=True)) | {"scans": count} for told, count in scans.most_common()]


def _alerts(tried: "Tried") -> list[Row]:
    kinds = sorted(tried.openings.keys() | tried.live_openings.keys())
    return [{"kind": kind, "opened": tried.live_openings[kind], "would_open": tried.openings[kind]} for kind in kinds]


def _told(tried: "Tried", rows: list[Row], seconds: float) -> Row:
    return {
        "scans": tried.scans,
        "changed": tried.changed,
        **_totals(tried),
        "first_changed": tried.first_changed,
        "revisions_changed": tried.revisions_changed,
        "decisions": _decisions(tried),
        "changes": rows,
        "changes_in_all": len(tried.changes),
        "alerts": _alerts(tried),
        "decided_by_other_code": tried.foreign,
        "missing_ordinals": tried.missing,
        "left_out": tried.left_out,
        "folded": tried.folded,
        "seconds": round(seconds, 2),
    }


def _show(tried: "Tried", rows: list[Row], fmt: Format) -> None:
    """Print the changes; as tables for people, the totals and the alerts too."""
    if fmt is Format.TABLE:
        totals = [{"would newly be": name, "scans": count} for name, count in _totals(tried).items()]
        show(totals, title=f"of {tried.scans:,} scans")
        show(_alerts(tried), title="alerts", columns=("kind", "opened", "would_open"))
    if rows and fmt is Format.TABLE:
        show(_decisions(tried), title="changed decisions")
    if rows or fmt is not Format.TABLE:
        show(rows, fmt=fmt, title="by item and site", columns=_CHANGE)
    if len(tried.changes) > len(rows):
        note(f"{len(tried.changes) - len(rows):,} more changes of fewer scans: --most {len(tried.changes)} shows all.")


def _remark(tried: "Tried") -> None:
    """Say what makes the comparison less than it seems."""
    if tried.missing:
        note(
            f"{tried.missing:,} ordinals are not in ClickHouse. {tried.left_out:,} scans of units whose beginning is"
            " among them are left out; where nobody removed old months on purpose, run `scanledger verify`."
        )
    if tried.foreign:
        note(f"{tried.foreign:,} scans were decided by code other than this: some changes may be due to that.")
    if tried.is_same:
        note("Nothing would change.")
