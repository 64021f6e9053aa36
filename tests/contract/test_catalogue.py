"""The catalogue: ids that never change, values of other versions, wrong values refused."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.errors import SchemaUnknown
from pipeline.wire.framing import Undecodable, frame, unframe
from pipeline.wire.schemas import Catalogue, catalogue, contracts_folder, load_catalogue
from tests.contract import versions
from tests.contract.scan_rows import a_scan

IDS = {
    "scan": 1, "verdict": 2, "revision": 3, "act": 4, "unit": 5, "alert": 6, "internal": 7, "dead_letter": 8,
    "position": 9, "reference": 10, "epcis_event": 20, "edge": 21, "move": 22, "label": 23, "finding": 30,
    "assignment": 32,
}  # fmt: skip
IDS_OF_V2 = {"scan": 11, "verdict": 12, "revision": 13, "internal": 14, "reference": 15, "unit": 16}


@pytest.fixture
def of_another_version(tmp_path: Path) -> Catalogue:
    """A catalogue in which the scan has a third version."""
    shutil.copytree(contracts_folder(), tmp_path / "schemas")
    index = tmp_path / "schemas" / "topics.toml"
    index.write_text(index.read_text().replace("scan = { 1 = 1, 2 = 11 }", "scan = { 1 = 1, 2 = 11, 3 = 99 }"))
    (tmp_path / "schemas" / "scan.v3.avsc").write_text(json.dumps(versions.with_field_added()))
    return load_catalogue(tmp_path / "schemas")


def test_ids_are_those_ever_given_out() -> None:
    assert {known.record: known.id for known in catalogue().versions() if known.version == 1} == IDS
    assert {known.record: known.id for known in catalogue().versions() if known.version == 2} == IDS_OF_V2
    assert {known.record: known.id for known in catalogue().versions() if known.version == 3} == {"internal": 17}
    assert {known.record: known.id for known in catalogue().versions() if known.version == 4} == {"internal": 18}


def test_canonical_forms_are_all_different() -> None:
    forms = [known.canonical for known in catalogue().versions()]
    assert len(set(forms)) == len(forms)


def test_a_frame_is_a_zero_and_the_id() -> None:
    assert frame(0x01020304) == b"\0\1\2\3\4"
    assert unframe(b"\0\1\2\3\4body") == (0x01020304, b"body")


def test_a_record_or_version_nobody_knows_is_named() -> None:
    for ask in (lambda: catalogue().id("order"), lambda: catalogue().id("scan", 99), lambda: catalogue().of_id(99)):
        with pytest.raises(SchemaUnknown):
            ask()


@pytest.mark.parametrize(
    "change", [{"step": "FLY"}, {"site": 3}, {"event_time": "now"}, {"shoe_size": 44}, {"attributes": {"a": "b"}}]
)
def test_a_value_that_is_no_record_is_not_encoded(change: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        catalogue().encode("scan", a_scan(**change))


def test_a_schema_without_an_id_is_reported(tmp_path: Path) -> None:
    shutil.copytree(contracts_folder(), tmp_path / "schemas")
    (tmp_path / "schemas" / "scan.v7.avsc").write_text(json.dumps(versions.with_field_added()))
    with pytest.raises(SchemaUnknown, match=r"scan\.v7\.avsc has no id"):
        load_catalogue(tmp_path / "schemas")


def test_the_newest_version_is_written_and_every_version_is_read(of_another_version: Catalogue) -> None:
    old = of_another_version.encode("scan", a_scan(), version=2)
    new = of_another_version.encode("scan", a_scan(humidity=7))
    assert (unframe(old)[0], unframe(new)[0]) == (11, 99)
    assert of_another_version.decode(old) == ("scan", a_scan(humidity=None))
    assert of_another_version.decode(new) == ("scan", a_scan(humidity=7))


def test_an_older_version_is_written_anew_with_the_newest(of_another_version: Catalogue) -> None:
    translated = of_another_version.translate("scan", of_another_version.encode("scan", a_scan(), version=2))
    assert translated == of_another_version.encode("scan", a_scan(humidity=None))


def test_another_record_is_no_version_of_a_scan() -> None:
    position = catalogue().encode(
        "position",
        {"scans_next": 0, "internal_next": 0, "ordinal": 0, "reference_version": 0, "sites": 0, "rules_version": ""},
    )
    with pytest.raises(Undecodable, match="UNKNOWN_SCHEMA.*is a position, not a scan"):
        catalogue().translate("scan", position)
