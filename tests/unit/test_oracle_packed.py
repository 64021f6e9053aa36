import pytest

from bench.stock_state import pack, unpack
from tests.oracle.arrivals import SKEW_MS, play
from tests.oracle.generate import seeded_history
from tests.oracle.oracle import Oracle


@pytest.mark.parametrize("seed", range(6))
def test_a_unit_written_down_and_read_back_between_scans_is_the_same_unit(seed: int) -> None:
    arrivals = seeded_history(seed, 300)
    expected = play(arrivals)
    oracle = Oracle(1, 0, SKEW_MS)
    for ordinal, arrival in enumerate(arrivals, start=1):
        oracle.known = {key: unpack(key, oracle.reference, pack(unit)) for key, unit in oracle.known.items()}
        if arrival.is_scan:
            origin = expected.decisions[ordinal]
            given = (0, origin["offset"], ordinal, arrival.received_at)
            oracle.scan(arrival.record, arrival.key, *given, is_internal=arrival.is_internal)
        else:
            oracle.internal(arrival.record, ordinal, arrival.received_at)
    assert oracle.decisions == expected.decisions
    assert oracle.revisions == expected.revisions
    assert oracle.alerts == expected.alerts
    assert oracle.units == expected.units
