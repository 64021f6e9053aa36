"""ClickHouse's exceptions as HTTP answers: code, name and the status that ClickHouse gives with them."""

import re
from typing import Final

BAD_ARGUMENTS: Final = 36
NOT_IMPLEMENTED: Final = 48
SYNTAX_ERROR: Final = 62
UNKNOWN_FORMAT: Final = 73
READONLY: Final = 164
REQUIRED_PASSWORD: Final = 194
TOO_MANY_SIMULTANEOUS_QUERIES: Final = 202
QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING: Final = 216
NOT_ENOUGH_SPACE: Final = 243
INTO_OUTFILE_NOT_ALLOWED: Final = 358
SESSION_NOT_FOUND: Final = 372
SESSION_IS_LOCKED: Final = 373
SETTING_CONSTRAINT_VIOLATION: Final = 452
ACCESS_DENIED: Final = 497
AUTHENTICATION_FAILED: Final = 516
UNSUPPORTED_MEDIA_TYPE: Final = 779

_BAD_REQUEST = (
    6,
    8,
    15,
    25,
    26,
    27,
    36,
    37,
    38,
    41,
    44,
    53,
    62,
    72,
    117,
    123,
    167,
    168,
    223,
    321,
    376,
    427,
    441,
    675,
    676,
)
_NOT_FOUND = (46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511)
_STATUS: Final[dict[int, int]] = {
    **dict.fromkeys(_BAD_REQUEST, 400),
    **dict.fromkeys(_NOT_FOUND, 404),
    REQUIRED_PASSWORD: 401,
    **dict.fromkeys((192, 193, 512, ACCESS_DENIED, AUTHENTICATION_FAILED), 403),
    159: 408,
    381: 411,
    229: 413,
    UNSUPPORTED_MEDIA_TYPE: 415,
    NOT_IMPLEMENTED: 501,
    **dict.fromkeys((209, 76, 439), 503),
}
_ENGINE_TEXT = re.compile(r"Code: (\d+)\. (?:DB::)?Exception: (.*)", re.DOTALL)


class QueryError(Exception):
    """A statement that the engine or this server refused, with ClickHouse's code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status ClickHouse answers with for this code."""
        return _STATUS.get(self.code, 500)

    def body(self, version: str) -> bytes:
        """The answer's text, as ClickHouse writes it."""
        known = "" if "(version " in self.message else f" (version {version})"
        return f"Code: {self.code}. DB::Exception: {self.message}{known}\n".encode()


def failed(error: Exception) -> QueryError:
    """Read the code back out of an engine's message; an unreadable one is 1001, as ClickHouse calls it."""
    if isinstance(error, QueryError):
        return error
    match = _ENGINE_TEXT.search(str(error))
    if match is None:
        return QueryError(1001, f"{type(error).__name__}: {error}")
    return QueryError(int(match.group(1)), match.group(2).rstrip())
