"""A simulation is the same at every telling, and its clean lives are legal by the lifecycle's own file."""

import tomllib
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.simulate.plan import JANUARY_2025, Plan
from pipeline.simulate.simulation import Simulation, simulate
from pipeline.simulate.truth import read_truth, write_truth
from pipeline.simulate.world import build_world
from pipeline.wire.schemas import decode

_RETAIL = tomllib.loads((Path(__file__).parents[2] / "schemas" / "lifecycles" / "retail.toml").read_text())
_CLEAN = Plan(units=400, seed=3, anomalies=0.0, late=0.0)
_YEAR_MS = 366 * 24 * 3_600_000


def _told(simulation: Simulation) -> list[tuple[list[bytes], list[bytes], list[int], list[Any]]]:
    return [(b.keys, b.values, b.misrouted.tolist(), b.truths) for b in simulation.batches()]


def _scans(plan: Plan) -> list[dict[str, Any]]:
    return [decode(value)[1] for batch in simulate(plan).batches() for value in batch.values]


def test_the_same_plan_gives_the_same_bytes_and_another_seed_gives_others() -> None:
    first, again = (_told(simulate(Plan.of_scans(3_000, seed=7))) for _ in range(2))
    assert first == again
    assert first != _told(simulate(Plan.of_scans(3_000, seed=8)))


@pytest.mark.parametrize("plan", [Plan.of_scans(5_000), Plan.of_scans(1_234, seed=9), Plan.bench(10_000, 1_000)])
def test_as_many_scans_come_as_were_asked_for(plan: Plan) -> None:
    assert sum(map(len, simulate(plan).batches())) == plan.scans


def test_waves_make_as_many_scans_together_as_were_asked_for() -> None:
    plan = Plan(units=600, scans=6_000, wave_units=150)
    batches = list(simulate(plan).batches())
    assert (sum(map(len, batches)), plan.waves) == (6_000, 4)
    assert len({scan_id for batch in batches for scan_id in batch.values}) > 5_900


def test_every_clean_life_walks_the_lifecycle_from_commission_on_and_never_after_the_end() -> None:
    lives: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for scan in sorted(_scans(_CLEAN), key=lambda scan: scan["event_time"]):
        lives[scan["item"], scan["serial"]].append(scan)

    assert len(lives) == 400
    for life in lives.values():
        state = "NONE"
        for scan in life:
            assert state not in _RETAIL["terminal"]
            state = _RETAIL["transitions"].get(state, {}).get(scan["step"]) or _stay(state, scan["step"])


def _stay(state: str, step: str) -> str:
    assert state != "NONE"
    assert step in _RETAIL["anywhere"]["steps"], f"{step} in {state}"
    return state


def test_a_year_of_supply_chain_has_all_its_steps_and_ends_before_2026() -> None:
    scans = _scans(_CLEAN)
    steps = Counter(scan["step"] for scan in scans)
    assert {"COMMISSION", "PACK", "SHIP", "ARRIVE", "RECEIVE", "STORE", "PICK", "STOCK", "COUNT", "SELL", "RETURN"} <= {
        *steps
    }
    assert all(JANUARY_2025 <= scan["event_time"] < JANUARY_2025 + _YEAR_MS for scan in scans)
    assert all(scan["document"].startswith("count:") for scan in scans if scan["step"] == "COUNT")
    assert any(scan["destination"] for scan in scans if scan["step"] == "SHIP")


def test_a_fifth_of_the_benchmarks_units_has_more_than_32_scans() -> None:
    per_unit = Counter(key for batch in simulate(Plan.bench(10_000, 1_000)).batches() for key in batch.keys)
    assert len(per_unit) == 1_000
    assert sum(count > 32 for count in per_unit.values()) >= 200


def test_units_that_are_made_and_no_more_have_one_scan_each() -> None:
    (batch,) = simulate(Plan.made(1_000)).batches()
    assert len(batch) == len({*batch.keys}) == 1_000
    assert {decode(value)[1]["step"] for value in batch.values} == {"COMMISSION"}


def test_scan_ids_are_repeated_by_redeliveries_and_reuse_only() -> None:
    batches = list(simulate(Plan.of_scans(5_000, seed=4)).batches())
    ids = Counter(decode(value)[1]["scan_id"] for batch in batches for value in batch.values)
    planted = {t.scan_id for b in batches for t in b.truths if t.planted in {"REDELIVERED", "SCAN_ID_REUSED"}}
    assert {scan_id for scan_id, count in ids.items() if count > 1} == planted


def test_misrouted_scans_go_to_another_partition_and_with_one_partition_nowhere_else() -> None:
    (batch,) = simulate(Plan.of_scans(3_000)).batches()
    assert 0 < len(batch.strays(4)) == len(batch.misrouted)
    assert set(batch.strays(1).values()) == {0}


def test_the_site_table_names_the_known_sites_with_a_far_one_for_each(tmp_path: Path) -> None:
    world = build_world(12, seed=1)
    world.write_sites(tmp_path / "sites.csv")
    lines = (tmp_path / "sites.csv").read_text().splitlines()
    assert lines[0] == "name,latitude,longitude,kind"
    assert len(lines) == 13
    assert lines[1].startswith("factory-1,58.0,-6.0,factory")
    assert all(far != site for site, far in enumerate(world.farthest.tolist()))


def test_too_few_sites_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        build_world(3, seed=1)


def test_the_truth_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    truths = [truth for batch in simulate(Plan.of_scans(2_000)).batches() for truth in batch.truths]
    assert write_truth(tmp_path / "truth.csv", truths) == len(truths)
    assert read_truth(tmp_path / "truth.csv") == truths


def test_a_pallet_and_what_is_on_it_keep_their_times_when_lives_are_moved_to_now() -> None:
    plan = Plan.of_scans(4_000, seed=6)

    def apart(plan: Plan) -> list[int]:
        scans = _scans(plan)
        shipped = {scan["serial"]: scan["event_time"] for scan in scans if scan["step"] == "SHIP"}
        packed = [scan for scan in scans if scan["container"] and scan["step"] == "PACK"]
        return sorted(shipped[scan["container"]] - scan["event_time"] for scan in packed)

    assert apart(replace(plan, until=1_780_000_000_000)) == apart(plan) != []


def test_documents_are_told_in_the_first_batch_of_a_wave_and_expect_units_of_their_own_kind_of_scan() -> None:
    batches = list(simulate(Plan(units=600, anomalies=0.1, wave_units=300)).batches(500))
    told = [bool(batch.papers) for batch in batches]
    assert told.count(True) == 2
    names = [paper.name for batch in batches for paper in batch.papers]
    scanned = {decode(value)[1]["document"] for batch in batches for value in batch.values}
    assert set(names) <= scanned
    assert any(sale for batch in batches for paper in batch.papers for _, sale in paper.units)
