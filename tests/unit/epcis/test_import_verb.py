"""The dry run of import-epcis: one object a file with the keys that are promised, whatever the file is."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from jobs import cli
from tests.unit.epcis.as_xml import document_xml
from tests.unit.epcis.events import DOCK, FIRST, SECOND, Object, a_document, an_event

EVENT: Object = an_event(eventID="urn:x:1", epcList=[FIRST], bizStep="receiving", readPoint={"id": DOCK})
KEYS = ["file", "accepted", "events", "scans", "errors", "notRead", "notDeclared"]
EVENT_KEYS = [
    "identity", "id", "hash", "type", "action", "biz_step", "disposition", "epcs", "has_sensors",
    "is_error_declaration",
]  # fmt: skip


def told(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], *files: Path
) -> list[dict[str, Any]]:
    monkeypatch.setattr("sys.argv", ["scanledger", "import-epcis", "--dry-run", "--json", *map(str, files)])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    rows = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert exited.value.code == (0 if all(row["accepted"] for row in rows) else 1)
    return rows


def a_file(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_json_and_xml_of_one_event_have_one_identity_and_one_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    files = [
        a_file(tmp_path, "a.jsonld", orjson.dumps(a_document(EVENT))),
        a_file(tmp_path, "a.xml", document_xml(EVENT)),
        a_file(tmp_path, "old.xml", document_xml(EVENT, version="1.2")),
    ]
    rows = told(monkeypatch, capsysbinary, *files)
    assert [row["file"] for row in rows] == [str(file) for file in files]
    for row in rows:
        assert list(row) == KEYS
        assert (row["accepted"], row["scans"], row["errors"]) == (True, 1, [])
        assert [list(event) for event in row["events"]] == [EVENT_KEYS]
    assert len({(event["identity"], event["hash"]) for row in rows for event in row["events"]}) == 1


def test_what_is_wrong_or_not_there_is_refused_which_ends_with_1_and_the_other_files_are_judged_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    wrong = a_file(tmp_path, "wrong.jsonld", orjson.dumps(a_document(EVENT, EVENT | {"action": "PUT"})))
    right = a_file(tmp_path, "right.jsonld", orjson.dumps(a_document(EVENT)))
    refused, missing, taken = told(monkeypatch, capsysbinary, wrong, tmp_path / "none.xml", right)
    assert (refused["accepted"], refused["events"], refused["scans"]) == (False, [], 0)
    assert [error["path"] for error in refused["errors"]] == ["$.epcisBody.eventList[1].action"]
    assert missing["errors"] == [{"path": "$", "message": "cannot be read: No such file or directory"}]
    assert taken["accepted"]


def test_an_identifier_that_cannot_be_read_is_told_in_json_and_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = "https://id.gs1.org/00/106141412345678907"
    event = an_event("AggregationEvent", action="ADD", parentID=wrong, childEPCs=[FIRST])
    file = a_file(tmp_path, "pack.jsonld", orjson.dumps(a_document(event)))
    nearest, why = "https://id.gs1.org/00/106141412345678908", "(00) check digit 7 should be 8"
    for option in ("--json", "--format=table"):
        monkeypatch.setattr("sys.argv", ["scanledger", "import-epcis", "--dry-run", option, str(file)])
        with pytest.raises(SystemExit):
            cli.main()
    out, err = capsys.readouterr()
    (told,) = json.loads(out.splitlines()[0])["notRead"]
    assert told == {"path": "$.epcisBody.eventList[0].parentID", "epc": wrong, "why": why, "nearest": nearest}
    assert f"{file}: {told['path']} {wrong} is not read" in err
    assert f"{why}; the nearest right one is {nearest}" in err


def test_what_a_declaration_leaves_out_of_an_event_in_an_earlier_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    declared: Object = {"errorDeclaration": {"declarationTime": "2026-11-03T00:00:00Z"}}
    event = a_file(tmp_path, "event.jsonld", orjson.dumps(a_document(EVENT | {"epcList": [FIRST, SECOND]})))
    part = a_file(tmp_path, "declared.jsonld", orjson.dumps(a_document(EVENT | declared)))
    first, second = told(monkeypatch, capsysbinary, event, part)
    assert first["notDeclared"] == []
    assert second["notDeclared"] == [{"identity": "urn:x:1", "epcs": [SECOND]}]
    (alone,) = told(monkeypatch, capsysbinary, part)
    assert alone["notDeclared"] == [{"identity": "urn:x:1", "epcs": None}]
    monkeypatch.setattr("sys.argv", ["scanledger", "import-epcis", "--dry-run", str(event), str(part)])
    with pytest.raises(SystemExit):
        cli.main()
    assert (
        f"{part}: urn:x:1 is declared wrong without {SECOND}: not taken back".encode() in capsysbinary.readouterr().err
    )
