"""The console that `up` serves: a newcomer finds on Now what was planted; an act goes through the real worker."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from pipeline.broker.send import send_scans
from pipeline.settings import Settings, load_settings
from pipeline.wire.schemas import encode
from tests.integration.capture_stack import CaptureStack, running_capture_stack
from tests.oracle.arrivals import a_scan

CLONE, TWICE = "sku:ACME/PUMP/A1", "sku:ACME/PUMP/B2"
NAMED_SECONDS = 120.0
_SITES = "name,latitude,longitude,kind\nberlin,52.52,13.405,shop\nmunich,48.137,11.575,shop\nnice,43.7,7.26,shop\n"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaptureStack]:
    with running_capture_stack(tmp_path_factory.mktemp("console") / "home") as running:
        yield running


@contextmanager
def signed_in(stack: CaptureStack, *words: str) -> Iterator[httpx.Client]:
    """Follow a link as a person does: open it, press its button; be signed in for the length of the block."""
    link = stack.run("console", "link", *words).strip()
    address, _, token = link.partition("/sign-in?link=")
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=40, follow_redirects=True) as client:
        assert "Sign in as" in client.get(link).text
        assert client.post("/sign-in", data={"link": token}).status_code == 200
        yield client


def plant(settings: Settings) -> None:
    """Send a clone in two towns within a minute, a unit made twice, and bytes that are no scan."""
    minutes = [
        (CLONE, "COMMISSION", 0, "berlin"), (CLONE, "OBSERVE", 600, "berlin"), (CLONE, "OBSERVE", 601, "munich"),
        (TWICE, "COMMISSION", 0, "berlin"), (TWICE, "COMMISSION", 90, "berlin"),
    ]  # fmt: skip
    scans = [
        a_scan(unit, step, minute, site=site, scan_id=f"{unit} {minute}", reader=f"r{minute}")
        for unit, step, minute, site in minutes
    ]
    keys = [f"{scan['item']}/{scan['serial']}".encode() for scan in scans]
    send_scans(settings, [*keys, b"k"], [*(encode("scan", scan) for scan in scans), b"no scan at all"])


def test_a_newcomer_finds_three_planted_faults_named_on_now_and_their_evidence_behind_links(
    stack: CaptureStack, tmp_path: Path
) -> None:
    table = tmp_path / "sites.csv"
    table.write_text(_SITES)
    stack.run("sites", "load", str(table))
    begun = time.monotonic()
    plant(load_settings(home=stack.home))
    with signed_in(stack) as client:
        while not all(
            word in (page := client.get("/").text) for word in ("Impossible travel", "Duplicate", "Unreadable")
        ):
            assert time.monotonic() - begun < NAMED_SECONDS, page
            time.sleep(0.5)
        evidence = [client.get(path).text for path in set(re.findall(r'href="(/alerts/[0-9a-f]{32})"', page))]
    parts = {part["name"]: part["health"] for part in json.loads(stack.run("status", "--json"))}
    assert parts["findings"] == "ok"
    assert "none silent; " in page
    assert "1 without a scan here" in page
    assert len(evidence) == 2
    assert any(CLONE in text and "munich" in text for text in evidence)
    assert any(TWICE in text and "Duplicate commission" in text for text in evidence)


def test_an_act_goes_through_the_worker_and_who_comes_second_is_told(stack: CaptureStack) -> None:
    with signed_in(stack, "--user", "Otto", "--role", "operator") as client:
        alert = re.findall(r'href="(/alerts/[0-9a-f]{32})"', client.get("/alerts").text)[0]
        stack.run("alerts", "ack", alert.removeprefix("/alerts/"), "--author", "ada")
        csrf = re.findall(r'name="csrf" value="(\w+)"', client.get(alert).text)[0]
        late = client.post(f"{alert}/acknowledge", data={"csrf": csrf})
        assert late.status_code == 200
        assert "Somebody was first" in late.text
        assert "ada was first: acknowledged" in late.text
        closed = client.post(f"{alert}/close", data={"csrf": csrf, "reason": "a copy"}).text
    assert "Closed." in closed
    assert "Otto" in closed
    assert "a copy" in closed


def test_whoever_may_only_read_is_refused_by_the_real_thing_too(stack: CaptureStack) -> None:
    with signed_in(stack, "--user", "Ann", "--role", "analyst") as client:
        alert = re.findall(r'href="(/alerts/[0-9a-f]{32})"', client.get("/alerts?status=all").text)[0]
        csrf = re.findall(r'name="csrf" value="(\w+)"', client.get(alert).text)[0]
        assert client.post(f"{alert}/reopen", data={"csrf": csrf}).status_code == 403
        assert client.get("/users").status_code == 403


def test_a_dead_letter_is_sent_corrected_once_and_a_rejected_attempt_can_be_put_right(stack: CaptureStack) -> None:
    with signed_in(stack, "--user", "Ada", "--role", "admin") as client:

        def said(**fields: str) -> str:
            page = client.get(letter).text
            told = {name: re.findall(rf'name="{name}" value="(\w*)"', page)[0] for name in ("csrf", "attempt")}
            seen = {"site": "berlin", "event_time": "2026-01-05T09:30:00Z"}
            return client.post(letter, data=told | seen | fields).text

        letter = re.findall(r'href="(/health/dead-letters/\d+/\d+)"', client.get("/health/ledger").text)[0]
        assert "Unknown unit" in said(code="sku:ACME/PUMP/NEW", step="SELL")
        assert "What was sent before has no effect" in client.get(letter).text
        assert "It was sent" in said(code="sku:ACME/PUMP/NEW", step="COMMISSION")
        assert "Redelivered" in said(code="sku:ACME/PUMP/NEW", step="COMMISSION")
        refused = said(code="sku:ACME/PUMP/OTHER", step="COMMISSION")
    assert "A scan of sku:ACME/PUMP/NEW was sent instead of it already, by Ada, and it is ACCEPTED" in refused
    told = stack.run(
        "query", "SELECT step, outcome, reason FROM unit_events WHERE serial = 'NEW' ORDER BY ordinal", "--json"
    )
    assert [tuple(row.values()) for row in json.loads(told)] == [
        ("SELL", "REJECTED", "UNKNOWN_UNIT"), ("VOID", "ACCEPTED", "NONE"), ("COMMISSION", "ACCEPTED", "NONE"),
        ("COMMISSION", "REPEATED", "REDELIVERED"),
    ]  # fmt: skip
    assert json.loads(stack.run("query", "SELECT count() AS n FROM unit_events WHERE serial = 'OTHER'", "--json")) == [
        {"n": 0}
    ]
