"""The scans of a request checked: the good ones in columns, and every fault of the others.

Flow: lines and who sent them -> columns of good scans with their places in the request, and a list of faults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.capture.codes import CODES, CodeReader
from pipeline.capture.document_name import one_names
from pipeline.capture.http.attributes import attributes_of
from pipeline.capture.http.columns import Columns, Texts, is_there
from pipeline.capture.http.fields import NAMES, TEXTS
from pipeline.capture.http.keys import Key
from pipeline.capture.http.likely import Misread
from pipeline.capture.http.lines import Lines, check_names
from pipeline.capture.http.malformed import Malformed
from pipeline.capture.http.nearest import Nearest
from pipeline.capture.http.stated import expiry_of, lots_of
from pipeline.capture.http.units import unit_keys_of, units_of
from pipeline.domain.scan import STEPS, VOID
from pipeline.wire.scan_encode import NO_DATE

_STEP: Final = {name: number for number, name in enumerate(STEPS)}
_STEPS_TOLD: Final = f"there are {', '.join(STEPS)}"
_LIKENESS: Final = 0.5  # of a step to the one that was meant
_SITE: Final = "site"
_FLAGS: Final = ("flags_set", "flags_unset")
_OTHER_UNITS: Final = ("container", "other_unit")

Value = TypeVar("Value")
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Checked:
    """The good scans of a request, one entry each, and what is wrong with the others.

    Shape: `places` int64, the place of each good scan in the request; `texts` by the scan's field, None where it has
    none; times in milliseconds since 1970; expiry in days since 1970, NO_DATE where there is none.
    """

    scans: int
    malformed: list[Malformed]
    places: NDArray[np.int64]
    texts: dict[str, Texts]
    step: NDArray[np.int64]
    event_time: NDArray[np.int64]
    capture_time: NDArray[np.int64]
    expiry: NDArray[np.int32] | None
    attributes: list[Pairs] | None
    misread: dict[int, Misread]
    """Codes that name no unit, scanned under a document, by the place of their fault in `malformed`."""

    def __len__(self) -> int:
        return len(self.places)


def check(lines: Lines, key: Key, now_ms: int, codes: CodeReader = CODES) -> Checked:
    """Check every scan of a request.

    Args:
        lines: the scans as they were sent.
        key: who sent them: a scan of another site is a fault, one without a site takes the key's only one.
        now_ms: the capture time of scans that have none.
        codes: how codes are read here.
    """
    check_names(lines, NAMES)
    columns = Columns(lines, codes)
    units = units_of(columns)
    step = _steps(columns)
    event_time = columns.moments("event_time")
    is_timed = np.zeros(len(lines), np.bool_) if event_time is None else event_time.is_there
    columns.missing("event_time", is_timed, "when was it seen?")
    capture_time = columns.moments("capture_time")
    texts: dict[str, Texts] = {"item": units.items, "serial": units.serials, _SITE: _sites(columns, key)}
    texts |= _texts(columns)
    _check_voids(columns, step, texts.get("corrects"))
    lot, expiry = lots_of(columns, units, texts.pop("lot", None)), expiry_of(columns, units)
    if lot is not None:
        texts["lot"] = lot
    attributes = attributes_of(columns, units)
    places, malformed = np.flatnonzero(~columns.faults.bad), columns.faults.listed()
    now = np.full(len(lines), now_ms, np.int64)
    captured = now if capture_time is None else np.where(capture_time.is_there, capture_time.milliseconds, now)
    return Checked(
        scans=len(lines),
        malformed=malformed,
        places=places,
        texts={name: _chosen(values, places) for name, values in texts.items()},
        step=step[places],
        event_time=np.zeros(0, np.int64) if event_time is None else event_time.milliseconds[places],
        capture_time=captured[places],
        expiry=None if expiry is None else np.array([NO_DATE if d is None else d for d in expiry], np.int32)[places],
        attributes=None if attributes is None else _chosen(attributes, places),
        misread=_misread(malformed, columns.raw("code"), texts.get("document"), step),
    )


def _misread(
    malformed: list[Malformed], codes: list[Any] | None, documents: Texts | None, step: NDArray[np.int64]
) -> dict[int, Misread]:
    if codes is None or documents is None:
        return {}
    wrong = [(at, one.index) for at, one in enumerate(malformed) if (one.field, one.reason) == ("code", "BAD_CODE")]
    steps = {at: STEPS[step[index]] if step[index] >= 0 else "" for at, index in wrong}
    return {at: Misread(codes[index], named, steps[at]) for at, index in wrong if (named := documents[index])}


def _chosen(values: list[Value], places: NDArray[np.int64]) -> list[Value]:
    return values if len(places) == len(values) else [values[place] for place in places.tolist()]


def _texts(columns: Columns) -> dict[str, Texts]:
    found = {name: columns.text(name) for name in TEXTS if name != _SITE}
    found |= {name: unit_keys_of(columns, name) for name in _OTHER_UNITS}
    found |= {name: columns.flags(name) for name in _FLAGS}
    _check_flags(columns, *(found[name] for name in _FLAGS))
    if (documents := found["document"]) is not None:
        found["document"] = one_names(documents)
    return {name: text for name, text in found.items() if text is not None}


def _steps(columns: Columns) -> NDArray[np.int64]:
    values = columns.raw("step") or [None] * columns.scans
    numbers = np.fromiter((_step(value) for value in values), np.int64, columns.scans)
    nearest = Nearest(STEPS, _LIKENESS)
    for index in np.flatnonzero(numbers < 0).tolist():
        value = values[index]
        if value is None:
            columns.faults.add(index, "step", "MISSING", "what was done?")
        else:
            columns.faults.add(index, "step", "UNKNOWN_STEP", _unknown_step(value, nearest))
    return numbers


def _step(value: Any) -> int:  # noqa: ANN401  JSON
    return _STEP.get(value, -1) if type(value) is str else -1


def _unknown_step(value: object, nearest: Nearest) -> str:
    shown = str(value)[:60]
    near = nearest.of(shown.upper())
    return f"{shown!r} is no step; {f'did you mean {near}?' if near else _STEPS_TOLD}"


def _sites(columns: Columns, key: Key) -> Texts:
    """Return the site of each scan: its own, which must be one of the key's, else the key's only one."""
    sites = columns.text(_SITE) or [None] * columns.scans
    if key.only_site is not None:
        for at in np.flatnonzero(columns.is_blank(_SITE)).tolist():
            sites[at] = key.only_site
    else:
        columns.missing(_SITE, is_there(sites, columns.scans), "where was it seen? this API key has no single site")
    if key.sites is not None:
        for at, site in enumerate(sites):
            if site is not None and site not in key.sites:
                columns.faults.add(at, _SITE, "OTHER_SITE", f"{site!r} is not a site of this API key")
    return sites


def _check_voids(columns: Columns, step: NDArray[np.int64], corrects: Texts | None) -> None:
    names_one = is_there(corrects, columns.scans)
    columns.missing("corrects", (step != VOID) | names_one, "VOID takes back the scan that corrects names: name it")


def _check_flags(columns: Columns, given: Texts | None, taken: Texts | None) -> None:
    for at, (one, other) in enumerate(zip(given or [], taken or [], strict=False)):
        if one and other and set(one.split()) & set(other.split()):
            columns.faults.add(at, "flags_unset", "CONTRADICTION", "a flag cannot be set and unset by one scan")
