"""Routes: which alerts are told to whom, when, and what goes there; read from a TOML file.

routes = load_routes(Path("routes.toml"))     # strict: what is not known is refused, with its place
routes.route("night shift").to                # ["duty"]
"""

import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

from pipeline.errors import RoutesWrong
from pipeline.notify.values import secret, time_of_day, time_zone
from pipeline.wire.alert_kinds import Severity, alert_kinds

EventName = Literal["opened", "escalated", "retracted", "closed", "reopened"]
EVENTS: Final[tuple[EventName, ...]] = ("opened", "escalated", "retracted", "closed", "reopened")
LEAST_SECRET: Final = 16
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
Hidden = Annotated[SecretStr, BeforeValidator(secret)]
Pattern = Annotated[str, Field(min_length=1, max_length=400)]


def _kind(told: object) -> object:
    if told not in alert_kinds():
        message = f"{str(told)[:40]!a} is no kind of alert; `scanledger alerts kinds` lists them"
        raise ValueError(message)
    return told


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Recipient(_Table):
    """Who is told: a webhook of one's own, signed, or a URL of apprise."""

    webhook: Hidden | None = None
    secret: Hidden | None = None
    apprise: Hidden | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.webhook is None) == (self.apprise is None):
            message = "wants either webhook (with secret) or apprise"
            raise ValueError(message)
        if (self.webhook is None) != (self.secret is None):
            message = "webhook and secret go together: what is sent is signed"
            raise ValueError(message)
        if self.secret is not None and len(self.secret.get_secret_value()) < LEAST_SECRET:
            message = f"secret: wants {LEAST_SECRET} characters or more"
            raise ValueError(message)
        if self.webhook is not None and not _is_address(self.webhook.get_secret_value()):
            message = "webhook: wants http://host/path or https://host/path"
            raise ValueError(message)
        return self


class Quiet(_Table):
    """Hours in which only what is critical is told; the rest waits for their end."""

    begin: Annotated[time, BeforeValidator(time_of_day), Field(alias="from")]
    end: Annotated[time, BeforeValidator(time_of_day), Field(alias="to")]
    zone: Annotated[ZoneInfo, BeforeValidator(time_zone)]

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.begin == self.end:
            message = "from and to are the same: that is never, or always"
            raise ValueError(message)
        return self


class Escalation(_Table):
    """Whom to tell where nobody has acknowledged an alert for so long."""

    after_minutes: Annotated[float, Field(gt=0, le=10_080, strict=False)]
    to: Annotated[list[Name], Field(min_length=1)]


class Route(_Table):
    """Alerts of these kinds, severities, items and sites, told to these; an empty list means all."""

    name: Name
    to: Annotated[list[Name], Field(min_length=1)]
    kinds: list[Annotated[str, BeforeValidator(_kind)]] = []
    severities: list[Severity] = []
    items: list[Pattern] = []
    sites: list[Pattern] = []
    events: list[EventName] = list(EVENTS)
    quiet: Quiet | None = None
    escalate: Escalation | None = None

    @model_validator(mode="after")
    def _escalates_to_somebody(self) -> Self:
        if self.escalate is not None and "escalated" not in self.events:
            message = (
                'events: want "escalated" where there is escalate, or nobody would be told; add it or leave events out'
            )
            raise ValueError(message)
        return self


class Burst(_Table):
    """So many openings in so many seconds are told one by one, per route, kind and site; the rest in one summary."""

    most: Annotated[int, Field(ge=1, le=10_000)] = 20
    seconds: Annotated[float, Field(gt=0, le=3_600, strict=False)] = 60.0


class Routes(_Table):
    """A routes file."""

    recipients: dict[Name, Recipient]
    routes: Annotated[list[Route], Field(min_length=1)]
    console: str = ""
    """Address of the console: links begin with it."""
    burst: Burst = Burst()

    def route(self, name: str) -> Route | None:
        """Return a route by its name."""
        return next((route for route in self.routes if route.name == name), None)

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        names = [route.name for route in self.routes]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            message = f"routes: more than one has the name {', '.join(twice)}"
            raise ValueError(message)
        for route in self.routes:
            wanted = [*route.to, *(route.escalate.to if route.escalate else [])]
            if unknown := sorted(set(wanted) - self.recipients.keys()):
                known = ", ".join(self.recipients) or "none"
                message = f"routes: {route.name} tells {', '.join(unknown)}; recipients are {known}"
                raise ValueError(message)
        if self.console and not _is_address(self.console):
            message = "console: wants http://host or https://host"
            raise ValueError(message)
        return self


def load_routes(file: Path) -> Routes:
    """Read a routes file, with the secrets that it names.

    Raises:
        RoutesWrong: it cannot be read or makes no sense; the message names every place.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"The routes {file} cannot be read: {error.strerror}."
        raise RoutesWrong(message) from error
    except ValueError as error:  # no TOML, no UTF-8
        message = f"The routes {file} are no TOML: {error}"
        raise RoutesWrong(message) from error
    return read_routes(table, file)


def read_routes(table: dict[str, Any], file: Path = Path("routes.toml")) -> Routes:
    """Read the content of a routes file; raises as `load_routes`."""
    try:
        return Routes.model_validate(table, context={"folder": file.parent})
    except ValidationError as wrong:
        told = "; ".join(f"{_place(one['loc'])}: {one['msg'].removeprefix('Value error, ')}" for one in wrong.errors())
        message = f"The routes {file} make no sense: {told.replace('<top>: ', '')}"
        raise RoutesWrong(message) from None


def _place(place: tuple[int | str, ...]) -> str:
    return ".".join(str(one + 1 if isinstance(one, int) else one) for one in place) or "<top>"


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_whole and text.isascii() and text.isprintable() and " " not in text
