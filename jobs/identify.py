"""The verb `identify`: what a code means, whatever its syntax, and what is wrong with it."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated, BinaryIO

import typer

from jobs.output import JsonOption, show
from pipeline.domain.identifiers import Finding, Identified, identify
from pipeline.domain.identifiers.identified import FORMS

app = typer.Typer(add_completion=False)

NOT_RIGHT = 1
_PREFIX_HELP = "Digits of the GS1 Company Prefix, where an EPC is wanted and the code does not say."
_LENIENT_HELP = "Accept raw element strings that have lost their FNC1."

Json = dict[str, object]


@app.command(name="identify")
def identify_codes(
    codes: Annotated[list[str] | None, typer.Argument(help="Codes in any syntax; ^ stands for FNC1.")] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Read one code a line from stdin, write one object a line.")
    ] = False,
    as_json: JsonOption = False,
    company_prefix: Annotated[int | None, typer.Option(min=4, max=12, help=_PREFIX_HELP)] = None,
    lenient: Annotated[bool, typer.Option("--lenient", help=_LENIENT_HELP)] = False,
) -> None:
    """Say what codes mean: unit key, class, attributes and every other form, or what is wrong and what would be right.

    Exit code 1 where a code given as an argument is wrong; with --lines always 0, each line says its own.
    """
    if lines:
        for code in _lines_of(sys.stdin.buffer):
            found = identify(code, company_prefix=company_prefix, lenient=lenient)
            sys.stdout.write(json.dumps(as_object(found)) + "\n")
            sys.stdout.flush()
        return
    if not codes:
        message = "give codes as arguments, or --lines to read them from stdin"
        raise typer.BadParameter(message)
    results = [identify(code, company_prefix=company_prefix, lenient=lenient) for code in codes]
    if as_json:
        sys.stdout.write(json.dumps([as_object(result) for result in results], indent=2, ensure_ascii=False) + "\n")
    else:
        for result in results:
            _show_to_people(result)
    if not all(result.ok for result in results):
        raise typer.Exit(NOT_RIGHT)


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
        "warnings": [_finding(finding) for finding in found.warnings],
        "errors": [_finding(finding) for finding in found.errors],
    }


def _finding(finding: Finding) -> Json:
    return {
        "where": finding.where, "rule": finding.rule, "message": finding.message, "nearest": finding.nearest
    }  # fmt: skip


def _lines_of(stream: BinaryIO) -> Iterator[str]:
    """Yield lines without their end; bytes that are no UTF-8 become U+FFFD, which no code has."""
    for line in stream:
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode(errors="replace")


def _show_to_people(found: Identified) -> None:
    rows: list[Json] = [
        {"": name, "value": value}
        for name, value in as_object(found).items()
        if value not in (None, [], {}) and name not in ("input", "attributes", "warnings", "errors")
    ]
    rows += [{"": f"({ai})", "value": value} for ai, value in found.attributes.items()]
    for kind, findings in (("warning", found.warnings), ("error", found.errors)):
        for finding in findings:
            rows.append({"": kind, "value": f"{finding.where}: {finding.message}"})
            rows += [{"": "nearest", "value": finding.nearest}] if finding.nearest else []
    show(rows, title=found.input)
