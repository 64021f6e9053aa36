"""Moves that are kept for members yet to come are let go with the facts that they are of, whatever became of those."""

from pipeline.ledger.outputs import moves_of
from tests.oracle.arrivals import a_scan, a_site_load, arrived
from tests.oracle.choose import Seeded
from tests.oracle.rules import Record
from tests.unit.several import Several

BOX, PUMP = "sku:ACME/BOX/1", "sku:ACME/PUMP/1"
_FACTS = 32  # that a unit remembers


def test_moves_of_facts_that_were_taken_back_and_forgotten_are_let_go() -> None:
    """Facts without effect are forgotten first, and leave no base behind."""
    several = Several(1, Seeded(1))

    def account(*scans: Record) -> None:
        several.arrive([arrived(scan) for scan in scans])
        several.settle()

    several.arrive([a_site_load()])
    account(a_scan(BOX, "COMMISSION", 0), a_scan(PUMP, "COMMISSION", 0), a_scan(PUMP, "PACK", 1, container=BOX))
    for turn in range(40):
        account(a_scan(BOX, "SHIP", 10 + 10 * turn, scan_id=f"s{turn}", destination="munich"))
        account(a_scan(BOX, "VOID", 15 + 10 * turn, scan_id=f"v{turn}", corrects=f"s{turn}"))
    kept = [key for key in several.ledgers[0].kept if key.startswith(moves_of(BOX.encode()))]
    assert 0 < len(kept) <= _FACTS
