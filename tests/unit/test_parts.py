"""Where a batch of `internal` is cut: after so many records taken, or so many told to other units."""

from pipeline.ledger.batch import WHOLE, Most
from pipeline.wire.schemas import encode
from tests.oracle.arrivals import RECEIVED_AT, a_scan, a_site_load, arrived
from tests.unit.ledgering import Columns, Ledgering

_BESIDE: Columns = ([b"sku:ACME/PUMP/99"], [encode("scan", a_scan("sku:ACME/PUMP/99"))], [RECEIVED_AT])
_CASES = [f"sku:ACME/CASE/{number}" for number in range(3)]
_PUMPS = [f"sku:ACME/PUMP/{number}" for number in range(9)]


def told(ledger: Ledgering) -> Columns:
    """Returns what was told since the last time, as the partition meets it."""
    sent, ledger.sent = ledger.sent, []
    return [key for _, key, _ in sent], [value for _, _, value in sent], [RECEIVED_AT] * len(sent)


def packed() -> Ledgering:
    """Returns a partition in which three cases have three pumps each and have just been shipped."""
    ledger = Ledgering()
    ledger.take([a_site_load()])
    ledger.take([arrived(a_scan(key)) for key in (*_CASES, *_PUMPS)])
    ledger.take([arrived(a_scan(key, "PACK", 1, container=_CASES[at // 3])) for at, key in enumerate(_PUMPS)])
    while ledger.sent:
        ledger.take_bytes(*told(ledger), is_internal=True)
    ledger.take([arrived(a_scan(key, "SHIP", 5, destination="munich")) for key in _CASES])
    return ledger


def test_a_part_ends_after_so_many_records() -> None:
    ledger = packed()
    ledger.most = Most(taken=2, told=WHOLE.told)
    assert ledger.take_both(told(ledger), _BESIDE) == 2
    ledger.most = Most(taken=5, told=WHOLE.told)
    assert ledger.take_both(told(ledger), _BESIDE) == 5  # derived scans, a run that is cut


def test_a_part_ends_once_so_many_were_told() -> None:
    ledger = packed()
    ledger.most = Most(taken=WHOLE.taken, told=4)
    assert ledger.take_both(told(ledger), _BESIDE) == 2  # three pumps each
    ledger.most = WHOLE
    pumps = told(ledger)
    assert len(pumps[0]) == len(_PUMPS)
    assert ledger.take_both(pumps, _BESIDE) == len(_PUMPS)
