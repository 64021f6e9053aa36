"""Every golden example decodes, or is refused, as it always was."""

from typing import Any

import pytest

from pipeline.wire.framing import Undecodable
from pipeline.wire.scan import ERRORS, decode_scans
from pipeline.wire.schemas import catalogue, decode
from tests.contract.golden import Example, examples
from tests.contract.scan_rows import framed, row_of

EXAMPLES = examples()
VALID = [example for example in EXAMPLES if example.value is not None]
INVALID = [example for example in EXAMPLES if example.error is not None]


def of_scan(chosen: list[Example]) -> list[Example]:
    return [example for example in chosen if example.record == "scan"]


def test_every_version_of_every_record_has_an_example() -> None:
    shown = {(example.record, example.version) for example in VALID}
    assert shown == {(known.record, known.version) for known in catalogue().versions()}


def test_every_reason_to_refuse_a_value_has_an_example() -> None:
    assert {example.error for example in of_scan(INVALID)} == set(ERRORS) - {"", "NO_VALUE"}


@pytest.mark.parametrize("example", VALID, ids=str)
def test_a_valid_example_decodes_into_what_it_says(example: Example) -> None:
    record, value = decode(example.framed)
    assert record == example.record
    assert example.value is not None
    assert _as_known_then(value, example.value) == example.value


def _as_known_then(value: Any, then: Any) -> Any:  # noqa: ANN401  a record, its parts
    """Leave out the fields that a newer version added."""
    return {name: _as_known_then(value[name], then[name]) for name in then} if isinstance(then, dict) else value


@pytest.mark.parametrize("example", [example for example in VALID if example.is_canonical], ids=str)
def test_a_valid_example_is_encoded_into_the_same_bytes(example: Example) -> None:
    assert example.value is not None
    assert catalogue().encode(example.record, example.value, example.version) == example.framed


@pytest.mark.parametrize("example", [example for example in INVALID if example.record != "scan"], ids=str)
def test_an_invalid_example_is_refused(example: Example) -> None:
    with pytest.raises(Undecodable) as refused:
        decode(example.framed)
    assert refused.value.error == example.error


def test_all_scans_that_are_examples_decode_in_one_batch_each_as_it_says() -> None:
    chosen = of_scan(EXAMPLES)
    columns = decode_scans([example.framed for example in chosen])
    found = {str(example): ERRORS[columns.error[row]] for row, example in enumerate(chosen)}
    assert found == {str(example): example.error or "" for example in chosen}
    for row, example in enumerate(chosen):
        if example.value is not None:
            decoded = row_of(columns, row)
            assert {name: decoded[name] for name in example.value} == example.value


@pytest.mark.parametrize("example", of_scan(INVALID), ids=str)
def test_a_bad_scan_does_not_disturb_its_neighbours(example: Example) -> None:
    columns = decode_scans([framed(scan_id="before"), example.framed, framed(scan_id="after")])
    assert [ERRORS[code] for code in columns.error] == ["", example.error, ""]
    assert (columns.length[:, 1] == -1).all()
    assert [row_of(columns, row)["scan_id"] for row in (0, 2)] == ["before", "after"]
