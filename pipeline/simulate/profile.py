"""How units live: the slots of a life in order, which of them a unit goes through, and how long each takes.

A life is a walk down the slots. Slots stand and fall in groups: a unit that is sold went through everything its group
stands on. Every walk is legal under schemas/lifecycles/retail.toml, and its pauses keep clear of that file's windows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Place = Literal["factory", "warehouse", "shop", "last shop"]
MOST_COUNTS: Final = 40  # of the units that are counted often


class Group(NamedTuple):
    """Slots that happen together: to which share of the units that went through the group it stands on."""

    name: str
    on: str
    share: float


class Slot(NamedTuple):
    """One scan of a life: where, and how many hours after the one before."""

    name: str
    group: str
    step: str
    place: Place
    hours: tuple[float, float]
    document: str = ""
    destination: Place | None = None
    condition: str = ""


@dataclass(frozen=True)
class Profile:
    """A kind of supply chain; `often` names a group whose units are counted MOST_COUNTS times or less."""

    name: str
    groups: tuple[Group, ...]
    slots: tuple[Slot, ...]
    anchors: dict[str, str] = field(default_factory=dict)

    def index(self, slot: str) -> int:
        """Return the place of a slot in a life."""
        return next(place for place, other in enumerate(self.slots) if other.name == slot)

    def under(self, group: str) -> tuple[str, ...]:
        """Return a group and everything it stands on."""
        parents = {name: on for name, on, _ in self.groups}
        names = [group]
        while parents[names[-1]]:
            names.append(parents[names[-1]])
        return tuple(names)

    def scans_per_unit(self) -> float:
        """Return how many scans a unit has on average, anomalies apart."""
        reached: dict[str, float] = {}
        for name, on, share in self.groups:
            reached[name] = share * reached.get(on, 1.0)
        return sum(reached[slot.group] for slot in self.slots)


_DAY: Final = 25.0  # hours between two counts of a unit: never two under one day's document
_COUNTS: Final = tuple(
    Slot(f"count-{n}", "counted often", "COUNT", "shop", (_DAY, 30.0), "count") for n in range(MOST_COUNTS)
)

RETAIL: Final = Profile(
    name="retail",
    groups=(
        Group("made", "", 1.0),
        Group("shipped", "made", 0.98),
        Group("arrived", "shipped", 0.5),
        Group("inventoried", "shipped", 0.3),
        Group("delivered", "shipped", 0.93),
        Group("counted often", "delivered", 0.0),
        Group("counted", "delivered", 0.5),
        Group("counted again", "counted", 0.4),
        Group("sold", "delivered", 0.8),
        Group("returned", "sold", 0.12),
        Group("repaired", "returned", 0.3),
        Group("restocked", "returned", 0.8),
        Group("sold again", "restocked", 0.7),
        Group("failed", "sold", 0.04),
        Group("destroyed", "failed", 0.5),
    ),
    slots=(
        Slot("commission", "made", "COMMISSION", "factory", (0.0, 0.0)),
        Slot("pack", "made", "PACK", "factory", (1.0, 12.0)),
        Slot("stage", "made", "STAGE", "factory", (12.0, 72.0)),
        Slot("ship", "shipped", "SHIP", "factory", (1.0, 10.0), "asn", "warehouse"),
        Slot("arrive", "arrived", "ARRIVE", "warehouse", (10.0, 60.0), "asn"),
        Slot("receive", "shipped", "RECEIVE", "warehouse", (10.0, 24.0), "asn"),
        Slot("store", "shipped", "STORE", "warehouse", (1.0, 8.0)),
        Slot("inventory", "inventoried", "COUNT", "warehouse", (_DAY, 200.0), "count"),
        Slot("pick", "delivered", "PICK", "warehouse", (24.0, 400.0), "order"),
        Slot("stage-2", "delivered", "STAGE", "warehouse", (0.5, 3.0)),
        Slot("ship-2", "delivered", "SHIP", "warehouse", (1.0, 10.0), "asn", "shop"),
        Slot("receive-2", "delivered", "RECEIVE", "shop", (10.0, 48.0), "asn"),
        Slot("stock", "delivered", "STOCK", "shop", (1.0, 24.0)),
        *_COUNTS,
        Slot("count", "counted", "COUNT", "shop", (_DAY, 240.0), "count"),
        Slot("recount", "counted again", "COUNT", "shop", (_DAY, 240.0), "count"),
        Slot("sell", "sold", "SELL", "shop", (24.0, 600.0), "order", None, "retail_sold"),
        Slot("return", "returned", "RETURN", "last shop", (24.0, 400.0), "rma", None, "returned"),
        Slot("inspect", "returned", "INSPECT", "last shop", (1.0, 24.0)),
        Slot("repair", "repaired", "REPAIR", "last shop", (1.0, 48.0), "rma", None, "damaged"),
        Slot("release", "repaired", "RELEASE", "last shop", (24.0, 96.0), "rma"),
        Slot("restock", "restocked", "STOCK", "last shop", (1.0, 48.0)),
        Slot("resell", "sold again", "SELL", "last shop", (24.0, 400.0), "order", None, "retail_sold"),
        Slot("fail", "failed", "FAIL", "last shop", (24.0, 1000.0), "rma", None, "damaged"),
        Slot("destroy", "destroyed", "DESTROY", "last shop", (24.0, 100.0), "", None, "destroyed"),
    ),
)

MADE: Final = Profile(
    name="made",
    groups=(Group("made", "", 1.0),),
    slots=(Slot("commission", "made", "COMMISSION", "factory", (0.0, 0.0)),),
)

BENCH: Final = Profile(
    name="bench",
    groups=(
        Group("delivered", "", 1.0),
        Group("stocked", "delivered", 0.0),
        Group("counted often", "delivered", 0.2),
        Group("destroyed", "stocked", 0.0),
    ),
    slots=(
        Slot("commission", "delivered", "COMMISSION", "factory", (0.0, 0.0)),
        Slot("ship-2", "delivered", "SHIP", "factory", (12.0, 72.0), "asn", "shop"),
        Slot("receive-2", "delivered", "RECEIVE", "shop", (10.0, 48.0), "asn"),
        Slot("stock", "stocked", "STOCK", "shop", (1.0, 24.0)),
        *_COUNTS,
        Slot("destroy", "destroyed", "DESTROY", "shop", (24.0, 100.0), "", None, "destroyed"),
    ),
)
