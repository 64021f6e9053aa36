"""Unit records changed by a record that is no scan: encoded as the fold's are, one ordinal for all of them."""

import numpy as np
import numpy.typing as npt

from pipeline.domain.reference import Reference
from pipeline.domain.slices import Bytes, join
from pipeline.domain.unit_state import Units
from pipeline.wire.revision import Keys
from pipeline.wire.unit import Summary, encode_units
from pipeline.wire.verdict import Names


def encode_changed(
    names: list[bytes],
    units: Units,
    which: npt.NDArray[np.int64],
    loaded: Bytes,
    reference: Reference,
    at: tuple[int, int],
) -> list[bytes]:
    """Return the records of those units.

    Args:
        names: the keys of all units, in their order.
        units: as decode_units laid them out, changed since.
        which: the places of those to be encoded.
        loaded: the buffer that decode_units gave.
        reference: names of states, sites and lifecycles.
        at: ordinal of the record that changed them, and the partition.
    """
    buffer, starts = join(names)
    item_length = np.array([max(name.rfind(b"/"), 0) for name in names], np.int64)
    skipped = item_length + (item_length > 0)
    lengths = (starts[1:] - starts[:-1] - skipped).astype(np.int32)
    keys = Keys(buffer, starts[:-1], item_length.astype(np.int32), starts[:-1] + skipped, lengths)
    texts = Names(*reference.state_texts(), *reference.sites.texts())
    ordinals = np.full(len(names), at[0], np.int64)
    summary = Summary(*reference.lifecycle_texts(), ordinals, at[1])
    return encode_units(units, which, keys, texts, summary, loaded)
