"""States that former code wrote: their lives go on as they were."""

import numpy as np
import pytest

from pipeline.domain.membership import begins_anew
from pipeline.domain.scan import COMMISSION, RELABEL
from pipeline.domain.unit_state import BEGINS_ANEW, FACT, NEVER, WAS_EMPTY
from pipeline.domain.verdict import DUPLICATE_COMMISSION, NONE, UNKNOWN_SITE
from pipeline.wire.state import FORGOTTEN_BYTES
from pipeline.wire.unit_decode import decode_units
from tests.oracle.arrivals import RETAIL_KEY, a_scan, a_site_load, arrived
from tests.unit.ledgering import ledger_of


@pytest.mark.parametrize(
    ("step", "before", "reason", "empty", "expected"),
    [
        (COMMISSION, 3, NONE, WAS_EMPTY, True),  # as format 2 wrote it
        (COMMISSION, 3, NONE, BEGINS_ANEW, True),
        (COMMISSION, 3, UNKNOWN_SITE, BEGINS_ANEW, True),
        (COMMISSION, 3, UNKNOWN_SITE, WAS_EMPTY, False),
        (COMMISSION, 3, DUPLICATE_COMMISSION, WAS_EMPTY, False),
        (COMMISSION, 0, NONE, WAS_EMPTY, False),
        (RELABEL, 3, NONE, 0, False),
    ],
)
def test_a_commission_begins_the_next_life_also_where_format_2_says_so(
    step: int, before: int, reason: int, empty: int, expected: bool
) -> None:
    fact = np.zeros(1, FACT)[0]
    fact["step"], fact["before"], fact["reason"], fact["empty"] = step, before, reason, empty
    assert begins_anew(fact) == expected


def test_a_unit_that_forgot_nothing_is_written_as_before_and_read_so() -> None:
    ledgering = ledger_of([a_site_load(), arrived(a_scan(minute=0))], _never, _never)
    units, _ = decode_units([ledgering.kept[RETAIL_KEY.encode()]], np.zeros(1, np.int64))
    assert set(units.alerts["until"].ravel().tolist()) == {NEVER}
    assert units.places["sighted"].tolist() == [NEVER]


def test_what_a_unit_forgot_takes_its_bytes_only_where_it_forgot() -> None:
    life = [arrived(a_scan(minute=0)), arrived(a_scan(step="RETIRE", minute=1))]
    seen = [arrived(a_scan(step="OBSERVE", minute=10 + at)) for at in range(31)]
    few = ledger_of([a_site_load(), *life, *seen[:30]], _never, _never)
    many = ledger_of([a_site_load(), *life, *seen], _never, _never)
    before, after = (one.kept[RETAIL_KEY.encode()] for one in (few, many))
    assert FORGOTTEN_BYTES <= len(after) - len(before) <= FORGOTTEN_BYTES + 1
    units, _ = decode_units([after], np.zeros(1, np.int64))
    assert sorted(units.alerts["until"].ravel().tolist())[-2:] == [NEVER, seen[0].record["event_time"]]


def _never(_: int) -> bool:
    return False
