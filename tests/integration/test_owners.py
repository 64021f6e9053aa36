"""Who an owner is, said and erased: the ledger's counts never knew."""

import json

import pytest

from jobs.cli import run_verb
from pipeline.warehouse.client import Warehouse
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_rows import LedgerRows

BIKES = [f"sku:ACME/BIKE/{number}" for number in range(4)]
COUNTED = (
    "v_owners",
    "v_unit_events",
    "v_unit_current",
    "v_life_events",
    "v_warranties",
    "v_assemblies",
    "v_memberships",
)


@pytest.fixture
def ledger(
    warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse, monkeypatch: pytest.MonkeyPatch
) -> LedgerRows:
    monkeypatch.setenv("CLICKHOUSE_URL", embedded_clickhouse.url)
    monkeypatch.setenv("CLICKHOUSE_PASSWORD", embedded_clickhouse.password)
    monkeypatch.setenv("CLICKHOUSE_DATABASE", warehouse.query_rows("SELECT currentDatabase()")[0][0])
    ledger = LedgerRows(warehouse)
    for number, bike in enumerate(BIKES):
        ledger.a_scan(bike, "COMMISSION", "2024-03-01 10:00:00.000")
        ledger.a_scan(bike, "SELL", "2024-03-02 10:00:00.000")
        owner = [{"name": "owner", "value": "p-1" if number < 3 else "p-2"}]
        ledger.a_scan(bike, "TRANSFER", "2024-03-03 10:00:00.000", attributes=owner)
        ledger.a_unit(bike, "SOLD", sold_at="2024-03-02 10:00:00.000", commissioned_at="2024-03-01 10:00:00.000")
    ledger.a_scan(BIKES[0], "TRANSFER", "2024-03-05 10:00:00.000", attributes=[{"name": "owner", "value": "p-2"}])
    return ledger


def run(capsys: pytest.CaptureFixture[str], verb: str, *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        run_verb(verb, list(words))
    return int(ended.value.code or 0), capsys.readouterr().out


def counts(ledger: LedgerRows, capsys: pytest.CaptureFixture[str]) -> list[object]:
    """Returns every count that an owner could be in."""
    views = [ledger.warehouse.query_rows(f"SELECT count(), sum(cityHash64(*)) FROM {view}") for view in COUNTED]  # noqa: S608
    answers = [run(capsys, "rates", "failure", "--json")[1], run(capsys, "survival", "--json")[1]]
    owners = [(row["owner"], row["units_now"], row["units_ever"]) for row in shown(capsys)]
    return [*views, *answers, owners]


def shown(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return list(json.loads(run(capsys, "owners", "show", "--json")[1]))


def test_erasing_who_an_owner_is_leaves_every_count_as_it_was(
    ledger: LedgerRows, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = counts(ledger, capsys)
    assert nobody[-1] == [("p-1", 2, 3), ("p-2", 2, 2)]
    assert run(capsys, "owners", "name", "p-1", "--person", "Ann Olsen")[0] == 0
    assert shown(capsys)[0]["person"] == "Ann Olsen"
    assert counts(ledger, capsys) == nobody
    assert run(capsys, "owners", "erase", "p-1")[0] == 0
    assert shown(capsys)[0]["person"] == ""
    assert ledger.warehouse.query_rows("SELECT count() FROM persons") == [(0,)]
    assert counts(ledger, capsys) == nobody


def test_a_unit_transferred_under_each_of_its_labels_is_one_unit_of_the_last_owner(
    ledger: LedgerRows, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = "sku:ACME/BIKE/old", "sku:ACME/BIKE/new"
    ledger.a_scan(old, "TRANSFER", "2024-03-03 10:00:00.000", attributes=[{"name": "owner", "value": "p1"}])
    ledger.a_scan(old, "RELABEL", "2024-03-04 10:00:00.000", other_unit=new)
    ledger.a_unit(old, "SOLD", alias_of=new)
    ledger.a_scan(new, "TRANSFER", "2024-03-05 10:00:00.000", attributes=[{"name": "owner", "value": "p2"}])
    owned = {row["owner"]: (row["units_now"], row["units_ever"]) for row in shown(capsys)}
    assert (owned["p1"], owned["p2"]) == ((0, 1), (1, 1))
    chain = ledger.warehouse.query_rows(
        "SELECT owner, place, `to` IS NULL FROM v_owners WHERE unit_key = {unit:String} ORDER BY place", {"unit": new}
    )
    assert chain == [("p1", 1, False), ("p2", 2, True)]


def test_the_newest_word_holds_and_nobody_is_erased_twice(
    ledger: LedgerRows, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(capsys)[0]["person"] == ""
    for person in ("Ann", "Ann Olsen"):
        run(capsys, "owners", "name", "p-1", "--person", person)
    assert [row["person"] for row in shown(capsys)] == ["Ann Olsen", ""]
    assert [run(capsys, "owners", "erase", "p-1")[0] for _ in range(2)] == [0, 1]
    assert ledger.warehouse.query_rows("SELECT count() FROM persons") == [(0,)]
