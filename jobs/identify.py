"""The verb `identify`: what a code means, whatever its syntax, and what is wrong with it."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from jobs.output import JsonOption, note, show
from jobs.unreadable import why_unreadable
from pipeline.domain.identifiers import (
    BadConvention,
    Convention,
    Finding,
    Identified,
    PrefixTable,
    gaps,
    identify,
    read_conventions,
    read_prefix_table,
)
from pipeline.domain.identifiers.identified import FORMS

app = typer.Typer(add_completion=False)

NOT_RIGHT = 1
_PREFIX_HELP = "Digits of the GS1 Company Prefix, where an EPC is wanted and the code does not say."
_PREFIXES_HELP = (
    "A table of them: GS1's list of prefix formats (JSON or XML), or lines of prefix,length; where it knows none,"
    " --company-prefix counts."
)
_LINES_HELP = "Read one code a line from stdin, write one object a line."
_LENIENT_HELP = "Accept raw element strings that have lost their FNC1."
_CONVENTIONS_HELP = "Codes of your own making, declared in TOML; gaps in their numbers are reported at the end."

Json = dict[str, object]
Read = Callable[[str], Identified]


@app.command(name="identify")
def identify_codes(  # noqa: PLR0913, PLR0917  one parameter per option
    codes: Annotated[list[str] | None, typer.Argument(help="Codes in any syntax; ^ stands for FNC1.")] = None,
    lines: Annotated[bool, typer.Option("--lines", help=_LINES_HELP)] = False,
    as_json: JsonOption = False,
    company_prefix: Annotated[int | None, typer.Option(min=4, max=12, help=_PREFIX_HELP)] = None,
    company_prefixes: Annotated[Path | None, typer.Option(help=_PREFIXES_HELP)] = None,
    lenient: Annotated[bool, typer.Option("--lenient", help=_LENIENT_HELP)] = False,
    conventions: Annotated[Path | None, typer.Option(help=_CONVENTIONS_HELP)] = None,
) -> None:
    """Say what codes mean: unit key, class, attributes and every other form, or what is wrong and what would be right.

    Exit code 1 where a code given as an argument is wrong; with --lines always 0, as each line says its own.
    """
    declared = _conventions(conventions)
    prefix = _prefixes(company_prefixes, company_prefix) if company_prefixes else company_prefix
    this_year = time.gmtime().tm_year

    def read(code: str) -> Identified:
        return identify(
            code, company_prefix=prefix, lenient=lenient, conventions=declared, this_year=this_year
        )  # fmt: skip

    if not codes and not lines:
        message = "give codes as arguments, or --lines to read them from stdin"
        raise typer.BadParameter(message)
    if lines:
        _answer_lines(sys.stdin.buffer, read, declared)
        return
    results = [_read_bytes(os.fsencode(code), read) for code in codes or ()]
    _answer(results, as_json=as_json)
    _note_gaps(declared, codes or ())
    if not all(result.ok for result in results):
        raise typer.Exit(NOT_RIGHT)


def _answer_lines(lines: BinaryIO, read: Read, declared: tuple[Convention, ...]) -> None:
    """Write one object a line, each as soon as it is known; codes are kept only to find gaps among them."""
    seen = []
    for line in lines:
        found = _read_bytes(line.removesuffix(b"\n").removesuffix(b"\r"), read)
        sys.stdout.write(json.dumps(as_object(found)) + "\n")
        sys.stdout.flush()
        if declared:
            seen.append(found.input)
    _note_gaps(declared, seen)


def _read_bytes(code: bytes, read: Read) -> Identified:
    """Read a code; bytes that are no UTF-8 are no code, and shown as U+FFFD."""
    try:
        return read(code.decode())
    except UnicodeDecodeError as error:
        fault = Finding(f"byte {error.start + 1}", "utf8", "these bytes are no UTF-8")
        return Identified(code.decode(errors="replace"), "unknown", None, None, {}, (), (fault,))


def _answer(results: list[Identified], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([as_object(result) for result in results], indent=2) + "\n")
        return
    for result in results:
        _show_to_people(result)


def as_object(found: Identified) -> Json:
    """Return a code as the JSON object that --json writes."""
    return {
        "input": found.input,
        "ok": found.ok,
        "syntax": found.syntax,
        "unit_key": found.unit_key,
        "class_key": found.class_key,
        **{form: getattr(found, form) for form in FORMS},
        "attributes": found.attributes,
        "warnings": [_as_object(finding) for finding in found.warnings],
        "errors": [_as_object(finding) for finding in found.errors],
    }


def _as_object(finding: Finding) -> Json:
    return {name: getattr(finding, name) for name in ("where", "rule", "message", "nearest")}


def _conventions(file: Path | None) -> tuple[Convention, ...]:
    if file is None:
        return ()
    try:
        return read_conventions(_text(file))
    except BadConvention as error:
        message = f"{file}: {error}"
        raise typer.BadParameter(message) from error


def _prefixes(file: Path, otherwise: int | None) -> PrefixTable:
    """Read a table of company prefixes; `otherwise` is the length where the table has none."""
    table = read_prefix_table(_text(file))
    if not table.lengths:
        message = (
            f"{file} has no company prefix: give GS1's list of prefix formats (JSON or XML), or lines of prefix,length"
        )
        raise typer.BadParameter(message)
    return replace(table, otherwise=otherwise)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read: {why_unreadable(error)}"
        raise typer.BadParameter(message) from error


def _note_gaps(declared: tuple[Convention, ...], codes: Iterable[str]) -> None:
    for gap in gaps(declared, codes):
        note(f"{gap.where}: {gap.message}")


def _show_to_people(found: Identified) -> None:
    rows: list[Json] = [
        {"": name, "value": value}
        for name, value in as_object(found).items()
        if value is not None and name not in ("input", "attributes", "warnings", "errors")
    ]
    rows += [{"": f"({ai})" if ai.isdigit() else ai, "value": value} for ai, value in found.attributes.items()]
    for kind, findings in (("warning", found.warnings), ("error", found.errors)):
        for finding in findings:
            rows.append({"": kind, "value": f"{finding.where}: {finding.message}"})
            rows += [{"": "nearest", "value": finding.nearest}] if finding.nearest else []
    show(rows, title=found.input)
