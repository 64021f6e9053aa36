"""What verify found: for each check how much was compared, what is wrong, and examples."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from pipeline.warehouse.retention import Removal

Check = Literal["sink", "ordinals", "offsets", "streams", "units", "fold"]

PROVES: dict[Check, str] = {
    "sink": "ClickHouse has come as far as the inputs",
    "ordinals": "every ordinal is accounted for once: scans, acts and dead letters together",
    "offsets": "every record of the inputs is accounted for once, in order, within retention",
    "streams": "verdicts, revisions, alerts, acts and dead letters are as the worker wrote them, within retention",
    "units": "the state of every unit is what the worker wrote last",
    "fold": "folding everything afresh gives the same verdicts, revisions, alerts, acts and units",
}
_EXAMPLES = 10


@dataclass
class Result:
    """One check over all partitions."""

    compared: int = 0
    problems: int = 0
    listed: int = 0
    """Compared and different, but decided by rules that this code does not know: no failure."""
    examples: list[str] = field(default_factory=list)


class Report:
    """The results of all checks."""

    def __init__(self) -> None:
        self.results: dict[Check, Result] = {check: Result() for check in PROVES}
        self.removed: dict[int, Removal] = {}
        """By partition what was removed from the tables on record: the checks start after it."""
        self.repaired = 0
        """Rows that were missing, and units that were missing or changed."""

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return not any(result.problems for result in self.results.values())

    def removed_until(self, partition: int) -> int:
        """Return the last ordinal removed on record, 0 where nothing was."""
        return self.removed[partition].last_ordinal if partition in self.removed else 0

    def compared(self, check: Check, count: int) -> None:
        """Count what was compared."""
        self.results[check].compared += count

    def listed(self, check: Check, count: int) -> None:
        """Count what differs because other rules decided it."""
        self.results[check].listed += count

    def found(self, check: Check, partition: int, problem: str, what: Iterable[object], count: int) -> None:
        """Note a problem, with as many examples as people can use; nothing where the count is 0."""
        if count:
            result = self.results[check]
            result.problems += count
            some = ", ".join(str(one) for one in islice(what, _EXAMPLES))
            more = ", …" if count > _EXAMPLES else ""
            result.examples.append(f"partition {partition}: {problem}: {some}{more}")

    def rows(self) -> list[dict[str, object]]:
        """Return one row per check."""
        return [
            {
                "check": check,
                "proves": PROVES[check],
                "compared": result.compared,
                "problems": result.problems,
                "listed": result.listed,
                "examples": list(result.examples),
            }
            for check, result in self.results.items()
        ]
