"""The small parts of the embedded ClickHouse's interface: compression, users, parameters, running statements."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.clickhouse.compression import Packer, choose_encoding, unpack
from pipeline.local.clickhouse.failures import QueryError, failed
from pipeline.local.clickhouse.parameters import read_parameters
from pipeline.local.clickhouse.running import Running
from pipeline.local.clickhouse.users import User, authenticate

ENCODINGS = ["gzip", "zstd", "lz4", "br", "deflate", "snappy", "bz2", "xz"]
USERS = {"ledger": User("päss:word"), "analyst": User("other", is_readonly=True)}


@given(chunks=st.lists(st.binary(max_size=200), max_size=5), encoding=st.sampled_from(ENCODINGS))
def test_what_is_packed_in_chunks_unpacks_whole(chunks: list[bytes], encoding: str) -> None:
    packer = Packer(encoding)
    packed = b"".join(packer.pack(chunk) for chunk in chunks) + packer.finish()
    if packed:
        assert unpack(packed, encoding) == b"".join(chunks)


@pytest.mark.parametrize(
    ("accepted", "is_enabled", "chosen"),
    [
        ("gzip, deflate", True, "gzip"),
        ("gzip;q=0.5, zstd", True, "zstd"),
        ("gzip;q=0", True, None),
        ("rot13", True, None),
        ("", True, None),
        ("gzip", False, None),
        ("gzip", None, None),
    ],
)
def test_an_encoding_is_chosen_only_where_it_is_accepted_and_enabled(
    accepted: str, is_enabled: bool | None, chosen: str | None
) -> None:
    assert choose_encoding(accepted, is_enabled) == chosen


def test_a_password_may_have_colons_and_is_never_shown() -> None:
    encoded = base64.b64encode("ledger:päss:word".encode()).decode()
    assert authenticate(USERS, {"authorization": f"Basic {encoded}"}, {}) == "ledger"
    assert "päss" not in repr(USERS)


def test_parameters_are_told_apart() -> None:
    pairs = [("query", "SELECT 1"), ("param_x", "1"), ("max_threads", "2"), ("database", "d"), ("session_id", "s")]
    parameters = read_parameters(pairs, {})
    assert (parameters.query, parameters.database) == ("SELECT 1", "d")
    assert parameters.values == {"x": "1"}
    assert parameters.settings == {"max_threads": "2"}
    assert parameters.session is not None
    assert parameters.query_id


@pytest.mark.parametrize(
    ("pairs", "code"), [([("session_id", "s"), ("session_timeout", "soon")], 36), ([("compress", "1")], 48)]
)
def test_parameters_that_make_no_sense_are_refused(pairs: list[tuple[str, str]], code: int) -> None:
    with pytest.raises(QueryError) as refused:
        read_parameters(pairs, {})
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)", 60, 404),
        ("Streaming insert finish failed: Code: 27. DB::Exception: Cannot parse. (CANNOT)", 27, 400),
        ("Code: 241. DB::Exception: Memory limit. (MEMORY_LIMIT_EXCEEDED)", 241, 500),
        ("something else", 1001, 500),
    ],
)
def test_an_engine_s_message_gives_code_and_status(text: str, code: int, status: int) -> None:
    failure = failed(RuntimeError(text))
    assert (failure.code, failure.status) == (code, status)
    assert failure.body("26.9").startswith(f"Code: {code}. DB::Exception: ".encode())


def test_an_id_runs_once_and_nothing_new_runs_while_closing() -> None:
    running = Running()
    running.enter("one")
    running.enter("two")
    with pytest.raises(QueryError) as twice:
        running.enter("one")
    assert twice.value.code == 216
    running.leave("one")
    running.enter("one")
    running.close()
    with pytest.raises(QueryError, match="closing"):
        running.enter("another")
