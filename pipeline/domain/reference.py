"""The reference data of one partition: sites, lifecycles and modes in force, and their version.

Flow: a record of `internal` -> APPLIED or REFUSED; the rules the fold reads; entries to be kept in `units`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.domain.decide import Rules
from pipeline.domain.document_table import DocumentTable
from pipeline.domain.lifecycle import MAX_STATES, NO_STATE, Lifecycle, parse
from pipeline.domain.lifecycle_tables import tables
from pipeline.domain.mode_table import ModeTable
from pipeline.domain.modes import Mode, modes_to_json, parse_modes
from pipeline.domain.site_table import SiteTable
from pipeline.domain.slices import Bytes, join
from pipeline.errors import RulesWrong

APPLIED, STALE, REFUSED = "APPLIED", "STALE", "REFUSED"
MAX_LIFECYCLES = 100  # their numbers are signed bytes in a unit's head
MAX_NAME_BYTES = 128  # as of a site in a scan
MAX_ENTRY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is kept: SITE, LIFECYCLE, MODES or DOCUMENT, its number, the version that set it, its content."""

    kind: str
    name: str
    index: int
    version: int
    content: str


class Reference:
    """What is in force; `changed` holds the entries not yet kept."""

    def __init__(self, lifecycles: Iterable[Lifecycle]) -> None:
        self.version = 0
        self.sites = SiteTable()
        self.lifecycles = list(lifecycles)
        self.modes = ModeTable()
        self.documents = DocumentTable()
        self.changed: list[Entry] = []
        self._rules: Rules | None = None
        self._beginnings: list[tuple[bytes, int]] | None = None
        self._kept_sites = 0

    def rules(self) -> Rules:
        """Return the rules as arrays; the site column grows with every new site."""
        if self._rules is None:
            made = tables(self.lifecycles)
            self._rules = Rules(made.rules, made.windows, self.sites.sites)
        return self._rules._replace(sites=self.sites.sites)

    def lifecycle_of(self, key: bytes) -> int:
        """Return the number of the lifecycle whose beginning of the key is the longest; the first where none fits."""
        if self._beginnings is None:
            all_of_them = ((text.encode(), number) for number, one in enumerate(self.lifecycles, start=1)
                           for text in one.applies_to)  # fmt: skip
            self._beginnings = sorted(all_of_them, key=lambda pair: -len(pair[0]))
        return next((number for beginning, number in self._beginnings if key.startswith(beginning)), 1)

    def state_texts(self) -> tuple[Bytes, np.ndarray[Any, np.dtype[np.int64]]]:
        """Return the names of all states end to end: state s of lifecycle l is number l * MAX_STATES + s."""
        names = [b""] * MAX_STATES
        for lifecycle in self.lifecycles:
            own = [NO_STATE, *lifecycle.states]
            names += [name.encode() for name in own] + [b""] * (MAX_STATES - len(own))
        return join(names)

    def lifecycle_texts(self) -> tuple[Bytes, np.ndarray[Any, np.dtype[np.int64]]]:
        """Return the names of the lifecycles end to end; number 0 is none."""
        return join([b"", *(lifecycle.name.encode() for lifecycle in self.lifecycles)])

    def load(self, record: Mapping[str, Any]) -> tuple[str, str]:
        """Act on a SITES, LIFECYCLE or MODES record: (APPLIED, "") or (REFUSED, why)."""
        loaders = {"MODES": self._load_modes, "SITES": self._load_sites, "LIFECYCLE": self._load_lifecycle}
        load = loaders.get(record["kind"])
        if load is None:
            return REFUSED, "kind"
        if record["base"] != self.version:
            return REFUSED, "base"
        try:
            return load(record)
        except (RulesWrong, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return REFUSED, "content"

    def _load_sites(self, record: Mapping[str, Any]) -> tuple[str, str]:
        rows = [
            (_name(row["name"]), _degrees(row.get("latitude"), 90.0), _degrees(row.get("longitude"), 180.0), _text(row))
            for row in json.loads(record["content"])
        ]
        self.version += 1
        for name, latitude, longitude, text in rows:
            number = self.sites.number_of(name)
            self.note_new_sites(before=number)
            self.sites.locate(number, latitude, longitude)
            self._kept_sites = max(self._kept_sites, number)
            self.changed.append(Entry("SITE", name.decode(), number, self.version, text))
        return APPLIED, ""

    def _load_lifecycle(self, record: Mapping[str, Any]) -> tuple[str, str]:
        lifecycle = parse(record["content"])
        names = [known.name for known in self.lifecycles]
        if lifecycle.name in names:
            number = names.index(lifecycle.name) + 1
            if not lifecycle.extends(self.lifecycles[number - 1]):
                return REFUSED, "states"
            self.lifecycles[number - 1] = lifecycle
        elif len(self.lifecycles) == MAX_LIFECYCLES:
            return REFUSED, "too many lifecycles"
        else:
            self.lifecycles.append(lifecycle)
            number = len(self.lifecycles)
        self.version += 1
        self._rules = self._beginnings = None
        self.changed.append(Entry("LIFECYCLE", lifecycle.name, number, self.version, lifecycle.to_json()))
        return APPLIED, ""

    def _load_modes(self, record: Mapping[str, Any]) -> tuple[str, str]:
        """Put a whole table of modes in place of the one in force."""
        modes = parse_modes(record["content"])
        self.version += 1
        self.put_modes(modes)
        self.changed.append(Entry("MODES", "modes", 0, self.version, modes_to_json(modes)))
        return APPLIED, ""

    def put_modes(self, modes: Sequence[Mode]) -> None:
        """Put a table of modes in place of the one in force, without a record; the version stays."""
        self.modes = ModeTable(modes)
        self.sites.name_in_modes(self.modes.sites)

    def know_document(self, name: str, *, names_containers: bool | None = None) -> None:
        """Know a document from now on; it changes no version, for nobody need agree about it."""
        if self.documents.add(name, names_containers=names_containers):
            names, said = self.documents.names, self.documents.names_containers(name)
            content = "{}" if said is None else json.dumps({"names_containers": said})
            number = len(names) if names[-1] == name else names.index(name) + 1
            self.changed.append(Entry("DOCUMENT", name, number, 0, content))

    def put(self, lifecycle: Lifecycle) -> None:
        """Put a lifecycle in force without a record, for a fold that nobody writes down; the version stays.

        Raises:
            RulesWrong: it drops or renames a state of the one in force, which units may be in; or there are too many.
        """
        names = [known.name for known in self.lifecycles]
        if lifecycle.name not in names and len(names) == MAX_LIFECYCLES:
            message = f"there are {MAX_LIFECYCLES} lifecycles already"
            raise RulesWrong(message)
        if lifecycle.name not in names:
            self.lifecycles.append(lifecycle)
        else:
            number = names.index(lifecycle.name)
            if not lifecycle.extends(self.lifecycles[number]):
                former = ", ".join(self.lifecycles[number].states)
                message = f"states may only be appended to lifecycle {lifecycle.name}: its states begin with {former}"
                raise RulesWrong(message)
            self.lifecycles[number] = lifecycle
        self._rules = self._beginnings = None

    def note_new_sites(self, before: int | None = None) -> None:
        """Note the sites that scans have named for the first time, to be kept: seen, not known."""
        end = len(self.sites) + 1 if before is None else before
        for number in range(self._kept_sites + 1, end):
            self.changed.append(Entry("SITE", self.sites.names[number].decode(), number, 0, "null"))
        self._kept_sites = max(self._kept_sites, end - 1)

    def take_changed(self) -> list[Entry]:
        """Return the entries to be kept, and forget that they changed."""
        self.note_new_sites()
        changed, self.changed = self.changed, []
        return changed

    def restore(self, version: int, entries: Iterable[Entry]) -> None:
        """Put back what a former owner kept; entries in any order."""
        self.version = version
        kept, modes = {}, ""
        for entry in sorted(entries, key=lambda e: (e.kind, e.index)):
            if entry.kind == "SITE":
                self._restore_site(entry)
            elif entry.kind == "DOCUMENT":
                said = json.loads(entry.content).get("names_containers")
                self.documents.add(entry.name, names_containers=said)
            elif entry.kind == "MODES":
                modes = entry.content
            else:
                kept[entry.index] = parse(entry.content)
        self._restore_lifecycles(kept)
        if modes:
            self.put_modes(parse_modes(modes))  # after the sites, which keep their numbers
        self._kept_sites = len(self.sites)
        self._rules = self._beginnings = None

    def _restore_lifecycles(self, kept: Mapping[int, Lifecycle]) -> None:
        """Give what was kept its number again; a built-in one that came later takes the lowest that is free."""
        names = {lifecycle.name for lifecycle in kept.values()}
        numbered = dict(enumerate(self.lifecycles, start=1))
        displaced = [own for number, own in numbered.items() if number in kept and own.name not in names]
        numbered = {number: own for number, own in numbered.items() if own.name not in names} | dict(kept)
        for lifecycle in displaced:
            numbered[next(number for number in range(1, MAX_LIFECYCLES + 1) if number not in numbered)] = lifecycle
        self.lifecycles = [numbered[number] for number in sorted(numbered)]

    def _restore_site(self, entry: Entry) -> None:
        number = self.sites.number_of(entry.name.encode())
        if number != entry.index:
            message = f"site {entry.name!r} was number {entry.index} and would become {number}"
            raise RulesWrong(message)
        row = json.loads(entry.content)
        if row is not None:
            self.sites.locate(number, _degrees(row.get("latitude"), 90.0), _degrees(row.get("longitude"), 180.0))


def _name(value: object) -> bytes:
    name = str(value).encode()
    if len(name) > MAX_NAME_BYTES:
        message = f"a site's name has at most {MAX_NAME_BYTES} bytes"
        raise ValueError(message)
    return name


def _text(row: object) -> str:
    text = json.dumps(row, sort_keys=True)
    if len(text) > MAX_ENTRY_BYTES:
        message = f"a site's entry has at most {MAX_ENTRY_BYTES} bytes"
        raise ValueError(message)
    return text


def _degrees(value: object, limit: float) -> float | None:
    if value is None or value == "":
        return None
    degrees = float(str(value))
    if not -limit <= degrees <= limit:  # nor is NaN
        message = f"{value} is not between -{limit} and {limit} degrees"
        raise ValueError(message)
    return degrees
