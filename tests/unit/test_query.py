"""What ClickHouse refuses is said in a sentence, and by the name that its manual lists."""

import pytest

from jobs.query import in_short

_BEGIN = (
    "ClickHouse at http://127.0.0.1:1 refused: Received ClickHouse exception, code: 60, server response: Code: 60. "
)
_END = " (version 26.9.2.1) (for url http://127.0.0.1:1)"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            "Unknown table expression identifier 'nowhere'. In scope SELECT * FROM nowhere. (UNKNOWN_TABLE)",
            "Unknown table expression identifier 'nowhere'. (UNKNOWN_TABLE)",
        ),
        (
            "Unknown expression identifier `numbr`. In scope SELECT 1. Maybe you meant: ['number']. (UNKNOWN_ID)",
            "Unknown expression identifier `numbr`. Maybe you meant: ['number']. (UNKNOWN_ID)",
        ),
        (
            "Syntax error: failed at position 14 (x) (line 1, col 14): x\n FORMAT ArrowStream. Expected one of: AS."
            " (SYNTAX_ERROR)",
            "Syntax error: failed at position 14 (x) (line 1, col 14): x. (SYNTAX_ERROR)",
        ),
        (
            "no. really: while executing 'FUNCTION throwIf(1_UInt8 :: 1)'. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)",
            "no. really. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)",
        ),
    ],
)  # fmt: skip
def test_a_refusal_is_its_first_sentence_a_hint_and_its_name(told: str, said: str) -> None:
    assert in_short(f"{_BEGIN}Code: 60. DB::Exception: {told}{_END}") == f"ClickHouse refused: {said}"


def test_a_refusal_in_other_words_stays_as_it_is() -> None:
    assert in_short("ClickHouse at http://127.0.0.1:1 refused: it says nothing") == (
        "ClickHouse at http://127.0.0.1:1 refused: it says nothing"
    )
