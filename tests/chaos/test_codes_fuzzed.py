"""100,000 spoiled codes: none raises or takes long, many are read as one is, and what is good reads back as itself."""

import json
import random
import time
from collections import Counter

import pytest

from jobs.identify import as_object
from pipeline.capture.codes import CodeReader
from pipeline.domain.identifiers import Identified, identify, identify_many, read_conventions
from pipeline.domain.identifiers.identified import FORMS
from pipeline.domain.unit_key import parse
from tests.chaos.figures import told
from tests.mutated_codes import spoiled_code

CODES = 100_000
AT_ONCE = 100
LONGEST_SECONDS = 0.5
CONVENTIONS = read_conventions(
    '[[convention]]\nname = "tag"\npattern = "{year:YYYY}-{category:PUMP|VALVE}-{sequence:N6}"\n'
    'key = "asset:{category}/{code}"\nfirst_year = 2019'
)


def all_of(found: Identified) -> list[object]:
    return [found, *(getattr(found, form) for form in FORMS)]


def assert_good_or_said_why(found: Identified) -> None:
    """Assert that an answer can be trusted: keys are keys, faults are told, every other form means the same."""
    answer = as_object(found)
    assert json.loads(json.dumps(answer)) == answer
    if found.errors:
        assert (found.unit_key, found.class_key) == (None, None)
        assert all(error.where and error.rule and error.message for error in found.errors)
        return
    if found.unit_key is not None:
        assert parse(found.unit_key).text == found.unit_key
    for form in FORMS:
        text = getattr(found, form)
        if text is not None:
            again = identify(text)
            assert (again.errors, again.unit_key, again.class_key) == ((), found.unit_key, found.class_key), text


def assert_one_is_as_many(code: str, one: Identified, prefix: int | None, *, lenient: bool) -> float:
    """Assert that a code alone is what it is among many; return the seconds it took, its other forms included."""
    begun = time.thread_time()
    alone = identify(code, company_prefix=prefix, lenient=lenient)
    assert all_of(alone) == all_of(one), code
    return time.thread_time() - begun


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_spoiled_codes_are_read_or_told_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    chance, slowest, syntaxes = random.Random(20_261_126), 0.0, Counter[str]()  # noqa: S311  no secret
    with told(capsys) as figures:
        for _ in range(CODES // AT_ONCE):
            codes = [spoiled_code(chance) for _ in range(AT_ONCE)]
            prefix, lenient = chance.choice((None, 4, 7, 12)), chance.random() < 0.3
            many = identify_many(codes, company_prefix=prefix, lenient=lenient)
            declared = CodeReader(lenient, CONVENTIONS).read(codes)
            for code, one, taken in zip(codes, many, declared, strict=True):
                slowest = max(slowest, assert_one_is_as_many(code, one, prefix, lenient=lenient))
                assert_good_or_said_why(one)
                by_convention = identify(code, lenient=lenient, conventions=CONVENTIONS, this_year=2026)
                assert_good_or_said_why(by_convention)
                assert (taken.key, bool(taken.wrong)) == (by_convention.unit_key, taken.key is None), code
                syntaxes[one.syntax if one.ok else "refused"] += 1
        figures.tell(f"{CODES:,} spoiled codes, the slowest {slowest * 1000:.1f} ms, {dict(syntaxes)},")
    assert slowest < LONGEST_SECONDS
    assert len(syntaxes) > 8
