"""Lifecycles: what a file may say, the arrays made of it, the numbers they keep."""

import json
import tomllib
from typing import Any

import pytest

from pipeline.domain.flags import FLAGS
from pipeline.domain.lifecycle import Lifecycle, parse
from pipeline.domain.lifecycle_tables import tables
from pipeline.domain.reference import Entry, Reference
from pipeline.domain.scan import STEPS
from pipeline.errors import RulesWrong
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.wire.schemas import contracts_folder
from tests.oracle.reference import Lifecycle as PlainLifecycle

_BUILT_IN = [lifecycle.name for lifecycle in built_in_lifecycles()]
_RETAIL: dict[str, Any] = json.loads(built_in_lifecycles()[0].to_json())


def _own(name: str) -> Lifecycle:
    return parse(json.dumps(_RETAIL | {"name": name, "applies_to": [f"{name}:"]}))


def _kept(number: int, lifecycle: Lifecycle) -> Entry:
    return Entry("LIFECYCLE", lifecycle.name, number, number, lifecycle.to_json())


@pytest.mark.parametrize("name", _BUILT_IN)
def test_a_lifecycle_comes_back_from_the_json_it_travels_in(name: str) -> None:
    lifecycle = parse((contracts_folder() / "lifecycles" / f"{name}.toml").read_text())
    assert parse(lifecycle.to_json()) == lifecycle


@pytest.mark.parametrize("name", _BUILT_IN)
def test_every_state_and_step_is_in_the_table_as_the_file_says(name: str) -> None:
    text = (contracts_folder() / "lifecycles" / f"{name}.toml").read_text()
    plain, rules = PlainLifecycle.of(tomllib.loads(text)), tables([parse(text)]).rules[1]
    states = ["NONE", *plain.states]
    for number, state in enumerate(states):
        for place, step in enumerate(STEPS):
            rule, leads_to = rules[number, place], plain.next_state(state, step)
            assert rule["next"] == (-1 if leads_to is None else states.index(leads_to)), (state, step)
            assert rule["is_terminal"] == (state in plain.terminal)
            if state not in plain.terminal and (step != "COMMISSION" or state == "NONE"):
                usual = leads_to or plain.usual_state(state, step)
                assert (rule["usual"], rule["is_end"]) == (states.index(usual), usual in plain.terminal), (state, step)
            assert rule["carries"] == (step in plain.carries)
            blocked = [flag for flag, steps in plain.blocked_by.items() if step in steps]
            assert rule["blocked"] == sum(1 << FLAGS.index(flag) for flag in blocked)


def test_a_lifecycle_that_leaves_out_what_is_new_stays_as_it_was() -> None:
    new = ("burst_ms", "second_source_ms", "carries", "adopts", "reuse_after_days", "warranty_days", "blocked_by")
    lifecycle = parse(json.dumps({name: value for name, value in _RETAIL.items() if name not in new}))
    (window,) = tables([lifecycle]).windows[1:]
    assert [window[name] for name in ("burst_ms", "second_source_ms", "reuse_ms", "warranty_ms")] == [0, 0, 0, 0]
    assert (lifecycle.carries, lifecycle.adopts) == ((), "")
    assert sorted(lifecycle.blocked_by) == ["expired", "recalled", "stolen"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"burst_ms": -1}, "negative"),
        ({"second_source_ms": 10**12}, "milliseconds"),
        ({"reuse_after_days": 10**6}, "days"),
        ({"carries": "SHIP"}, "carries must be a list"),
        ({"carries": ["UNPACK"]}, "UNPACK is no step that moves"),
        ({"carries": ["FLY"]}, "FLY is no step"),
        ({"adopts": "FLYING"}, "FLYING is no state"),
        ({"adopts": "DESTROYED"}, "DESTROYED is no state, or a terminal one"),
        ({"blocked_by": {"damaged": ["SELL"]}}, "damaged is none of"),
        ({"blocked_by": {"stolen": ["VOID"]}}, "VOID is no step that a flag may block"),
        ({"blocked_by": {"stolen": "SELL"}}, "stolen must be a list"),
        ({"blocked_by": ["stolen"]}, "not a lifecycle"),
    ],
)
def test_what_a_lifecycle_may_not_say_is_named(change: dict[str, object], named: str) -> None:
    with pytest.raises(RulesWrong, match=named):
        parse(json.dumps(_RETAIL | change))


def test_a_lifecycle_kept_under_a_number_that_a_built_in_one_has_since_keeps_it() -> None:
    mine, yours = _own("mine"), _own("yours")
    reference = Reference(built_in_lifecycles())
    reference.restore(4, [_kept(4, yours), _kept(3, mine)])
    names = [lifecycle.name for lifecycle in reference.lifecycles]
    assert names == ["retail", "asset", "mine", "yours", "place", "pharma", "container"]
    reference.load({"kind": "LIFECYCLE", "base": 4, "content": _own("ours").to_json()})
    again = Reference(built_in_lifecycles())
    again.restore(5, [_kept(3, mine), *reference.take_changed(), _kept(4, yours)])
    assert [lifecycle.name for lifecycle in again.lifecycles] == [*names, "ours"]


def test_a_lifecycle_loaded_before_it_was_built_in_is_not_there_twice() -> None:
    reference = Reference(built_in_lifecycles())
    reference.restore(1, [_kept(3, _own("container"))])
    names = [lifecycle.name for lifecycle in reference.lifecycles]
    assert names == ["retail", "asset", "container", "pharma", "place"]
    assert reference.lifecycle_of(b"container:7") == 3
