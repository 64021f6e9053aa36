"""Retired labels over several partitions: one life, wherever its scans are read, and whatever comes first."""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.arrivals import RECEIVED_AT, Arrival, a_scan, a_site_load, an_internal, arrived
from tests.oracle.choose import Chooser, Drawn, Seeded
from tests.oracle.group_histories import GROUP, LABELS, group_history, sscc
from tests.oracle.routing import partition_of
from tests.oracle.rules import Record
from tests.unit.several import Several
from tests.unit.test_containers import assert_at_rest_as_told, has_forgotten, rested

_IS_PLAIN = os.environ.get("NUMBA_DISABLE_JIT") == "1"
_LABELLED = (*GROUP, *dict.fromkeys(LABELS.values()))
_IN_CIRCLES = dict(zip(_LABELLED, (*_LABELLED[1:], _LABELLED[0]), strict=True))
T = TypeVar("T")
OLD, NEW, NEWER, THIRD = (f"sku:ACME/PUMP/{name}" for name in ("old", "new", "newer", "third"))
PALLET, OTHER_PALLET = sscc(1), sscc(2)


class AllAtOnce:
    """Chooses the last and largest, so that a partition takes all its scans in one batch, before what is told."""

    def pick(self, options: Sequence[T]) -> T:
        return options[-1]

    def chance(self, percent: int) -> bool:
        return percent > 100


def scan(key: str, step: str, minute: float, site: str = "berlin", **fields: object) -> Arrival:
    return arrived(a_scan(key, step, minute, site=site, **({"scan_id": f"{key} {step} {minute}"} | fields)))


def lived(*parts: list[Arrival], partitions: int = 3) -> Several:
    """Returns partitions to which one part of a history came after the other, each taken in to its end."""
    several = Several(partitions, Seeded(1))
    for part in ([a_site_load()], *parts):
        several.arrive(part)
        several.settle()
    return several


def verdicts(several: Several, key: str) -> list[str]:
    """Returns what came of a unit's scans as first decided."""
    written = [one for ledger in several.ledgers for one in ledger.written["verdicts"]]
    own = [one for one in written if f"{one['scan']['item']}/{one['scan']['serial']}".removeprefix("/") == key]
    return [f"{one['scan']['step']} {one['decision']['outcome']} {one['decision']['reason']}" for one in own]


def acts(several: Several, kind: str = "ALIAS") -> list[str]:
    written = [one for ledger in several.ledgers for one in ledger.written["acts"] if one["kind"] == kind]
    return [f"{one['subject']} {one['result']} {one['reason']}".strip() for one in written]


def a_relabelled() -> list[Arrival]:
    return [scan(OLD, "COMMISSION", 0, lot="L1"), scan(OLD, "STORE", 1), scan(OLD, "RELABEL", 2, other_unit=NEW)]


def test_the_new_label_goes_on_with_the_life_of_the_old_one() -> None:
    units = lived(a_relabelled(), [scan(NEW, "SHIP", 3, destination="munich")]).units()
    assert (units[NEW]["state"], units[NEW]["custody"], units[NEW]["lot"]) == ("IN_TRANSIT", "munich", "L1")
    assert units[NEW]["commissioned_at"] == units[OLD]["commissioned_at"] is not None
    assert (units[OLD]["state"], units[OLD]["alias_of"], units[NEW]["alias_of"]) == ("STORED", NEW, None)


@pytest.mark.parametrize("read", [OLD, NEW])
def test_what_the_old_label_was_expected_for_the_new_one_is(read: str) -> None:
    several = Several(3, Seeded(1))
    for partition in range(3):
        units = [[OLD, "order:7"]] if partition_of(OLD.encode(), 3) == partition else []
        for document in ("asn:1", "rma:1"):
            several.put(partition, an_internal("DOCUMENT", document, {"units": units}).record, RECEIVED_AT)
    several.settle()
    for part in ([a_site_load()], a_relabelled(), [scan(NEW, "SHIP", 3, destination="munich")]):
        several.arrive(part)
        several.settle()
    several.arrive([scan(read, "RECEIVE", 600, "munich", document="asn:1")])
    several.arrive([scan("sku:ACME/PUMP/stray", "COMMISSION", 0), scan("sku:ACME/PUMP/stray", "SHIP", 3)])
    several.arrive([scan("sku:ACME/PUMP/stray", "RECEIVE", 600, "munich", document="asn:1")])
    several.settle()
    assert verdicts(several, NEW)[-1] == "RECEIVE ACCEPTED NONE"
    assert verdicts(several, "sku:ACME/PUMP/stray")[-1] == "RECEIVE FLAGGED NOT_EXPECTED"
    several.arrive([scan(NEW, "SELL", 700, "munich", document="order:7")])
    several.arrive([scan(read, "RETURN", 800, "munich", document="rma:1")])
    several.settle()
    assert verdicts(several, NEW)[-1] == "RETURN ACCEPTED NONE"


def test_what_a_label_was_expected_for_reaches_the_third_label_though_it_is_told_last() -> None:
    several = Several(3, Seeded(1))
    for partition in range(3):
        units = [[OLD, ""]] if partition_of(OLD.encode(), 3) == partition else []
        several.put(partition, an_internal("DOCUMENT", "asn:1", {"units": units}).record, RECEIVED_AT)
    several.settle()
    for part in (
        [a_site_load(), scan(NEW, "COMMISSION", 0), scan(NEW, "RELABEL", 5, other_unit=NEWER)],
        a_relabelled(),
        [scan(NEWER, "SHIP", 6, destination="munich")],
        [scan(NEWER, "RECEIVE", 600, "munich", document="asn:1")],
    ):
        several.arrive(part)
        several.settle()
    assert verdicts(several, NEWER)[-1] == "RECEIVE ACCEPTED NONE"


def test_a_scan_of_the_old_label_changes_the_new_one_as_its_own_would() -> None:
    packed = scan(OLD, "PACK", 3, container=PALLET, document="order:7", reader="gate")
    several = lived(a_relabelled(), [packed])
    assert verdicts(several, OLD)[-1] == "PACK FLAGGED RETIRED_LABEL"
    assert verdicts(several, NEW) == ["PACK ACCEPTED NONE"]
    assert (several.units()[NEW]["container"], several.units()[PALLET]["members"]) == (PALLET, 1)
    (told,) = (one["scan"] for ledger in several.ledgers for one in ledger.written["verdicts"]
               if one["scan"]["origin"] == "DERIVED")  # fmt: skip
    same = ("step", "event_time", "capture_time", "site", "container", "document", "reader")
    assert {name: told[name] for name in same} == {name: packed.record[name] for name in same}
    assert told["attributes"] == [{"name": "label", "value": OLD}]


def test_what_the_old_label_may_not_do_is_refused_to_the_new_one() -> None:
    several = lived(a_relabelled(), [scan(OLD, "COMMISSION", 5)])
    assert verdicts(several, NEW) == ["COMMISSION REJECTED DUPLICATE_COMMISSION"]
    assert several.units()[NEW]["open_alerts"] == 1


def test_one_scan_read_under_both_labels_is_one() -> None:
    both = [scan(key, "OBSERVE", 5, "munich", reader="gate", scan_id=key) for key in (OLD, NEW)]
    several = lived(a_relabelled(), both)
    assert sorted(verdicts(several, NEW)) == ["OBSERVE FLAGGED IMPOSSIBLE_TRAVEL", "OBSERVE REPEATED DOUBLE_SCAN"]


def test_what_a_scan_of_a_retired_label_did_is_taken_back_with_it() -> None:
    shipped = scan(OLD, "SHIP", 5)
    several = lived(a_relabelled(), [shipped], [scan(OLD, "VOID", 6, corrects=shipped.record["scan_id"])])
    assert several.units()[NEW]["state"] == "STORED"


def test_a_relabel_that_comes_late_moves_the_scans_since_then_to_the_new_label_and_a_void_moves_them_back() -> None:
    late = scan(OLD, "RELABEL", 2, other_unit=NEW)
    before = [
        scan(OLD, "COMMISSION", 0),
        scan(OLD, "STORE", 1),
        scan(OLD, "SHIP", 3),
        scan(OLD, "RECEIVE", 200, "munich"),
    ]
    several = lived(before, [late])
    assert [several.units()[key]["state"] for key in (OLD, NEW)] == ["STORED", "RECEIVED"]
    several.arrive([scan(OLD, "VOID", 300, corrects=late.record["scan_id"])])
    several.settle()
    assert [several.units()[key]["state"] for key in (OLD, NEW)] == ["RECEIVED", "NONE"]
    assert several.units()[OLD]["alias_of"] is None


def test_a_scan_of_the_old_label_from_before_the_relabel_changes_what_the_new_one_took_over() -> None:
    several = lived(a_relabelled(), [scan(NEW, "OBSERVE", 3)], [scan(OLD, "FAIL", 1.5)])
    assert several.units()[NEW]["failed_at"] is not None
    assert several.units()[NEW]["state"] == "FAILED"


def test_a_unit_with_a_life_of_its_own_keeps_it() -> None:
    own = [scan(NEW, "COMMISSION", 0.5), scan(NEW, "STORE", 1, "munich")]
    several = lived(own, a_relabelled())
    assert (several.units()[NEW]["site"], several.units()[NEW]["lot"]) == ("munich", "L1")


def test_scans_follow_labels_through_all_that_came_after() -> None:
    renamed = [scan(NEW, "RELABEL", 3, other_unit=NEWER)]
    several = lived(a_relabelled(), renamed, [scan(OLD, "SHIP", 5)], [scan(OLD, "RELABEL", 6, other_unit=THIRD)])
    assert [several.units()[key]["alias_of"] for key in (OLD, NEW, NEWER, THIRD)] == [NEW, NEWER, THIRD, None]
    assert several.units()[THIRD]["state"] == "IN_TRANSIT"


def test_a_pallet_moves_what_was_relabelled_on_it_once_and_its_own_new_label_moves_all() -> None:
    packed = [scan(PALLET, "COMMISSION", 0), scan(OLD, "COMMISSION", 0), scan(OLD, "PACK", 1, container=PALLET)]
    labels = [scan(OLD, "RELABEL", 2, other_unit=NEW), scan(PALLET, "RELABEL", 3, other_unit=OTHER_PALLET)]
    several = lived(packed, labels, [scan(OTHER_PALLET, "SHIP", 5)], [scan(PALLET, "RECEIVE", 200, "munich")])
    units = several.units()
    assert [units[key]["members"] for key in (PALLET, OTHER_PALLET)] == [0, 1]
    assert [(units[NEW][name]) for name in ("container", "state", "site")] == [OTHER_PALLET, "RECEIVED", "munich"]
    assert verdicts(several, NEW) == ["PACK ACCEPTED NONE", "SHIP ACCEPTED NONE", "RECEIVE ACCEPTED NONE"]


def test_where_a_mode_blocks_retired_labels_nothing_is_forwarded() -> None:
    block = an_internal("MODES", "modes", [{"rule": "RETIRED_LABEL", "mode": "block"}], 1)
    several = lived([block], a_relabelled(), [scan(OLD, "SHIP", 5)])
    assert verdicts(several, OLD)[-1] == "SHIP REJECTED RETIRED_LABEL"
    assert verdicts(several, NEW) == []


def test_a_label_never_follows_itself() -> None:
    several = lived(a_relabelled(), [scan(NEW, "RELABEL", 3, other_unit=NEWER)])
    several.arrive([scan(NEWER, "RELABEL", 4, other_unit=OLD)])
    several.settle()
    assert verdicts(several, NEWER) == ["RELABEL REJECTED ALIAS_LOOP"]


def test_labels_that_were_retired_for_each_other_at_once_are_refused() -> None:
    both = [scan(OLD, "COMMISSION", 0), scan(NEW, "COMMISSION", 0)]
    crossed = [scan(OLD, "RELABEL", 2, other_unit=NEW), scan(NEW, "RELABEL", 2, other_unit=OLD)]
    several = Several(1, AllAtOnce())  # neither RELABEL can know of the other
    several.arrive([a_site_load(), *both, *crossed, scan(OLD, "SHIP", 5)])
    several.settle()
    assert sorted(acts(several)) == [f"{NEW} REFUSED loop", f"{OLD} REFUSED loop"]


def told_content(**others: object) -> Record:
    life = dict.fromkeys(("event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at"), 1)
    life |= {"expiry": -1, "sale": 0}
    rest = {"state": "STORED", "site": "berlin", "custody": "", "container": "", "parent": "", "lot": None}
    whole = {**life, **rest, "flags": ["stolen"], "plain": []}
    return {"alias": OLD, "version": 5, "since": 1_700_000_000_000, "life": whole, "aliases": []} | others


@pytest.mark.parametrize(
    ("content", "result"),
    [
        (told_content(), "APPLIED"),
        (told_content(version=0), "REFUSED content"),
        (told_content(alias=NEW), "REFUSED content"),
        (told_content(alias="no key"), "REFUSED content"),
        (told_content(aliases=[NEW]), "REFUSED loop"),
        (told_content(aliases=["\ud800"]), "REFUSED content"),
        (told_content(life={}), "REFUSED content"),
        (told_content(life=told_content()["life"] | {"flags": ["pretty"]}), "REFUSED content"),
        (told_content(life=told_content()["life"] | {"sale": 2**40}), "REFUSED content"),
        (told_content(life=told_content()["life"] | {"site": "x" * 200}), "REFUSED content"),
        (told_content(life=told_content()["life"] | {"site": "\ud800"}), "REFUSED content"),
        (told_content(life=told_content()["life"] | {"state": "UNHEARD_OF"}), "APPLIED"),
        ([], "REFUSED content"),
        ("{", "REFUSED content"),
    ],
)
def test_an_alias_record_that_makes_no_sense_is_refused(content: object, result: str) -> None:
    several = lived([an_internal("ALIAS", NEW, content)], partitions=1)
    assert acts(several) == [f"{NEW} {result}"]


def test_an_older_alias_record_is_stale() -> None:
    records = [
        an_internal("ALIAS", NEW, told_content()),
        an_internal("ALIAS", NEW, told_content(version=4, since=None)),
    ]
    several = lived(records, partitions=1)
    assert acts(several) == [f"{NEW} APPLIED", f"{NEW} STALE version"]
    assert (several.units()[NEW]["state"], several.units()[NEW]["flags"]) == ("STORED", "stolen")


@pytest.mark.parametrize("seed", range(10 if _IS_PLAIN else 120))
def test_units_with_new_labels_come_to_rest_where_the_oracle_says_whatever_comes_first(seed: int) -> None:
    choose = Seeded(seed)
    arrivals = group_history(choose, choose.pick((10, 25, 40, 60)), _LABELLED, labels=LABELS)
    several = rested(arrivals, choose, choose.pick((1, 2, 3, 5)))
    if not has_forgotten(several):
        assert_at_rest_as_told(several, arrivals)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10_000, 11_000))
def test_thousands_of_groups_with_new_labels_come_to_rest_where_the_oracle_says(seed: int) -> None:
    test_units_with_new_labels_come_to_rest_where_the_oracle_says_whatever_comes_first(seed)


@st.composite
def labelled(draw: st.DrawFn) -> tuple[list[Arrival], Chooser, int]:
    choose = Drawn(draw)
    arrivals = group_history(choose, draw(st.integers(1, 25)), _LABELLED, labels=LABELS)
    return arrivals, choose, draw(st.integers(1, 3))


@settings(max_examples=5 if _IS_PLAIN else 40, suppress_health_check=list(HealthCheck))
@given(labelled())
def test_any_group_with_new_labels_comes_to_rest_where_the_oracle_says(
    group: tuple[list[Arrival], Chooser, int],
) -> None:
    arrivals, choose, partitions = group
    several = rested(arrivals, choose, partitions)
    if not has_forgotten(several):
        assert_at_rest_as_told(several, arrivals)


@pytest.mark.parametrize("labels", [LABELS, _IN_CIRCLES], ids=["chains", "circles"])
@pytest.mark.parametrize("apart_ms", [0, 1, 420_000])
@pytest.mark.parametrize("seed", range(1 if _IS_PLAIN else 10))
def test_labels_come_to_rest_in_circles_at_one_time_and_whatever_is_forgotten(
    seed: int, apart_ms: int, labels: dict[str, str]
) -> None:
    choose = Seeded(seed)
    records = 40 if _IS_PLAIN else choose.pick((60, 60, 400))
    rested(group_history(choose, records, _LABELLED, apart_ms, labels), choose, 3)


@pytest.mark.parametrize("seed", range(3 if _IS_PLAIN else 15))
def test_what_labels_come_to_does_not_depend_on_where_batches_are_cut(seed: int) -> None:
    choose = Seeded(seed)
    several = rested(group_history(choose, 80, _LABELLED, labels=choose.pick((LABELS, _IN_CIRCLES))), choose, 3)
    for partition, ledger in enumerate(several.ledgers):
        again = several.again(partition, choose)
        assert (again.sent, again.kept) == (ledger.sent, ledger.kept)
        for stream in ("verdicts", "revisions", "alerts", "acts"):
            assert again.written[stream] == ledger.written[stream]
