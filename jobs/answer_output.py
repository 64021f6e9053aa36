"""How verbs print a statistic's answer: one JSON object, or its rows as a table with the rest said beside it."""

import json
import sys

from analytics.answers import Answer
from analytics.reasons import removed_said
from jobs.output import Format, note, show

_ROWS = ("points", "fits", "groups", "forecast", "causes", "warnings", "columns", "rows")
_OF_PROGRAMS = {"report": ("kind", "report", "title", "view", "sql"), "rates": ("kind", "rate", "by", "n")}
"""What a report or a rate says for programs, and its table need not say again."""
_SAID_IN_WORDS = "removed_before"
_MAIN = {
    "weibull": "fits", "logrank": "groups", "nevada": "forecast", "causes": "causes", "warnings": "warnings",
    "report": "rows", "rates": "rows",
}  # fmt: skip


def show_answer(answer: Answer, *, as_json: bool, fmt: Format) -> None:
    """Print the whole answer as JSON; in other formats its rows, the rest on stderr."""
    if as_json or fmt is Format.JSON:
        json.dump(answer, sys.stdout, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
        return
    note_beside(answer)
    named = [column["name"] for column in answer["columns"]] if "columns" in answer else None
    show(answer[_MAIN.get(answer["kind"], "points")], fmt=fmt, title=answer.get("title", ""), columns=named)


def note_beside(answer: Answer) -> None:
    """Say on stderr what stands beside the rows, and in words since when the answer goes back."""
    passed_over = (*_ROWS, _SAID_IN_WORDS, *_OF_PROGRAMS.get(answer["kind"], ()))
    for name, said in answer.items():
        if name not in passed_over and said not in ([], {}, "", None):
            note(f"{name}: {json.dumps(said, ensure_ascii=False)}")
    if removed := removed_said(answer):
        note(removed)
