"""The standards that are tested against: they lie beside the project; where they do not, tests skip."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_NAME = Path("shared") / "standards"


@cache
def standard(name: str) -> Any:  # noqa: ANN401  JSON
    """Return a file of the standards; skips the test where there is none."""
    found = [parent / _NAME / name for parent in Path(__file__).parents if (parent / _NAME / name).is_file()]
    if not found:
        pytest.skip(f"there is no {_NAME / name} beside the project")
    return json.loads(found[0].read_text(encoding="utf-8"))
