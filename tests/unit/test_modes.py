"""Modes: what a table may say, which row holds, what each mode makes of each rule, and what it does to the unit."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from jobs.modes import app, rows_of
from pipeline.domain.mode_table import ModeTable, outcome_of
from pipeline.domain.modes import BLOCKING_RULES, MODES, RULES, Mode, modes_to_json, parse_modes
from pipeline.domain.reference import Reference
from pipeline.domain.verdict import ACCEPTED, FLAGGED, OUTCOMES, REASONS, REJECTED
from pipeline.errors import RulesWrong
from pipeline.ledger.built_in import built_in_lifecycles
from tests.oracle import modes as plain

_OUTCOMES = {"observe": "ACCEPTED", "warn": "FLAGGED", "block": "REJECTED"}
_KEYS = ("sku:ACME/PUMP/1", "sku:ACME/HOSE/1", "gtin:09506000134352/1", "imei:49015420323751", "")
_SITES = ("berlin", "shop-oslo", "")

_rows = st.lists(
    st.builds(
        Mode,
        rule=st.sampled_from(RULES),
        mode=st.sampled_from(MODES),
        key_prefix=st.sampled_from(("", "sku:", "sku:ACME/", "sku:ACME/PUMP", "gtin:0950", "vin:")),
        site=st.sampled_from(("", "berlin", "shop-oslo")),
    ),
    max_size=40,
    unique_by=lambda mode: (mode.rule, mode.key_prefix, mode.site),
)


def _told(table: ModeTable, rule: str, key: str, site: str) -> str:
    column = table.sites.index(site) + 1 if site in table.sites else 0
    usual = REJECTED if rule in BLOCKING_RULES else FLAGGED
    return OUTCOMES[outcome_of(int(table.cells[table.class_of(key.encode()), column]), REASONS.index(rule), usual)]


def test_toml_and_json_say_the_same() -> None:
    toml = """
    # the shop in Oslo learns
    [[mode]]
    rule = "WRONG_UNIT"
    key_prefix = "gtin:0950"
    site = "shop-oslo"
    mode = "block"
    [[mode]]
    rule = "UNKNOWN_SITE"
    mode = "observe"
    """
    modes = (Mode("WRONG_UNIT", "block", "gtin:0950", "shop-oslo"), Mode("UNKNOWN_SITE", "observe"))
    assert parse_modes(toml) == modes
    assert parse_modes(modes_to_json(modes)) == modes
    assert parse_modes(json.dumps({"mode": json.loads(modes_to_json(modes))})) == modes


@given(_rows)
def test_modes_come_back_from_the_json_they_travel_in(modes: list[Mode]) -> None:
    assert parse_modes(modes_to_json(modes)) == tuple(modes)


@given(_rows)
@settings(deadline=None)
def test_the_most_specific_row_holds(modes: list[Mode]) -> None:
    table, rows = ModeTable(modes), json.loads(modes_to_json(modes))
    for key in _KEYS:
        for site in _SITES:
            for rule in RULES:
                assert _told(table, rule, key, site) == plain.outcome_of(rows, rule, key, site), (rule, key, site)


def test_a_longer_beginning_goes_before_a_named_site_and_that_before_any() -> None:
    modes = [
        Mode("STOLEN", "observe"),
        Mode("STOLEN", "warn", site="berlin"),
        Mode("STOLEN", "block", key_prefix="sku:"),
        Mode("STOLEN", "observe", key_prefix="sku:ACME/", site="oslo"),
    ]
    table = ModeTable(modes)
    assert [_told(table, "STOLEN", "vin:1", site) for site in ("oslo", "berlin")] == ["ACCEPTED", "FLAGGED"]
    assert [_told(table, "STOLEN", "sku:B/1/1", site) for site in ("oslo", "berlin")] == ["REJECTED", "REJECTED"]
    assert [_told(table, "STOLEN", "sku:ACME/1/1", site) for site in ("oslo", "berlin")] == ["ACCEPTED", "REJECTED"]
    assert [f"{row['key_prefix']}{row['site']}" for row in rows_of(modes)] == ["sku:ACME/oslo", "sku:", "berlin", ""]


@pytest.mark.parametrize("rule", sorted(set(REASONS) - set(RULES)))
def test_a_reason_that_has_no_mode_is_refused_by_name(rule: str) -> None:
    with pytest.raises(RulesWrong, match=f"row 1: (rule is 'NONE'|{rule} has no modes: .*); rules with modes are DUP"):
        parse_modes(json.dumps([{"rule": rule, "mode": "warn"}]))


@pytest.mark.parametrize("rule", sorted(set(REASONS) - set(RULES)))
def test_a_reason_that_has_no_mode_keeps_its_outcome_whatever_the_modes(rule: str) -> None:
    everything = ModeTable([Mode(one, "observe") for one in RULES])
    assert outcome_of(int(everything.cells[1, 0]), REASONS.index(rule), REJECTED) == REJECTED
    assert outcome_of(int(everything.cells[1, 0]), REASONS.index("UNKNOWN_SITE"), REJECTED) == ACCEPTED


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "it must have `mode` and nothing else"),
        ("nonsense", "not a table of modes"),
        ("[1, 2", "not a table of modes"),
        ("[" * 100_000, "not a table of modes"),
        ('[{"a": ' * 100_000, "not a table of modes"),
        ('{"mode": {}}', "must be a list"),
        ('{"mode": [], "modes": []}', "nothing else, not"),
        ("[[mode]]\nrule = 'STOLEN'", "row 1: mode is None, not one of observe, warn, block"),
        ("[[mode]]\nrule = 'STOLEN'\nmode = 'off'", "row 1: mode is 'off'"),
        ("[[mode]]\nmode = 'warn'", "rule is None, which is no rule"),
        ("[[mode]]\nrule = 'SPEEDING'\nmode = 'warn'", "rule is 'SPEEDING', which is no rule"),
        ("[[mode]]\nrule = 'STOLEN'\nmode = 'warn'\nsites = ['a']", "unknown key 'sites'"),
        ("[[mode]]\nrule = 'STOLEN'\nmode = 'warn'\nsite = ''", "leave it out for every site"),
        ("[[mode]]\nrule = 'STOLEN'\nmode = 'warn'\nkey_prefix = 7", "key_prefix must be a text"),
        ('[{"rule": "STOLEN", "mode": "warn"}, {}]', "row 2: rule is None"),
        ('[{"rule": ["STOLEN"], "mode": {"a": 1}}]', "row 1: rule is .*mode is"),
        ('[{"rule": "STOLEN", "mode": ["warn"]}]', "mode is"),
        ('[{"rule": "STOLEN", "mode": "warn", "site": null}]', "site must be a text"),
        ('[{"rule": "STOLEN", "mode": "warn", "site": "\\ud800"}]', "half a surrogate"),
        ('[{"rule": "STOLEN", "mode": "warn", "site": "a\\u0000"}]', "control character"),
        (json.dumps([{"rule": "STOLEN", "mode": "warn", "site": "å" * 65}]), "more than 128 bytes"),
        (json.dumps([{"rule": "STOLEN", "mode": "warn"}] * 2), "rows 1 and 2 are about the same"),
        (json.dumps([{"rule": "STOLEN", "mode": "warn"}] * 1001), "1001 rows; at most 1000"),
    ],
)
def test_what_a_table_may_not_say_is_named(content: str, named: str) -> None:
    with pytest.raises(RulesWrong, match=named):
        parse_modes(content)
    reference = Reference(built_in_lifecycles())
    assert reference.load({"kind": "MODES", "base": 0, "content": content}) == ("REFUSED", "content")
    assert (reference.version, reference.modes.modes, reference.take_changed()) == (0, (), [])


def test_a_load_replaces_the_whole_table_and_an_empty_one_puts_the_defaults_back() -> None:
    reference = Reference(built_in_lifecycles())
    for base, row in enumerate(
        ({"rule": "STOLEN", "mode": "warn", "site": "oslo"}, {"rule": "EXPIRED", "mode": "warn"})
    ):
        assert reference.load({"kind": "MODES", "base": base, "content": json.dumps([row])}) == ("APPLIED", "")
    assert reference.modes.modes == (Mode("EXPIRED", "warn"),)
    assert not reference.sites.sites["column"].any()
    assert reference.load({"kind": "MODES", "base": 1, "content": "[]"}) == ("REFUSED", "base")
    assert reference.load({"kind": "MODES", "base": 2, "content": "[]"}) == ("APPLIED", "")
    assert reference.version == 3
    assert not reference.modes.modes


def test_a_take_over_finds_the_modes_in_force_and_every_site_under_its_number() -> None:
    reference = Reference(built_in_lifecycles())
    modes = (Mode("STOLEN", "warn", site="oslo"), Mode("EXPIRED", "observe", "sku:", "berlin"))
    reference.load({"kind": "MODES", "base": 0, "content": '[{"rule": "STOLEN", "mode": "block"}]'})
    reference.load({"kind": "SITES", "base": 1, "content": '[{"name": "munich", "latitude": 48, "longitude": 11}]'})
    reference.load({"kind": "MODES", "base": 2, "content": modes_to_json(modes)})
    reference.load({"kind": "SITES", "base": 3, "content": '[{"name": "oslo", "latitude": 60, "longitude": 11}]'})
    entries = {(entry.kind, entry.name): entry for entry in reference.take_changed()}
    again = Reference(built_in_lifecycles())
    again.restore(reference.version, reversed(entries.values()))
    assert (again.version, again.modes.modes, again.sites.names) == (4, modes, reference.sites.names)
    assert (again.sites.sites == reference.sites.sites).all()
    assert sorted(again.sites.sites["column"].tolist()) == [0, 0, 1, 2]
    assert again.take_changed() == []


def test_the_verb_checks_a_file_and_says_which(tmp_path: Path) -> None:
    file = tmp_path / "modes.toml"
    file.write_text('[[mode]]\nrule = "STOLEN"\nmode = "warn"\n')
    shown: list[dict[str, Any]] = json.loads(CliRunner().invoke(app, ["check", str(file), "--json"]).stdout)
    assert shown == [{"rule": "STOLEN", "key_prefix": "", "site": "", "mode": "warn", "default": "block"}]
    file.write_text('[[mode]]\nrule = "SEEN_AFTER_END"\nmode = "warn"\n')
    failed = CliRunner().invoke(app, ["check", str(file)]).exception
    assert isinstance(failed, RulesWrong)
    assert f"{file}: row 1: SEEN_AFTER_END has no modes: nothing happens to a unit after its end" in str(failed)
    assert "cannot be read" in str(CliRunner().invoke(app, ["check", str(tmp_path)]).exception)
