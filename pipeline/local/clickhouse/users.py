"""Who may ask: users with passwords, told by basic authentication, ClickHouse's headers or URL parameters."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.local.clickhouse.failures import AUTHENTICATION_FAILED, REQUIRED_PASSWORD, QueryError


@dataclass(frozen=True, slots=True)
class User:
    """One user: the password never appears in a representation, hence in no log."""

    password: str = field(repr=False)
    is_readonly: bool = False


def authenticate(users: Mapping[str, User], headers: Mapping[str, str], parameters: Mapping[str, str]) -> str:
    """Return the name of the user whose password came with the request.

    Raises:
        QueryError: No credentials came (194), or they fit no user (516).
    """
    name, password = _credentials(headers, parameters)
    if name is None and password is None:
        message = "Authentication is required: send a user and a password. (REQUIRED_PASSWORD)"
        raise QueryError(REQUIRED_PASSWORD, message)
    name = name or "default"
    user = users.get(name)
    expected = user.password if user else ""
    is_right = hmac.compare_digest((password or "").encode(), expected.encode())
    if user is None or not is_right:
        message = (
            f"{name}: Authentication failed: password is incorrect, or there is no user with such name."
            " (AUTHENTICATION_FAILED)"
        )
        raise QueryError(AUTHENTICATION_FAILED, message)
    return name


def _credentials(headers: Mapping[str, str], parameters: Mapping[str, str]) -> tuple[str | None, str | None]:
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user"), headers.get("x-clickhouse-key", "")
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return _basic(encoded)
    if "user" in parameters or "password" in parameters:
        return parameters.get("user"), parameters.get("password", "")
    return None, None


def _basic(encoded: str) -> tuple[str | None, str | None]:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, password = text.partition(":")
    return name, password
