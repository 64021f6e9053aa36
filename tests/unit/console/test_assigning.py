"""What an assignment says of who had the alert: what its author saw, else what ClickHouse says."""

import json

import pytest

from analytics.console.alert_acts import known_by, shown_by
from jobs import console_outside
from jobs.alert_acts import record_of
from jobs.console_outside import LedgerActs
from pipeline.settings import Settings

ALERT = {
    "id": "a" * 32, "kind": "IMPOSSIBLE_TRAVEL", "opening": 1, "unit_key": "sku:ACME/W/A1", "subject": "",
    "assignee": "Cy",
}  # fmt: skip


def test_what_a_form_showed_goes_with_the_assignment() -> None:
    more = {"reason": "", "to": "Bob"} | shown_by([f"{ALERT['id']} ", f"{'b' * 32} Ann Lee", "nonsense"])
    known = known_by(more)
    assert (known[str(ALERT["id"])], known["b" * 32]) == ("", "Ann Lee")
    content = json.loads(record_of("ALERT_ASSIGN", ALERT, ("Otto", ""), "Bob", known)["content"])
    assert (content["to"], content["from"]) == ("Bob", "")


def test_without_a_form_it_is_what_clickhouse_says() -> None:
    assert json.loads(record_of("ALERT_ASSIGN", ALERT, ("Otto", ""), "Bob")["content"])["from"] == "Cy"
    assert "from" not in json.loads(record_of("ALERT_CLOSE", ALERT, ("Otto", "done"), None)["content"])


def test_a_name_too_long_for_the_ledger_is_cut_and_so_nobodys() -> None:
    (name,) = shown_by([f"{ALERT['id']} {'é' * 100}"]).values()
    assert name == "é" * 64


def test_the_ledgers_acts_hand_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, object]] = []
    monkeypatch.setattr(console_outside, "act_on", lambda *_, **told: seen.append(told))
    acts = LedgerActs(Settings())
    acts.on_alerts("ALERT_ASSIGN", ["a"], "Otto", {"to": "Bob"} | shown_by(["a Ann"]))
    acts.on_alerts("ALERT_CLOSE", ["a"], "Otto", {"reason": "done"})
    assert seen == [{"assignee": "Bob", "known": {"a": "Ann"}}, {}]
