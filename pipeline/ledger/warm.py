"""The compiled code of the ledger made ready before it is needed: scans of every kind through a ledger of its own.

    python -m pipeline.ledger.warm      # fills the cache of compiled code, as `make setup` does

The first use of a compiled function on a machine costs its compilation, up to a minute for all; later ones load it from
the cache in a second.
"""

import fcntl
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numba
import numpy as np

from pipeline.domain.unit_key import build
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import Outputs
from pipeline.ledger.where import Where
from pipeline.wire.record_batch import read_records
from pipeline.wire.schemas import encode

_NOON: Final = 1_735_732_800_000
_MINUTE: Final = 60_000
_UNIT: Final = build("gtin", "9506000134352", "WARM")
_BOX: Final = "sku:WARM/BOX"
_NULL: Final = (
    "destination", "location", "reader", "operator", "document", "container", "other_unit", "lot", "expiry",
    "condition", "corrects", "source", "receipt", "flags_set", "flags_unset", "event",
)  # fmt: skip

Record = tuple[bytes | None, bytes | None]


def warm_up() -> float:
    """Account for records of every kind in a ledger that nobody keeps; returns the seconds it took."""
    begun = time.perf_counter()
    with _one_compiles():
        _account()
    return time.perf_counter() - begun


@contextmanager
def _one_compiles() -> Iterator[None]:
    """Let one process compile while others wait for what it leaves; once that is there, nobody waits."""
    config: Any = numba.config
    folder = Path(config.CACHE_DIR)
    done = folder / "warm"
    if not config.CACHE_DIR or done.exists():
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "warming").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go when the process ends, in whatever way
        yield
        done.touch()


def _account() -> None:
    read_records(b"", 0)
    ledger = _Kept()
    ledger.take([_scan("COMMISSION", 0, lot="L1", reader="r", attributes=[{"name": "a", "value": "b"}])])
    ledger.take_internal([_sites(0)])
    ledger.take([_scan("COMMISSION", 1, scan_id="again"), _scan("SHIP", 9, destination="b"), (b"key", b"no scan")])
    ledger.take([_scan("STORE", 5), _scan("STORE", 9, scan_id="moved"), _scan("STOCK", 10, site="elsewhere")])
    ledger.take([_scan("VOID", 12, corrects="SHIP"), (b"other", encode("scan", _fields("STORE", 13))), (None, None)])
    ledger.take([_scan("PACK", 14, container=f"{_BOX}/1", condition="recalled", expiry=1, flags_set="stolen")])
    ledger.take([_scan("STORE", 20 + n, reader="r", scan_id=f"many-{n}") for n in range(40)])
    ledger.take_internal([_internal("DOCUMENT", "order:w", -1, {"units": [[_UNIT.text, ""]]})])
    ledger.take([_scan("PICK", 70, document="order:w")])
    ledger.take_internal([_alert("ALERT_CLOSE"), (b"key", b"nothing known")])
    _tell(ledger)


def _tell(ledger: "_Kept") -> None:
    """A box moves with what is in it, and goes on under a second and a third label, which is taken back."""
    first, second, third = ({"item": _BOX, "serial": str(number)} for number in (1, 2, 3))
    for scan in (
        _scan("COMMISSION", 75, **first),
        _scan("SHIP", 80, destination="b", **first),
        _scan("RELABEL", 95, scan_id="third", other_unit=f"{_BOX}/3", **second),
        _scan("RELABEL", 90, scan_id="second", other_unit=f"{_BOX}/2", **first),
        _scan("RECEIVE", 85, site="b", **first),
        _scan("VOID", 100, scan_id="not second", corrects="second", **first),
        _scan("STORE", 110, scan_id="after", **third),
    ):
        ledger.take_told()
        ledger.take([scan])
    ledger.take_told()


class _Kept:
    """A ledger with a dict for a memory."""

    def __init__(self) -> None:
        self._ledger = Ledger(Where(0, 1, 10 * _MINUTE, "scans", "internal"), built_in_lifecycles())
        self._memory = Held()
        self._next = 0
        self._told: list[Record] = []

    def take(self, records: Sequence[Record]) -> None:
        self._keep(self._ledger.take_scans(self._batch(records), self._memory.load))

    def take_internal(self, records: Sequence[Record]) -> None:
        self._keep(self._ledger.take_internal(self._batch(records), self._memory))

    def take_told(self) -> None:
        """Account for what units have told each other, until they have no more to tell."""
        while self._told:
            told, self._told = self._told, []
            self.take_internal(told)

    def _batch(self, records: Sequence[Record]) -> Batch:
        first, self._next = self._next, self._next + len(records)
        keys, values = [key for key, _ in records], [value for _, value in records]
        received_at = np.full(len(records), _NOON + 24 * 60 * _MINUTE, np.int64)
        return Batch(keys, values, np.arange(first, self._next, dtype=np.int64), received_at)

    def _keep(self, outputs: Outputs) -> None:
        self._memory.keep_outputs(outputs)
        outputs.internal.partitions(1)
        self._told += zip(outputs.internal.keys, outputs.internal.values, strict=True)


def _fields(step: str, minute: int, **others: Any) -> Mapping[str, Any]:  # noqa: ANN401  as the schema has them
    when = _NOON + minute * _MINUTE
    fixed = {"item": _UNIT.item, "serial": _UNIT.serial, "site": "a", "origin": "DEVICE", "attributes": []}
    told = {"scan_id": step, "step": step, "event_time": when, "capture_time": when}
    return dict.fromkeys(_NULL) | fixed | told | others


def _scan(step: str, minute: int, **others: Any) -> Record:  # noqa: ANN401
    fields = dict(_fields(step, minute, **others))
    return f"{fields['item']}/{fields['serial']}".encode(), encode("scan", fields)


def _sites(base: int) -> Record:
    places = [{"name": "a", "latitude": 1.0, "longitude": 2.0, "kind": ""}, {"name": "b"}]
    return _internal("SITES", "sites", base, places)


def _alert(kind: str) -> Record:
    return _internal(kind, _UNIT.text, -1, {"kind": "DUPLICATE_COMMISSION", "opening": 1, "reason": ""})


def _internal(kind: str, subject: str, base: int, content: object) -> Record:
    named = {"id": kind, "kind": kind, "subject": subject, "base": base, "author": "", "sent_at": _NOON}
    return b"", encode("internal", named | {"content": json.dumps(content)})


if __name__ == "__main__":
    warm_up()
