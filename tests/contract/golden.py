"""The golden examples: framed records that must decode, or must be refused, for ever.

`schemas/examples/RECORD/vN/NAME.json` holds what the example is about, its bytes in hex, and either the value they
decode to or the word with which they are refused. Bytes inside a value are written as {"hex": …}.

    python -m tests.contract.golden scan new-example '{"scan_id": …}' "what it is about"
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.wire.schemas import catalogue, contracts_folder

FOLDER = contracts_folder() / "examples"


@dataclass(frozen=True)
class Example:
    """One golden example."""

    record: str
    version: int
    name: str
    framed: bytes
    value: dict[str, Any] | None
    error: str | None
    is_canonical: bool
    """Whether our own encoder writes the same bytes; others may write blocks and numbers in other legal ways."""

    def __str__(self) -> str:
        return f"{self.record}.v{self.version}/{self.name}"


def examples() -> list[Example]:
    """Return every example there is."""
    return [_read(file) for file in sorted(FOLDER.glob("*/v*/*.json"))]


def write_valid(record: str, name: str, value: dict[str, Any], about: str) -> None:
    """Write an example that decodes, with the newest version of its record."""
    known = catalogue().version(record)
    content = {"about": about, "hex": catalogue().encode(record, value).hex(), "value": _to_json(value)}
    _write(FOLDER / record / f"v{known.version}" / f"{name}.json", content)


def write_invalid(record: str, name: str, framed: bytes, error: str, about: str) -> None:
    """Write an example that is refused."""
    content = {"about": about, "hex": framed.hex(), "error": error}
    _write(FOLDER / record / f"v{catalogue().version(record).version}" / f"{name}.json", content)


def _write(file: Path, content: dict[str, Any]) -> None:
    if file.exists():
        message = f"{file} exists; a golden example never changes"
        raise FileExistsError(message)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _read(file: Path) -> Example:
    content = json.loads(file.read_text())
    value = None if "value" not in content else _from_json(content["value"])
    version = int(file.parent.name.removeprefix("v"))
    framed = bytes.fromhex(content["hex"])
    is_canonical = content.get("canonical", True)
    return Example(file.parent.parent.name, version, file.stem, framed, value, content.get("error"), is_canonical)


def _to_json(value: object) -> object:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {name: _to_json(part) for name, part in value.items()}
    return [_to_json(part) for part in value] if isinstance(value, list) else value


def _from_json(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return (
            bytes.fromhex(value["hex"])
            if value.keys() == {"hex"}
            else {name: _from_json(part) for name, part in value.items()}
        )
    return [_from_json(part) for part in value] if isinstance(value, list) else value


if __name__ == "__main__":
    write_valid(sys.argv[1], sys.argv[2], _from_json(json.loads(sys.argv[3])), sys.argv[4])
