"""How verbs print a statistic's answer: one JSON object, or its rows as a table with the rest said beside it."""

import json
import sys

from analytics.answers import Answer
from jobs.output import Format, note, show

_ROWS = ("points", "fits", "groups", "forecast", "causes", "warnings")
_MAIN = {"weibull": "fits", "logrank": "groups", "nevada": "forecast", "causes": "causes", "warnings": "warnings"}


def show_answer(answer: Answer, *, as_json: bool, fmt: Format) -> None:
    """Print the whole answer as JSON; in other formats its rows, the rest on stderr."""
    if as_json or fmt is Format.JSON:
        json.dump(answer, sys.stdout, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
        return
    for name, said in answer.items():
        if name not in _ROWS and said not in ([], {}, ""):
            note(f"{name}: {json.dumps(said, ensure_ascii=False)}")
    show(answer[_MAIN.get(answer["kind"], "points")], fmt=fmt)
