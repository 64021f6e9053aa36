"""The pipeline's fold over arrivals, in batches cut where one likes, told in the oracle's words."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.domain import verdict as words
from pipeline.domain.alerts import ACTS, status_after
from pipeline.domain.decision import Decided, room_for_decisions, scratch
from pipeline.domain.enforce import enforce
from pipeline.domain.lifecycle import Lifecycle, parse
from pipeline.domain.reference import Reference
from pipeline.domain.unit_state import (
    ALERT,
    ALERTS,
    FACT,
    FORMAT,
    HEAD,
    NEVER,
    PLACE,
    Units,
    blank_life,
    slots_for,
)
from tests.oracle.arrivals import Arrival
from tests.oracle.oracle import unit_key_of
from tests.oracle.rules import MILESTONES, Record
from tests.unit.folding_columns import columns_of

_LIFECYCLES = Path(__file__).resolve().parents[2] / "schemas" / "lifecycles"
_KINDS = tuple(words.REASONS[reason] for reason in words.ALERT_KINDS)


@dataclass
class Kept:
    """What is kept of a unit between batches."""

    head: npt.NDArray[np.void]
    life: npt.NDArray[np.void]
    base: npt.NDArray[np.void]
    alerts: npt.NDArray[np.void]
    facts: npt.NDArray[np.void]
    lot: str | None = None
    ordinal: int = 0

    @classmethod
    def blank(cls) -> "Kept":
        """Returns a unit of which nothing is known."""
        head = np.zeros(1, HEAD)
        head["format"] = FORMAT
        return cls(head, blank_life(1), blank_life(1), np.zeros((1, ALERTS), ALERT), np.zeros(0, FACT))


@dataclass
class Folding:
    """One partition folded by the compiled code; contract rejections are the caller's and never reach it."""

    reference: Reference = field(default_factory=lambda: Reference(_built_in()))
    kept: dict[str, Kept] = field(default_factory=dict)
    decisions: dict[int, Record] = field(default_factory=dict)
    revisions: list[Record] = field(default_factory=list)
    alerts: list[Record] = field(default_factory=list)
    acts: dict[int, tuple[str, str]] = field(default_factory=dict)

    def batch(self, scans: Sequence[tuple[int, Record]]) -> None:
        """Fold the scans of one batch, each with its ordinal."""
        keys = [unit_key_of(scan) for _, scan in scans]
        distinct = sorted(set(keys))
        lots: list[str] = []
        columns = columns_of(scans, [distinct.index(key) for key in keys], self.reference.sites, lots)
        units = self._load(distinct, keys)
        decided = room_for_decisions(len(scans))
        enforce(self.reference.rules(), columns, units, decided, scratch())
        self._tell(scans, distinct, decided, lots)
        self._keep(distinct, units, lots)
        for key, (ordinal, _) in zip(keys, scans, strict=True):
            if self.decisions[ordinal]["sequence"]:
                self.kept[key].ordinal = ordinal

    def internal(self, ordinal: int, record: Record) -> None:
        """Take reference data, or a person's act that can be read."""
        if record["kind"] not in ACTS:
            self.acts[ordinal] = self.reference.load(record)
        elif record["content"].startswith("{"):
            self._act(ordinal, record)

    def _act(self, ordinal: int, record: Record) -> None:
        asked = json.loads(record["content"])
        kind, unit = _KINDS.index(asked["kind"]), self.kept.get(record["subject"])
        slot = None if unit is None else unit.alerts[0, kind]
        if unit is None or slot is None or not slot["opening"] or slot["opening"] != asked["opening"]:
            self.acts[ordinal] = ("STALE", "opening")
            return
        event = ACTS[record["kind"]]
        status = status_after(event, int(slot["status"]))
        if status is None:
            self.acts[ordinal] = ("STALE", "status")
            return
        slot["status"] = status
        unit.head["sequence"] += 1
        unit.ordinal = ordinal
        self.acts[ordinal] = ("APPLIED", "")
        told = {"ordinal": ordinal, "n": 0, "sequence": int(unit.head["sequence"][0])}
        self.alerts.append(told | _alert(record["subject"], kind, slot, event))

    def units(self) -> dict[str, Record]:
        """Returns what is remembered of each unit, in the oracle's words."""
        return {key: self._summary(key, kept) for key, kept in self.kept.items() if kept.head["sequence"][0]}

    def _load(self, distinct: Sequence[str], keys: Sequence[str]) -> Units:
        kept = [self.kept.setdefault(key, Kept.blank()) for key in distinct]
        remembered = np.array([len(unit.facts) for unit in kept], np.int64)
        incoming = np.array([keys.count(key) for key in distinct], np.int64)
        slots = slots_for(remembered, incoming)
        places = np.zeros(len(kept), PLACE)
        places["first"] = np.cumsum(slots) - slots
        places["lifecycle"] = [self.reference.lifecycle_of(key.encode()) for key in distinct]
        places["lot_start"] = [~at for at in range(len(kept))]
        places["lot_length"] = [-1 if unit.lot is None else len(unit.lot) for unit in kept]
        facts = np.zeros(int(slots.sum()), FACT)
        for place, unit in zip(places, kept, strict=True):
            facts[place["first"] : place["first"] + len(unit.facts)] = unit.facts
        return Units(
            heads=np.concatenate([unit.head for unit in kept]),
            lives=np.concatenate([unit.life for unit in kept]),
            bases=np.concatenate([unit.base for unit in kept]),
            places=places,
            alerts=np.concatenate([unit.alerts for unit in kept]),
            facts=facts,
        )

    def _keep(self, distinct: Sequence[str], units: Units, lots: Sequence[str]) -> None:
        for at, key in enumerate(distinct):
            former, place = self.kept[key], units.places[at]
            here = slice(at, at + 1)
            first, count = int(place["first"]), int(units.heads[at]["facts"])
            self.kept[key] = Kept(
                head=units.heads[here].copy(),
                life=units.lives[here].copy(),
                base=units.bases[here].copy(),
                alerts=units.alerts[here].copy(),
                facts=units.facts[first : first + count].copy(),
                lot=self._lot(place, distinct, lots),
                ordinal=former.ordinal,
            )

    def _lot(self, row: Any, distinct: Sequence[str], lots: Sequence[str]) -> str | None:  # noqa: ANN401  numpy record
        if row["lot_length"] < 0:
            return None
        start = int(row["lot_start"])
        return lots[start] if start >= 0 else self.kept[distinct[~start]].lot

    def _tell(
        self, scans: Sequence[tuple[int, Record]], distinct: Sequence[str], decided: Decided, lots: list[str]
    ) -> None:
        for (ordinal, _), row in zip(scans, decided.decisions, strict=True):
            self.decisions[ordinal] = self._decision(row) | {"lot": self._lot(row, distinct, lots)}
        count = int(decided.revision_count[0])
        for key, row in zip(decided.revisions[:count], decided.revised[:count], strict=True):
            known = {"ordinal": int(key["ordinal"]), "caused_by": scans[int(key["scan"])][0], "n": int(key["n"])}
            self.revisions.append(self._decision(row) | known)
        for row in decided.changes.rows[: int(decided.changes.filled[0])]:
            told = {"ordinal": scans[int(row["scan"])][0], "n": int(row["n"]), "sequence": int(row["sequence"])}
            self.alerts.append(told | _alert(distinct[int(row["unit"])], int(row["kind"]), row, int(row["event"])))

    def _decision(self, row: Any) -> Record:  # noqa: ANN401  numpy record
        state = self._state_names(int(row["lifecycle"]))
        site = int(row["previous_site"])
        told = {
            "outcome": words.OUTCOMES[int(row["outcome"])],
            "reason": words.REASONS[int(row["reason"])],
            "state_before": state(int(row["before"])),
            "state_after": state(int(row["after"])),
            "sequence": int(row["sequence"]),
            "previous_site": self._site(site),
        }
        return told | {name: _time(row[name]) for name in ("previous_event_time", *MILESTONES)}

    def _site(self, number: int) -> str | None:
        return self.reference.sites.names[number].decode() if number else None

    def _state_names(self, lifecycle: int) -> Callable[[int], str]:
        if not lifecycle:
            return lambda _: ""
        states = ("NONE", *self.reference.lifecycles[lifecycle - 1].states)
        return lambda number: states[number]

    def _summary(self, key: str, kept: Kept) -> Record:
        head, life = kept.head[0], kept.life[0]
        return {
            "key": key,
            "sequence": int(head["sequence"]),
            "lifecycle": self.reference.lifecycles[int(head["lifecycle"]) - 1].name,
            "state": self._state_names(int(head["lifecycle"]))(int(life["state"])),
            "site": self._site(int(life["site"])),
            "custody": self._site(int(life["custody"])),
            "last_event_time": _time(life["event_time"]),
            **{name: _time(life[name]) for name in MILESTONES},
            "lot": kept.lot,
            "applied": int(head["applied"]),
            "rejected": int(head["rejected"]),
            "alerts": [
                {name: one[name] for name in ("kind", "opening", "status", "count")}
                for one in (_alert(key, kind, slot, 0) for kind, slot in enumerate(kept.alerts[0]) if slot["opening"])
            ],
            "ordinal": kept.ordinal,
        }


def fold(
    arrivals: Sequence[Arrival],
    is_cut: Callable[[int], bool],
    reaches_fold: Callable[[int], bool],
) -> Folding:
    """Returns the fold after all arrivals.

    Args:
        arrivals: as the oracle gets them; their ordinals count from 1.
        is_cut: whether a batch ends before the ordinal.
        reaches_fold: whether the scan of that ordinal keeps the contract.
    """
    folding, waiting = Folding(), list[tuple[int, Record]]()
    for ordinal, arrival in enumerate(arrivals, start=1):
        if waiting and (is_cut(ordinal) or not arrival.is_scan):
            folding.batch(waiting)
            waiting = []
        if not arrival.is_scan:
            folding.internal(ordinal, arrival.record)
        elif reaches_fold(ordinal):
            waiting.append((ordinal, arrival.record))
    if waiting:
        folding.batch(waiting)
    return folding


def _built_in() -> list[Lifecycle]:
    return [parse((_LIFECYCLES / f"{name}.toml").read_text("utf-8")) for name in ("retail", "asset")]


def _time(value: Any) -> int | None:  # noqa: ANN401  numpy scalar
    return None if value == NEVER else int(value)


def _alert(key: str, kind: int, row: Any, event: int) -> Record:  # noqa: ANN401  numpy record
    opening = int(row["opening"])
    return {
        "id": hashlib.sha256(f"unit:{key}\n{_KINDS[kind]}\n{opening}".encode()).hexdigest()[:32],
        "kind": _KINDS[kind],
        "opening": opening,
        "status": words.ALERT_STATUSES[int(row["status"])],
        "event": words.ALERT_EVENTS[event],
        "count": int(row["count"]),
    }
