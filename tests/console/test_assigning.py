"""Alerts given to somebody through the real fold: who comes second learns it, whatever ClickHouse knows by then."""

import re

import httpx

from analytics.console.access import COOKIE
from analytics.console.alert_acts import ASSIGN, shown_by
from analytics.questions import ask
from tests.console.served import Console


def test_who_assigns_over_somebody_else_is_told(waiting: Console) -> None:
    named = {"ids": [], "statuses": ["OPEN"], "kinds": [], "units": [], "most": 1}
    (alert,) = ask(waiting.ledger.warehouse, "alerts", **named)
    page = httpx.get(f"{waiting.url}/alerts/{alert['id']}", cookies={COOKIE: waiting.session("operator")}).text
    had = re.findall(r'name="had" value="([^"]*)"', page)
    assert had == [f"{alert['id']} "]

    def given(author: str, to: str, shown: list[str]) -> dict[str, str]:
        (row,) = waiting.acts.on_alerts(ASSIGN, [alert["id"]], author, {"reason": "", "to": to} | shown_by(shown))
        return {name: str(row[name]) for name in ("result", "reason")}

    assert given("Ada", "Ann", had) == {"result": "APPLIED", "reason": ""}
    assert given("Otto", "Bob", had) == {"result": "STALE", "reason": "assigned to Ann by Ada"}
    assert given("Otto", "Bob", [f"{alert['id']} Ann"])["result"] == "APPLIED"
    assert given("Otto", "", [f"{alert['id']} Bob"])["result"] == "APPLIED"
