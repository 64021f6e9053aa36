"""Reference data loaded before a scan was sent is in force when the scan is judged, however much is waiting."""

import json
from pathlib import Path

from pipeline.wire.schemas import encode
from tests.worker.account import Account, wait_until_accounted
from tests.worker.running import a_ledger, running, send

PARTITIONS = 2
NOON = 1_735_732_800_000


def a_site_load() -> bytes:
    sites = json.dumps([{"name": "dock", "latitude": 1.0, "longitude": 2.0, "kind": "shop"}])
    fields = {"id": "load", "kind": "SITES", "subject": "sites", "base": 0, "author": "a test", "sent_at": NOON}
    return encode("internal", fields | {"content": sites})


def a_scan(number: int) -> tuple[bytes, bytes]:
    unit = {"item": "sku:ACME/W", "serial": str(number)}
    times = {"event_time": NOON, "capture_time": NOON}
    fields = {"scan_id": str(number), "step": "COMMISSION", "site": "dock", "origin": "DEVICE"} | unit | times
    return f"{unit['item']}/{unit['serial']}".encode(), encode("scan", fields)


def test_a_backlog_of_scans_is_judged_by_the_sites_loaded_before_it(kafka_bootstrap: str, tmp_path: Path) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path, partitions=PARTITIONS)
    for partition in range(PARTITIONS):
        send(settings, "internal", [(b"sites", a_site_load())], partition)
        send(settings, "scans", [a_scan(number) for number in range(200)], partition)
    with running(settings):
        wait_until_accounted(settings, *range(PARTITIONS))
    for partition in range(PARTITIONS):
        account = Account(settings, partition)
        account.assert_whole()
        reasons = {one.fields["reason"] for one in account.by_ordinal if one.stream == "verdicts"}
        assert reasons <= {"NONE", "MISROUTED"}
