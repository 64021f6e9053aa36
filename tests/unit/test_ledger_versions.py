"""Scans of every version go through one ledger: each verdict is of the newest version, around the scan's own bytes."""

import numpy as np

from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.where import Where
from pipeline.wire.framing import FRAME_BYTES, frame
from pipeline.wire.schemas import catalogue
from tests.oracle.arrivals import MINUTE, RECEIVED_AT, RETAIL_KEY, a_scan

_OF_V2 = ("flags_set", "flags_unset", "event")


def _verdicts(values: list[bytes]) -> list[bytes]:
    ledger = Ledger(Where(0, 1, MINUTE, "scans", "internal"), built_in_lifecycles())
    keys: list[bytes | None] = [RETAIL_KEY.encode()] * len(values)
    batch = Batch(keys, values, np.arange(len(values)), np.full(len(values), RECEIVED_AT))
    return ledger.take_scans(batch, lambda keys: [None] * len(keys)).records["verdicts"].values[:-1]


def test_a_scan_of_v1_gets_nulls_and_a_verdict_of_the_newest_version() -> None:
    new = a_scan(step="OBSERVE", minute=1, flags_set="recalled", event="urn:uuid:1")
    old = {name: value for name, value in a_scan(lot="L1").items() if name not in _OF_V2}
    values = [catalogue().encode("scan", old, 1), catalogue().encode("scan", new)]
    of_old, of_new = _verdicts(values)
    newest = frame(catalogue().id("verdict"))
    assert of_old.startswith(newest + values[0][FRAME_BYTES:] + b"\0\0\0")
    assert of_new.startswith(newest + values[1][FRAME_BYTES:])
    assert catalogue().decode(of_old)[1]["scan"] == old | dict.fromkeys(_OF_V2)
    assert catalogue().decode(of_new)[1]["scan"] == new
    assert catalogue().decode(of_new)[1]["decision"]["lot"] == "L1"
