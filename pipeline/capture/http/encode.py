"""Checked scans as records for the log: their ids, their receipt, their bytes.

Flow: columns of good scans and the receipt they go under -> keys and framed scans in the order of the request.
"""

from __future__ import annotations

from itertools import chain
from typing import Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.capture.http.check import Checked
from pipeline.capture.http.columns import Texts, is_there
from pipeline.capture.identity import correcting_ids, import_ids
from pipeline.domain.scan import ORIGINS, STEPS
from pipeline.wire.scan_encode import Attributes, ScanRows, TextField, encode_scans, unit_keys
from pipeline.wire.text_column import Text, slices

_DEVICE: Final = ORIGINS.index("DEVICE")
_CORRECTION: Final = ORIGINS.index("CORRECTION")
_STEPS: Final = [step.encode() for step in STEPS]
_PLACE_DIGITS: Final = 5


class Encoded(NamedTuple):
    """The records of a request, in its order."""

    keys: list[bytes]
    values: list[bytes]


def encode(checked: Checked, receipt: str) -> Encoded:
    """Encode the good scans.

    A scan's `receipt` is the receipt's id and the scan's place in the request: so each of its verdicts says which line
    of which request it answers.
    """
    texts = {name: _text(values) for name, values in checked.texts.items()}
    buffer, starts = unit_keys(texts["item"], texts["serial"])
    texts["scan_id"] = _scan_ids(checked, texts, Text.of_slices(buffer, starts))
    texts["receipt"] = _text([receipt_of(receipt, place) for place in checked.places.tolist()])
    rows = ScanRows(
        texts=cast("dict[TextField, Text]", texts),
        step=checked.step,
        event_time=checked.event_time,
        capture_time=checked.capture_time,
        origin=np.where(is_there(checked.texts.get("corrects"), len(checked)), _CORRECTION, _DEVICE),
        expiry=checked.expiry,
        attributes=_attributes(checked),
    )
    return Encoded(slices(buffer, starts), slices(*encode_scans(rows)))


def receipt_of(receipt: str, place: int) -> str:
    """Return what a scan says of the request it came in."""
    return f"{receipt}/{place:0{_PLACE_DIGITS}}"


def _text(values: Texts) -> Text:
    try:
        joined = "".join(values)  # type: ignore[arg-type]  # raises where one is None
    except TypeError:
        return Text.of_values([None if value is None else value.encode() for value in values])
    if not joined.isascii():
        return Text.of_values([str(value).encode() for value in values])
    starts = np.zeros(len(values) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, values), np.int64, len(values)), out=starts[1:])  # type: ignore[arg-type]
    return Text.of_slices(np.frombuffer(joined.encode(), np.uint8), starts)


def _scan_ids(checked: Checked, texts: dict[str, Text], keys: Text) -> Text:
    """Return the ids that scans came with, and of the others the import rule's hash of what they say."""
    is_given = is_there(checked.texts.get("scan_id"), len(checked))
    if len(checked) and is_given.all():
        return texts["scan_id"]
    steps = Text.of_codes(_STEPS, checked.step)
    made = import_ids(keys, steps, texts["site"], texts.get("reader"), texts.get("document"), checked.event_time)
    if "corrects" in texts:
        made = _merged(correcting_ids(made, texts["corrects"]), made, texts["corrects"].codes >= 0)
    return _merged(texts["scan_id"], made, is_given) if is_given.any() else made


def _merged(first: Text, second: Text, takes_first: NDArray[np.bool_]) -> Text:
    """Return the rows of the first column where they are taken, else those of the second."""
    pairs = zip(first.values(), second.values(), takes_first.tolist(), strict=True)
    return Text.of_values([one if is_first else other for one, other, is_first in pairs])


def _attributes(checked: Checked) -> Attributes | None:
    if checked.attributes is None:
        return None
    starts = np.concatenate([[0], np.cumsum([len(pairs) for pairs in checked.attributes])]).astype(np.int64)
    every = list(chain.from_iterable(checked.attributes))
    return Attributes(
        starts,
        Text.of_values([name.encode() for name, _ in every]),
        Text.of_values([value.encode() for _, value in every]),
    )
