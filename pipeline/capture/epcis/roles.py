"""What each thing in an event does there: which step, with which container or counterpart.

Flow: an event -> one role per identifier in it that the event says something of, in the order of the scans.

The rows of the mapping (`schemas/cbv.toml` has the words): an event says what it says without the ledger's state. A
child seen in a parent by an Aggregation OBSERVE is an OBSERVE with that container: legal in every state. In the
container it is in already it changes nothing, in none it joins, in another the fold flags the break and moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pipeline.capture.epcis.events import (
    AggregationEvent,
    AnyEvent,
    AssociationEvent,
    ObjectEvent,
    TransactionEvent,
    TransformationEvent,
)
from pipeline.capture.epcis.steps import Otherwise, Steps
from pipeline.capture.epcis.vocabulary import table


@dataclass(frozen=True)
class Role:
    """One identifier's part in an event."""

    epc: str
    name: str
    """Tells the roles of one unit in one event from each other."""
    step: str
    container: str | None = None
    other: str | None = None
    """The counterpart: what it is installed in."""
    attributes: dict[str, str] = field(default_factory=dict)
    is_made: bool = False
    """Whether the event's master data (lot, expiry) are this thing's."""


class Named(Protocol):
    """What identifiers name: `things.Things`."""

    def is_place(self, uri: str, /) -> bool:
        """Whether it is a place, no thing."""

    def name(self, uri: str, /) -> str:
        """Return the one text of what it names, in whatever form it is written."""


def roles_of(event: AnyEvent, steps: Steps, named: Named) -> list[Role]:
    """Return the roles of an event."""
    return list(_ROLES[type(event)](_Told(event, steps, named)))


class _Told:
    """An event with what its business step makes."""

    def __init__(self, event: Any, steps: Steps, named: Named) -> None:  # noqa: ANN401  each reader knows its type
        self.event = event
        self.named = named
        self.rule = steps.rule(event.biz_step)
        kept = {"biz_step": event.biz_step} if self.rule.keep else {}
        self.attributes = {**kept, **self.rule.attributes}

    @property
    def makes_none(self) -> bool:
        """Whether the business step says nothing of a unit that is there."""
        return not self.rule.step

    def step(self, *besides: Otherwise) -> str:
        """Return S, where these hold besides what the event itself says."""
        return self.rule.of([*besides, *self._said()])

    def role(self, epc: str, name: str, step: str, **more: Any) -> Role:  # noqa: ANN401  fields of Role
        """Return a role with the attributes of the business step."""
        return Role(epc, name, step, attributes=self.attributes, **more)

    def _said(self) -> Iterator[Otherwise]:
        kinds = {one.type for one in self.event.biz_transaction_list or []}
        if self.event.disposition == "returned" or "rma" in kinds:
            yield "returned"
        if self.event.disposition == "partially_dispensed":
            yield "partially_dispensed"


def _object(told: _Told) -> Iterator[Role]:
    event: ObjectEvent = told.event
    if told.makes_none:
        return
    step = told.step("no_container", "no_counterpart")
    for epc in event.epc_list or []:
        if event.action == "ADD":
            yield told.role(epc, "commission", "COMMISSION", is_made=True)
            if step not in {"COMMISSION", "OBSERVE"}:
                yield told.role(epc, "step", step)
        else:
            yield told.role(epc, "step", _ending(event) if event.action == "DELETE" else step)


def _ending(event: ObjectEvent) -> str:
    """Return how an Object DELETE ends a life."""
    words = table()["object_delete"]
    found: str = words["dispositions"].get(event.disposition) or words["biz_steps"].get(event.biz_step) or words["none"]
    return found


def _aggregation(told: _Told) -> Iterator[Role]:
    event: AggregationEvent = told.event
    words = table()["association"]
    if told.makes_none:
        return
    if event.parent_id is None:
        step = "OBSERVE" if event.action != "OBSERVE" else told.step("no_container", "no_counterpart")
        yield from (told.role(epc, "child", step) for epc in event.child_epcs or [])
    elif (event.action == "ADD" and event.biz_step in words["add"]) or (
        event.action == "DELETE" and event.biz_step in words["delete"]
    ):
        yield from _associated(told, event.parent_id, event.child_epcs or [])
    else:
        yield from _aggregated(told, event, event.parent_id)


def _aggregated(told: _Told, event: AggregationEvent, parent: str) -> Iterator[Role]:
    children = event.child_epcs or []
    if event.action == "DELETE":
        for epc in children:
            yield told.role(epc, "child", "UNPACK", container=parent)
        if not children and not event.child_quantity_list:
            yield told.role(parent, "parent", "UNPACK", container=parent)  # all leave
        elif not children:
            yield _parent(told, parent)
        return
    yield _parent(told, parent)
    step = "PACK" if event.action == "ADD" else "OBSERVE"
    for epc in children:
        yield told.role(epc, "child", step, container=parent)


def _parent(told: _Told, parent: str) -> Role:
    """Return the parent's part where it has one of its own: S, unless that is about the children."""
    step = told.step("no_container", "no_counterpart")
    return told.role(parent, "parent", "OBSERVE" if step in table()["parent"]["only_seen"] else step)


def _association(told: _Told) -> Iterator[Role]:
    if not told.makes_none:
        yield from _associated(told, told.event.parent_id, told.event.child_epcs or [])


_ASSOCIATED: Final = {"ADD": "INSTALL", "OBSERVE": "OBSERVE", "DELETE": "REMOVE"}


def _associated(told: _Told, parent: str, children: Sequence[str]) -> Iterator[Role]:
    """Yield the children fixed to a parent, seen there, or removed; to a place they are only seen."""
    step = "OBSERVE" if told.named.is_place(parent) else _ASSOCIATED[told.event.action]
    for epc in children:
        yield told.role(epc, "child", step, other=parent)
    if not children and told.event.child_quantity_list:
        yield _parent(told, parent)
    elif not children and step == "REMOVE":
        yield told.role(parent, "parent", step, other=parent)  # all are removed


def _transaction(told: _Told) -> Iterator[Role]:
    event: TransactionEvent = told.event
    if told.makes_none:
        return
    said = {"biz_step": event.biz_step} if event.biz_step is not None else {}
    if event.action == "DELETE":
        said["unlinked"] = "true"
    if event.parent_id is not None:
        yield Role(event.parent_id, "parent", "OBSERVE", attributes=said)
    for epc in event.epc_list or []:
        yield Role(epc, "step", "OBSERVE", attributes=said)


def _transformation(told: _Told) -> Iterator[Role]:
    event: TransformationEvent = told.event
    if told.makes_none:
        return
    inputs, outputs = event.input_epc_list or [], event.output_epc_list or []
    stays = "REPAIR" if event.biz_step == "repairing" else "OBSERVE"
    name = told.named.name
    both = {name(epc) for epc in inputs} & {name(epc) for epc in outputs}
    for epc in inputs:
        yield told.role(epc, "both", stays) if name(epc) in both else told.role(epc, "input", "RETIRE")
    for epc in outputs:
        if name(epc) not in both:
            yield told.role(epc, "output", "COMMISSION", is_made=True)


_ROLES: Final[dict[type[Any], Callable[[_Told], Iterator[Role]]]] = {
    ObjectEvent: _object,
    AggregationEvent: _aggregation,
    AssociationEvent: _association,
    TransactionEvent: _transaction,
    TransformationEvent: _transformation,
}
