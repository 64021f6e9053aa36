"""A site table as a CSV file: name, latitude, longitude, kind, codes; each row checked, each fault with its row number.

`codes`, which may be left out, are what EPCIS events call the site: GLNs, SGLNs as URN or Digital Link, any other URI,
with blanks between them.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from jobs.unreadable import why_unreadable
from pipeline.capture.epcis.things import code_of
from pipeline.capture.epcis.uris import is_uri
from pipeline.domain.identifiers import identify
from pipeline.errors import RulesWrong

COLUMNS = ("name", "latitude", "longitude", "kind")
MAX_NAME_BYTES = 128  # as in a scan
FAULTS_SHOWN = 20
_LIMITS = {"latitude": 90.0, "longitude": 180.0}


class Site(NamedTuple):
    """A site; without coordinates it is known, but no travel to it is checked."""

    name: str
    latitude: float | None
    longitude: float | None
    kind: str
    codes: tuple[str, ...] = ()


def read_sites(file: Path) -> list[Site]:
    """Read and check the whole table before anything is sent.

    Raises: RulesWrong naming every faulty row (the header is row 1).
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.DictReader(text, strict=True)
            if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
                message = f"{file}: no column {', '.join(missing)}; the header is {','.join(COLUMNS)}"
                raise RulesWrong(message)
            sites, faults = _checked((rows.line_num, row) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error if isinstance(error, csv.Error) else why_unreadable(error)
        message = f"{file} cannot be read as a CSV file in UTF-8: {why}"
        raise RulesWrong(message) from error
    if faults:
        more = f"\n… and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        message = f"{file}: {len(faults)} faults, nothing was sent:\n" + "\n".join(faults[:FAULTS_SHOWN]) + more
        raise RulesWrong(message)
    return sites


def _checked(rows: Iterable[tuple[int, Mapping[str, str | None]]]) -> tuple[list[Site], list[str]]:
    sites: list[Site] = []
    faults: list[str] = []
    first_row: dict[str, int] = {}
    first_site: dict[str, str] = {}
    for number, row in rows:
        name = (row["name"] or "").strip()
        codes = tuple((row.get("codes") or "").split())
        wrong = _name_faults(name) + _coordinate_faults(row) + _code_faults(name, codes, first_site)
        if None in row:
            wrong.append("more values than columns")
        if name in first_row:
            wrong.append(f"name {name!r} is already in row {first_row[name]}")
        first_row.setdefault(name, number)
        faults += [f"row {number}: {fault}" for fault in wrong]
        if not wrong:
            kind = (row["kind"] or "").strip()
            sites.append(Site(name, _degrees(row["latitude"]), _degrees(row["longitude"]), kind, codes))
    return sites, faults


def _name_faults(name: str) -> list[str]:
    if not name:
        return ["no name"]
    size = len(name.encode())
    return [f"name of {size} bytes, at most {MAX_NAME_BYTES}"] if size > MAX_NAME_BYTES else []


def _code_faults(site: str, codes: Iterable[str], first_site: dict[str, str]) -> list[str]:
    """Return what is wrong with a site's codes; `first_site` remembers whose each code is."""
    faults = []
    for code in codes:
        if (fault := _code_fault(code)) is not None:
            faults.append(f"code {code!r}: {fault}")
        elif (other := first_site.setdefault(code_of(code), site)) != site:
            faults.append(f"code {code!r} is already that of {other!r}")
    return faults


def _code_fault(code: str) -> str | None:
    if is_uri(code) and not code.startswith("urn:epc:"):
        return None
    found = identify(code if is_uri(code) else f"(414){code}")
    return None if found.ok else f"no GLN, SGLN or other URI: {found.errors[0].message}"


def _coordinate_faults(row: Mapping[str, str | None]) -> list[str]:
    faults = []
    for column, limit in _LIMITS.items():
        try:
            degrees = _degrees(row[column])
        except ValueError:
            faults.append(f"{column} {row[column]!r} is no number")
            continue
        if degrees is not None and not -limit <= degrees <= limit:
            faults.append(f"{column} {degrees:g} is not between -{limit:g} and {limit:g}")
    if not faults and (_degrees(row["latitude"]) is None) != (_degrees(row["longitude"]) is None):
        faults.append("latitude and longitude: both or neither")
    return faults


def _degrees(text: str | None) -> float | None:
    text = (text or "").strip()
    return float(text) if text else None
