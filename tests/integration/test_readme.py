"""What the README promises: its producer's scans are taken, and the names it uses are those that exist."""

import re
from pathlib import Path

import numpy as np
import pytest

from jobs.cli import VERBS
from pipeline.broker.read import read_partition
from pipeline.broker.topics import Topics
from pipeline.domain.routing import partition_of
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.where import where_of
from pipeline.settings import Settings
from pipeline.wire.schemas import decode
from tests.worker.running import a_ledger

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = "".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md")))
PARTITIONS = 4
KEY = b"gtin:09506000134352/ABC124"


def between(begin: str, end: str) -> str:
    return README.split(begin)[1].split(end)[0]


def run_producer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs the README's producer as it stands there, but into a topic of this test's own."""
    code = between("<!-- producer -->", "<!-- producer end -->").strip().removeprefix("```python").removesuffix("```")
    assert code.count('"scans"') == 1
    monkeypatch.setenv("KAFKA_BOOTSTRAP", settings.kafka_bootstrap)
    monkeypatch.chdir(ROOT)
    own = code.replace('"scans"', repr(Topics.load(settings.topic_prefix).name("scans")))
    exec(compile(own, "README.md", "exec"), {})  # noqa: S102


def test_the_producers_scan_is_accepted_but_for_its_unknown_site(
    kafka_bootstrap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path, PARTITIONS)
    run_producer(settings, monkeypatch)
    partition = partition_of(KEY, PARTITIONS)
    (record,) = read_partition(settings, "scans", partition)
    assert record.key == KEY
    batch = Batch([record.key], [record.value], np.array([record.offset]), np.array([record.timestamp]))
    ledger = Ledger(where_of(settings, partition, PARTITIONS), built_in_lifecycles())
    verdicts = ledger.take_scans(batch, lambda keys: [None for _ in keys]).records["verdicts"]
    record_name, verdict = decode(verdicts.values[0])
    assert record_name == "verdict"
    assert verdict["scan"]["site"] == "factory-lyon"
    assert (verdict["decision"]["outcome"], verdict["decision"]["reason"]) == ("FLAGGED", "UNKNOWN_SITE")
    assert verdict["decision"]["state_after"] == "COMMISSIONED"


def test_every_setting_and_no_other_is_in_the_table_of_variables() -> None:
    table = between("| variable |", "`docker-compose.yml` has")
    named = re.findall(r"`([A-Z_]+)`", "\n".join(row.split("|")[1] for row in table.splitlines() if row.count("|") > 3))
    assert sorted(named) == sorted(str(field.alias) for field in Settings.model_fields.values())


def test_every_verb_is_shown() -> None:
    assert [verb for verb in VERBS if not re.search(rf"(scanledger |`){verb}\b", README + PAGES)] == []


def test_every_verb_that_is_shown_exists() -> None:
    assert set(re.findall(r"^(?:    |\$ )scanledger ([a-z-]+)", README + PAGES, flags=re.MULTILINE)) <= set(VERBS)


def test_every_folder_of_the_map_exists() -> None:
    folders = re.findall(r"`([a-z/]+/)`", between("| folder |", "[DECISIONS.md]"))
    assert folders
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_every_link_within_the_repository_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
