"""A schema registry's ids instead of the catalogue's, against a double that speaks the registry's protocol."""

from collections.abc import Iterator

import pytest

from pipeline.broker.registry import join
from pipeline.broker.registry_client import Registry
from pipeline.errors import RegistryUnreachable
from pipeline.settings import Settings
from pipeline.wire.body import Schema, encode_body, parse
from pipeline.wire.framing import Undecodable, frame, unframe
from pipeline.wire.scan import ERRORS, decode_scans
from pipeline.wire.schemas import Catalogue, catalogue, contracts_folder, load_catalogue
from tests.contract import versions
from tests.contract.registry_double import RegistryDouble, running_registry
from tests.contract.scan_rows import a_scan, row_of


@pytest.fixture
def registry() -> Iterator[RegistryDouble]:
    with running_registry() as double:
        yield double


@pytest.fixture
def joined(registry: RegistryDouble, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A catalogue that uses the registry's ids, in the place of the process's own."""
    known = load_catalogue(contracts_folder())
    assert join(settings_with(registry.url), known)
    monkeypatch.setattr("pipeline.wire.scan.catalogue", lambda: known)
    return known


def settings_with(url: str) -> Settings:
    return Settings.model_validate({"schema_registry_url": url})


def foreign(registry: RegistryDouble, schema: Schema, **changes: object) -> bytes:
    """A scan of a site that registered a schema of its own."""
    number = registry.add("scans-value", schema)
    known = {field["name"] for field in schema["fields"]}
    value = {name: content for name, content in a_scan(**changes).items() if name in known}
    return frame(number) + encode_body(parse(schema), value)


def test_without_a_registry_the_catalogues_own_ids_stay() -> None:
    assert not join(settings_with(""))
    assert catalogue().id("scan") == 11


def test_every_schema_is_registered_under_its_full_name_and_twice_is_once(
    registry: RegistryDouble, joined: Catalogue
) -> None:
    assert "io.scanledger.Scan" in registry.subjects
    before = dict(registry.schemas)
    assert len(before) == len(joined.versions())
    join(settings_with(registry.url), load_catalogue(contracts_folder()))
    assert registry.schemas == before


def test_frames_carry_the_registrys_ids_and_are_read_by_them(joined: Catalogue) -> None:
    value = joined.encode("scan", a_scan())
    assert unframe(value)[0] == joined.id("scan") > 500
    assert joined.decode(value) == ("scan", a_scan())
    assert joined.of_id(joined.id("scan")).record == "scan"
    with pytest.raises(Undecodable, match="UNKNOWN_SCHEMA"):
        joined.decode(frame(1) + unframe(value)[1])


def test_the_same_schema_under_another_id_is_known_by_its_canonical_form(
    registry: RegistryDouble, joined: Catalogue
) -> None:
    undocumented = {**versions.SCAN, "doc": "registered by a site"}
    values = [foreign(registry, undocumented, scan_id=str(number)) for number in range(3)]
    columns = decode_scans(values)
    assert not columns.error.any()
    assert columns.buffer[: columns.ends[0]].tobytes()[5:] == values[0][5:]
    asked = len(registry.requests)
    assert not decode_scans(values).error.any()
    assert len(registry.requests) == asked


def test_a_compatible_version_is_written_anew_and_its_neighbours_are_not_touched(
    registry: RegistryDouble, joined: Catalogue
) -> None:
    newer = foreign(registry, {**versions.with_field_added()}, humidity=7, scan_id="newer")
    older = foreign(registry, versions.with_field_removed(), scan_id="older")
    ours = joined.encode("scan", a_scan(scan_id="ours"))
    columns = decode_scans([newer, ours, older, None])
    assert [ERRORS[code] for code in columns.error] == ["", "", "", "NO_VALUE"]
    assert [row_of(columns, row)["scan_id"] for row in range(3)] == ["newer", "ours", "older"]
    assert columns.buffer[columns.starts[0] : columns.ends[0]].tobytes() == joined.encode(
        "scan", a_scan(scan_id="newer")
    )
    assert joined.decode(newer) == ("scan", a_scan(scan_id="newer"))


def test_an_incompatible_version_is_an_unknown_schema(registry: RegistryDouble, joined: Catalogue) -> None:
    other_type = foreign(registry, versions.with_type_changed(), site=7)
    other_name = foreign(registry, {**versions.SCAN, "name": "Reading"})
    nobody_s = frame(9999) + b"body"
    ours = joined.encode("scan", a_scan())
    columns = decode_scans([other_type, other_name, ours, nobody_s])
    assert [ERRORS[code] for code in columns.error] == ["UNKNOWN_SCHEMA", "UNKNOWN_SCHEMA", "", "UNKNOWN_SCHEMA"]


def test_a_damaged_body_of_a_compatible_version_is_named_for_its_damage(
    registry: RegistryDouble, joined: Catalogue
) -> None:
    value = foreign(registry, versions.with_field_added(), humidity=7)
    columns = decode_scans([value[:-3], value + b"\0", value])
    assert [ERRORS[code] for code in columns.error] == ["TRUNCATED", "TRAILING_BYTES", ""]


def test_a_schema_in_another_language_is_unknown(registry: RegistryDouble) -> None:
    number = registry.add("json", {"type": "object"}, "JSON")
    not_a_record = registry.add("text", {"type": "string"})
    assert Registry(registry.url).find(number) is None
    assert Registry(registry.url).find(not_a_record) is None


def test_a_registry_that_is_not_well_makes_no_dead_letters(registry: RegistryDouble, joined: Catalogue) -> None:
    registry.is_broken = True
    with pytest.raises(RegistryUnreachable, match="SCHEMA_REGISTRY_URL"):
        decode_scans([frame(9999) + b"body"])
    registry.is_broken = False
    assert ERRORS[decode_scans([frame(9999) + b"body"]).error[0]] == "UNKNOWN_SCHEMA"


def test_a_registry_that_is_not_there_is_reported() -> None:
    with pytest.raises(RegistryUnreachable, match="127.0.0.1:1.*SCHEMA_REGISTRY_URL"):
        join(settings_with("http://127.0.0.1:1"), load_catalogue(contracts_folder()))
