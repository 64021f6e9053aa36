"""A stretch of history through a ledger that is folded for proof, with a memory for a store.

What the ledger tells other partitions by `internal` is sent to nobody: it is in the log already, with an ordinal.
"""

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import Outputs
from pipeline.proof.history import Stretch


def take(ledger: Ledger, stretch: Stretch, memory: Held) -> Outputs:
    """Account for a stretch under its own ordinals, keep what changes, and return what comes of it."""
    ledger.position.ordinal = stretch.first - 1
    if stretch.is_internal:
        outputs = ledger.take_internal(stretch.batch, memory)
    else:
        outputs = ledger.take_scans(stretch.batch, memory.load)
    memory.keep_outputs(outputs)
    return outputs
