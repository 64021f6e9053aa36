"""The units of a ledger that is folded for proof, kept in memory: what a worker has RocksDB for."""

from pipeline.ledger.outputs import Outputs


class Kept:
    """Everything a ledger wrote to `units`, its own entries included, by key."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}

    def load(self, keys: list[bytes]) -> list[bytes | None]:
        """Return what is kept of each key."""
        get = self.values.get
        return [get(key) for key in keys]

    def save(self, outputs: Outputs) -> None:
        """Keep what a batch changed."""
        written = outputs.records["units"]
        self.values.update(zip(written.keys, written.values, strict=True))
