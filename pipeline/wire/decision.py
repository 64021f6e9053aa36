"""The part that verdicts and revisions have in common, written by compiled code: outcome to failed_at.

Flow: a DECISION record, names of states and sites -> Avro bytes.
"""

from typing import Final

from pipeline.domain.inlined import inlined
from pipeline.domain.lifecycle import MAX_STATES
from pipeline.domain.slices import Bytes
from pipeline.domain.unit_state import Record
from pipeline.wire.put import Starts, put_entry, put_number, put_optional_entry, put_optional_time

LONGEST_DECISION: Final = 900
"""Bytes of the longest decision: nulls before it, two states, a site, a lot and a topic at their caps, 16 numbers."""


@inlined
def put_decision(
    out: Bytes,
    at: int,
    row: Record,
    states: Bytes,
    state_starts: Starts,
    sites: Bytes,
    site_starts: Starts,
) -> int:
    """Write the fields `outcome` to `failed_at`, which the fold computes."""
    first = int(row["lifecycle"]) * MAX_STATES  # lifecycle 0 has empty names: the record was not looked at
    at = put_number(out, at, row["outcome"])
    at = put_number(out, at, row["reason"])
    at = put_entry(out, at, states, state_starts, first + int(row["before"]))
    at = put_entry(out, at, states, state_starts, first + int(row["after"]))
    at = put_number(out, at, row["sequence"])
    at = put_optional_entry(out, at, sites, site_starts, row["previous_site"])
    at = put_optional_time(out, at, row["previous_event_time"])
    at = put_optional_time(out, at, row["commissioned_at"])
    at = put_optional_time(out, at, row["shipped_at"])
    at = put_optional_time(out, at, row["sold_at"])
    at = put_optional_time(out, at, row["returned_at"])
    return put_optional_time(out, at, row["failed_at"])
