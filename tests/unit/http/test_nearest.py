"""What somebody may have meant: told of the first unknown words of a request, and looked for no further."""

import difflib
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from pipeline.capture.http.check import check
from pipeline.capture.http.keys import Key
from pipeline.capture.http.lines import read_lines
from pipeline.capture.http.malformed import Malformed
from pipeline.capture.http.nearest import Nearest
from tests.http_house import SITE, Fields, a_scan

KEY = Key("k", "n", "site", (SITE,), "", 0)
_LOOKED_UP = difflib.get_close_matches


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Returns the words that were looked up, as they are."""
    asked: list[str] = []

    def look_up(word: str, *told: Any, **more: Any) -> list[str]:  # noqa: ANN401  as it is called
        asked.append(word)
        return _LOOKED_UP(word, *told, **more)

    monkeypatch.setattr(difflib, "get_close_matches", look_up)
    return asked


def faults(scan: Callable[[int], Fields]) -> list[Malformed]:
    """Returns what is wrong with 1,000 scans."""
    return check(read_lines(orjson.dumps([scan(n) for n in range(1_000)]), "json"), KEY, 0).malformed


def test_a_step_that_is_wrong_a_thousand_times_is_looked_up_once(words: list[str]) -> None:
    messages = {fault.message for fault in faults(lambda _: a_scan(step="RETUR"))}
    assert messages == {"'RETUR' is no step; did you mean RETURN?"}
    assert words == ["RETUR"]


def test_a_thousand_unknown_steps_are_all_told_and_a_hundred_looked_up(words: list[str]) -> None:
    messages = [fault.message for fault in faults(lambda n: a_scan(step=f"STORE{n:03}"))]
    assert len(words) == 100
    assert messages[99] == "'STORE099' is no step; did you mean STORE?"
    assert messages[100].startswith("'STORE100' is no step; there are COMMISSION, ")
    assert len(messages) == 1_000


def test_thousands_of_unknown_fields_are_all_told_and_a_hundred_looked_up(words: list[str]) -> None:
    found = faults(lambda n: a_scan() | {f"reader{n:03}{letter}": "x" for letter in "abcd"})
    assert len(words) == 100
    assert found[99].message == "a scan has no field 'reader024d'; did you mean reader?"
    assert found[100].message == "a scan has no field 'reader025a'"
    assert len(found) == 4_000


def test_a_word_that_was_looked_up_is_known_behind_the_hundredth() -> None:
    nearest = Nearest(("SELL", "STORE"), 0.5)
    assert nearest.of("SEL") == "SELL"
    assert {nearest.of(f"{n:03}") for n in range(99)} == {None}
    assert (nearest.of("SEL"), nearest.of("STOR")) == ("SELL", None)
