"""The question `deliveries`: how soon what was not put off on purpose arrived, and how much was."""

from analytics.questions import ask
from pipeline.warehouse.client import Warehouse

RECEIVED_MS = 1_793_611_800_000
_HOURS_MS = 8 * 3_600_000
_COLUMNS = "id, n, event, route, state, outcome, detail, due_at, received_at, changed_at"


def told(warehouse: Warehouse, delivery: str, due_ms: int, arrived_ms: int, event: str = "opened") -> None:
    """Insert a delivery that was to be told, and arrived, so long after what caused it was received."""
    waits = "DEFERRED" if due_ms > 5 else "PENDING"
    changes = [(1, waits, due_ms, 5), (2, "DELIVERED", due_ms, arrived_ms)]
    rows = ", ".join(
        f"('{delivery}', {n}, '{event}', 'shops', '{state}', '{state}', 'HTTP 204',"
        f" {', '.join(f'fromUnixTimestamp64Milli({RECEIVED_MS + after})' for after in (due, 0, at))})"
        for n, state, due, at in changes
    )
    warehouse.command(f"INSERT INTO deliveries ({_COLUMNS}) VALUES {rows}")


def test_what_was_put_off_is_counted_and_not_in_the_time_within_which_the_others_arrived(warehouse: Warehouse) -> None:
    for number in range(3):
        told(warehouse, f"at once {number}", 5, 40)
    told(warehouse, "quiet hours", _HOURS_MS, _HOURS_MS + 40)
    told(warehouse, "escalated", 5, _HOURS_MS, event="escalated")
    told(warehouse, "summary", 5, 60_000, event="summary")
    (row,) = ask(warehouse, "deliveries")
    assert (row["route"], row["state"], row["deliveries"], row["put_off"]) == ("shops", "DELIVERED", 6, 3)
    assert row["p99_latency_ms"] == 40


def test_of_what_was_all_put_off_no_time_is_told(warehouse: Warehouse) -> None:
    told(warehouse, "quiet hours", _HOURS_MS, _HOURS_MS + 40)
    (row,) = ask(warehouse, "deliveries")
    assert (row["put_off"], row["p99_latency_ms"]) == (1, None)
