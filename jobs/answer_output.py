"""How verbs print a statistic's answer: one JSON object, or its rows as a table with the rest said beside it."""

import json
import sys

from analytics.answers import Answer
from jobs.output import Format, note, show

_ROWS = ("points", "fits", "groups", "forecast", "causes", "warnings", "columns", "rows")
_OF_PROGRAMS = ("kind", "report", "title", "view", "sql")
"""What a report says for programs, and its table need not say again."""
_MAIN = {
    "weibull": "fits", "logrank": "groups", "nevada": "forecast", "causes": "causes", "warnings": "warnings",
    "report": "rows",
}  # fmt: skip


def show_answer(answer: Answer, *, as_json: bool, fmt: Format) -> None:
    """Print the whole answer as JSON; in other formats its rows, the rest on stderr."""
    if as_json or fmt is Format.JSON:
        json.dump(answer, sys.stdout, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
        return
    passed_over = (*_ROWS, *_OF_PROGRAMS) if answer["kind"] == "report" else _ROWS
    for name, said in answer.items():
        if name not in passed_over and said not in ([], {}, "", None):
            note(f"{name}: {json.dumps(said, ensure_ascii=False)}")
    named = [column["name"] for column in answer["columns"]] if "columns" in answer else None
    show(answer[_MAIN.get(answer["kind"], "points")], fmt=fmt, title=answer.get("title", ""), columns=named)
