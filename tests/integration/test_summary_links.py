"""The link of a summary, followed through the console to ClickHouse: the list has what the summary counts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.questions import ask
from pipeline.notify.message import words_of
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.unit.console.desks import URL, Office
from tests.unit.notify.telling import MINUTE, NOON, Told, some_routes

EVENING = NOON + 10 * 60 * MINUTE + 30 * MINUTE
"""22:30 UTC, within quiet hours."""
QUIET = {"from": "22:00", "to": "05:00", "zone": "UTC"}
MORE = {"item": "", "subject": "", "ids": [], "most": 100, "skip": 0}


class Openings:
    """Alerts opened in the ledger, told to the desk that notifies."""

    def __init__(self, ledger: LedgerRows, told: Told) -> None:
        self._ledger, self._told = ledger, told

    def add(self, name: str, at: int, site: str = "munich", kind: str = "SEEN_AFTER_END") -> None:
        when = datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        identity, unit = name.rjust(32, "0"), f"sku:A/B/{name}"
        self._ledger.an_alert(identity, unit, kind, "OPEN", "OPENED", site=site, received_at=when)
        self._told.take(at=at, id=identity, subject=f"unit:{unit}", kind=kind, site=site)


def listed(link: str, home: Path, warehouse: Warehouse) -> list[dict[str, Any]]:
    """Returns the alerts that the page of a link lists."""
    office = Office(home)
    try:
        assert link.startswith(URL)
        page = office.client("analyst").get(link.removeprefix(URL))
        assert page.status_code == 200
        name, asked = next(one for one in office.told.asked if one[0] == "console_alerts")
    finally:
        office.told.close()
    return ask(warehouse, name, **asked)


def test_the_link_of_a_summary_after_quiet_hours_lists_what_it_counts(tmp_path: Path, warehouse: Warehouse) -> None:
    burst = {"most": 5, "seconds": 3600}
    told = Told(tmp_path / "told", some_routes({"quiet": QUIET}, console=URL, burst=burst))
    openings = Openings(LedgerRows(warehouse), told)
    openings.add("900", EVENING - 3 * MINUTE)
    for n in range(25):
        openings.add(f"{n}", EVENING + n * MINUTE)
        openings.add(f"b{n}", EVENING + n * MINUTE, site="munich-2")
    openings.add("901", EVENING + 60 * 8 * MINUTE)
    told.wait(EVENING + 12 * 60 * MINUTE)
    bodies = [json.loads(body) for body in told.bodies]
    body = next(one for one in bodies if one["event"] == "summary" and one["summary"]["site"] == "munich")
    assert (body["summary"]["from"], body["summary"]["to"]) == (
        "2025-11-25T22:34:00.000+00:00",
        "2025-11-25T22:54:00.000+00:00",
    )
    rows = listed(body["link"], tmp_path / "home", warehouse)
    assert body["summary"]["count"] == len(rows) == rows[0]["found"] == 21
    assert {row["site"] for row in rows} == {"munich"}
    assert "between 2025-11-25T22:34:00.000+00:00 and 2025-11-25T22:54:00.000+00:00" in words_of(body)[1]


def test_a_site_s_own_alert_is_of_that_site_by_its_whole_name(warehouse: Warehouse) -> None:
    ledger = LedgerRows(warehouse)
    for number, subject in enumerate(("site:oslo", "site:oslo-2", "unit:sku:A/B/1")):
        site = "oslo" if subject.startswith("unit") else ""
        ledger.an_alert(f"{number}", "", "SILENT_SITE", "OPEN", "OPENED", subject=subject, site=site)
    everything = {"statuses": [], "kinds": [], "opened_from_ms": 0, "opened_to_ms": 1 << 62, **MORE}
    found = [
        {row["subject"] for row in ask(warehouse, "console_alerts", site="oslo", is_exact=exact, **everything)}
        for exact in (0, 1)
    ]
    assert found == [{"site:oslo", "site:oslo-2", "unit:sku:A/B/1"}, {"site:oslo", "unit:sku:A/B/1"}]
