"""The URL parameters of a request, told apart: what the interface itself reads, query parameters, settings."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.local.clickhouse.failures import BAD_ARGUMENTS, NOT_IMPLEMENTED, QueryError

# Read by the interface; everything else is a setting of the query.
_RESERVED_TEXT = """
    query query_id database default_format user password quota_key session_id session_timeout session_check
    stacktrace compress decompress buffer_size wait_end_of_query client_protocol_version role close_session
    default_result_format
"""
_RESERVED = frozenset(_RESERVED_TEXT.split())
_PREFIX = "param_"
_SESSION_SECONDS, _SESSION_SECONDS_MOST = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Session:
    """The session a request asks for."""

    id: str
    seconds: float
    must_exist: bool


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request asks for besides its statement."""

    query: str
    query_id: str
    database: str | None
    default_format: str | None
    session: Session | None
    waits_for_end: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    def flag(self, name: str) -> bool | None:
        """Read a setting as a switch, None where the request does not name it."""
        value = self.settings.get(name)
        return None if value is None else value.lower() in ("1", "true")


def named(given: Mapping[str, str]) -> str | None:
    """Return the id that a client gives its statement, if any.

    Raises:
        QueryError: The headers of an answer could not carry it.
    """
    query_id = given.get("query_id") or None
    if query_id is not None and not (query_id.isascii() and query_id.isprintable()):
        raise QueryError(BAD_ARGUMENTS, "query_id is of printable ASCII characters: headers carry it. (BAD_ARGUMENTS)")
    return query_id


def read_parameters(pairs: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> Parameters:
    """Tell the parameters of one request apart; the headers of the same meaning count where none is given.

    Raises:
        QueryError: A parameter is asked for that this server does not have, or makes no sense.
    """
    given = dict(pairs)
    if given.get("compress") == "1" or given.get("decompress") == "1":
        message = "compress=1 and decompress=1 are not implemented: use HTTP compression. (NOT_IMPLEMENTED)"
        raise QueryError(NOT_IMPLEMENTED, message)
    query_id = named(given) or str(uuid.uuid4())
    settings = {k: v for k, v in given.items() if k not in _RESERVED and not k.startswith(_PREFIX)}
    return Parameters(
        query=given.get("query", ""),
        query_id=query_id,
        database=given.get("database") or headers.get("x-clickhouse-database") or None,
        default_format=headers.get("x-clickhouse-format") or given.get("default_format") or None,
        session=_session(given),
        waits_for_end=given.get("wait_end_of_query") == "1",
        settings=settings,
        values={k.removeprefix(_PREFIX): v for k, v in given.items() if k.startswith(_PREFIX)},
    )


def _session(given: Mapping[str, str]) -> Session | None:
    if not given.get("session_id"):
        return None
    try:
        seconds = float(given.get("session_timeout", _SESSION_SECONDS))
    except ValueError:
        message = f"Invalid session timeout: '{given['session_timeout']}'. (BAD_ARGUMENTS)"
        raise QueryError(BAD_ARGUMENTS, message) from None
    return Session(given["session_id"], min(seconds, _SESSION_SECONDS_MOST), given.get("session_check") == "1")
