"""DDL as it is rendered for one server and for a cluster."""

import pytest

from pipeline.errors import SettingsWrong
from pipeline.warehouse.profiles import profile_named, render

EVENTS = "CREATE TABLE IF NOT EXISTS unit_events (item String, serial String) ENGINE = MergeTree ORDER BY serial"
STATE = "CREATE TABLE unit_state (key String, v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY key"


@pytest.mark.parametrize("profile", ["embedded", "server"])
def test_one_server_runs_what_is_written(profile: str) -> None:
    assert render(EVENTS, profile_named(profile)) == [EVENTS]


def test_a_table_of_a_cluster_is_a_replicated_and_a_distributed_one() -> None:
    local, distributed = render(EVENTS, "cluster")
    assert local.startswith("CREATE TABLE IF NOT EXISTS unit_events_local ON CLUSTER '{cluster}' (item")
    assert "ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY" in local
    assert distributed == (
        "CREATE TABLE IF NOT EXISTS unit_events ON CLUSTER '{cluster}' AS unit_events_local"
        " ENGINE = Distributed('{cluster}', currentDatabase(), 'unit_events_local',"
        " kafkaMurmurHash(if(item = '', serial, concat(item, '/', serial))))"
    )


def test_an_engine_keeps_its_arguments_behind_those_of_the_replica() -> None:
    local, distributed = render(STATE, "cluster")
    assert "ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', v)" in local
    assert "kafkaMurmurHash(key)" in distributed


def test_an_engine_with_empty_brackets_takes_those_of_the_replica() -> None:
    local, _ = render("CREATE TABLE t (a Int8) ENGINE = MergeTree() ORDER BY a", "cluster")
    assert "ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY" in local


def test_views_stay_one_and_are_made_everywhere() -> None:
    assert render("CREATE OR REPLACE VIEW v AS SELECT * FROM t", "cluster") == [
        "CREATE OR REPLACE VIEW v ON CLUSTER '{cluster}' AS SELECT * FROM t"
    ]


def test_dropping_and_altering_reach_both_tables() -> None:
    assert render("DROP TABLE IF EXISTS t SYNC", "cluster") == [
        "DROP TABLE IF EXISTS t_local ON CLUSTER '{cluster}' SYNC",
        "DROP TABLE IF EXISTS t ON CLUSTER '{cluster}' SYNC",
    ]
    assert len(render("ALTER TABLE t ADD COLUMN b Int8", "cluster")) == 2


def test_the_columns_of_a_view_are_described_once() -> None:
    assert render("ALTER TABLE v_stock COMMENT COLUMN site 'where'", "cluster") == [
        "ALTER TABLE v_stock ON CLUSTER '{cluster}' COMMENT COLUMN site 'where'"
    ]


def test_what_is_no_ddl_is_left_alone() -> None:
    assert render("INSERT INTO t SELECT 1", "cluster") == ["INSERT INTO t SELECT 1"]


def test_an_unknown_profile_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsWrong, match="CLICKHOUSE_PROFILE"):
        profile_named("cloud")
