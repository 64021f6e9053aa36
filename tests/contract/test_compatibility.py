"""BACKWARD evolution: a newer version reads what an older one wrote, judged by Apache Avro's own checker."""

import json
from itertools import pairwise

import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from pipeline.wire.body import Schema
from pipeline.wire.schemas import catalogue
from tests.contract import versions


def can_read(reader: Schema, writer: Schema) -> bool:
    new, old = (avro.schema.parse(json.dumps(schema)) for schema in (reader, writer))
    found = ReaderWriterCompatibilityChecker().get_compatibility(new, old)  # type: ignore[no-untyped-call]
    return bool(found.compatibility is SchemaCompatibilityType.compatible)


def test_each_version_reads_the_one_before() -> None:
    known = sorted(catalogue().versions(), key=lambda version: (version.record, version.version))
    for older, newer in pairwise(known):
        if older.record == newer.record:
            assert can_read(newer.schema, older.schema), f"{newer.record} v{newer.version}"


def test_versions_count_from_one_without_a_gap_and_scan_and_verdict_advance_together() -> None:
    known: dict[str, list[int]] = {}
    for version in catalogue().versions():
        known.setdefault(version.record, []).append(version.version)
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in known.values())
    assert known["scan"] == known["verdict"]


@pytest.mark.parametrize("version", catalogue().versions(), ids=lambda version: f"{version.record}.v{version.version}")
def test_a_version_reads_its_own_data(version: object) -> None:
    schema = version.schema  # type: ignore[attr-defined]
    assert can_read(schema, schema)


def test_the_scan_in_a_verdict_is_the_scan() -> None:
    nested = catalogue().schema("verdict")["fields"][0]["type"]
    assert nested == catalogue().schema("scan")


@pytest.mark.parametrize("made", [versions.with_field_added, versions.with_field_removed])
def test_a_second_version_that_may_be_published(made: object) -> None:
    assert can_read(made(), versions.SCAN)  # type: ignore[operator]


@pytest.mark.parametrize(
    "made", [versions.with_field_added_without_default, versions.with_type_changed, versions.with_step_removed]
)
def test_a_second_version_that_may_not(made: object) -> None:
    assert not can_read(made(), versions.SCAN)  # type: ignore[operator]
