"""Which streams a transaction tells its position: those with records, the others within half a second."""

import pytest

from pipeline.ledger.outputs import POSITION_KEY, STREAMS, Outputs, Stream
from pipeline.worker.closings import LATEST_SECONDS, Closings

OTHERS = [stream for stream in STREAMS if stream != "units"]


def outputs_of(*streams: Stream) -> Outputs:
    """Returns the outputs of a batch with a record for each of these streams; all of them have the position."""
    outputs = Outputs(position=b"")
    for stream in streams:
        outputs.records[stream].add(b"key", b"value")
    for stream in STREAMS:
        outputs.records[stream].add(POSITION_KEY, b"position")
    return outputs


def taken(closings: Closings, now: float, *streams: Stream) -> set[Stream]:
    """Returns the streams that the transaction of such a batch writes."""
    chosen = closings.chosen(outputs_of(*streams), now)
    closings.told(chosen, now)
    return set(chosen)


def test_a_stream_without_records_is_left_out_and_told_with_a_later_batch() -> None:
    closings = Closings()
    assert taken(closings, 0.0, "verdicts", "units") == {"verdicts", "units"}
    assert taken(closings, 0.1, "verdicts", "alerts") == {"verdicts", "units", "alerts"}
    assert taken(closings, LATEST_SECONDS, "verdicts") == set(STREAMS)
    assert (closings.untold, closings.seconds_left(LATEST_SECONDS)) == ([], None)


def test_a_stream_told_anew_waits_anew() -> None:
    closings = Closings()
    taken(closings, 0.0, *(stream for stream in STREAMS if stream != "acts"))
    assert closings.untold == ["acts"]
    taken(closings, 0.25, "acts")
    assert closings.seconds_left(0.25) == LATEST_SECONDS


def test_where_no_batch_comes_it_is_due_alone() -> None:
    closings = Closings()
    taken(closings, 1.0, "verdicts")
    assert (closings.seconds_left(1.0), closings.seconds_left(9.0)) == (LATEST_SECONDS, 0.0)
    assert set(closings.untold) == {stream for stream in OTHERS if stream != "verdicts"}
    closings.told(closings.untold, 1.5)
    assert closings.seconds_left(1.5) is None


@pytest.mark.parametrize("now", [0.0, 7.0])
def test_after_a_take_over_all_of_them_are_due(now: float) -> None:
    closings = Closings()
    closings.begin(now)
    assert (set(closings.untold), closings.seconds_left(now)) == (set(OTHERS), LATEST_SECONDS)
    closings.told(OTHERS, now)
    assert closings.untold == []
