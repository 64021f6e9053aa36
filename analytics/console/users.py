"""Who may use the console: users with a role, one-time links to sign in, sessions; in SCANLEDGER_HOME/console.json.

Of links and sessions only hashes are kept. Their texts have 256 random bits, so one SHA-256 keeps them: nothing slower
would be safer. A user's role is looked up at every request, so a change holds at once.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pipeline.home_file import HomeFile

Role = Literal["analyst", "operator", "admin"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
MAY: Final[dict[Role, str]] = {
    "analyst": "reads",
    "operator": "reads, and acts on alerts and recalls",
    "admin": "does all of that, sends dead letters again, manages users and keys",
}
"""Each role may what those before it may."""
LINK_SECONDS: Final = 15 * 60
SESSION_SECONDS: Final = 12 * 3600
NAME_CHARACTERS: Final = 64


def may(role: Role, needed: Role) -> bool:
    """Tell whether a role is enough where another is needed."""
    return ROLES.index(role) >= ROLES.index(needed)


def name_fault(name: str) -> str:
    """Return what is wrong with a user's name, nothing where it will do."""
    is_good = name and len(name) <= NAME_CHARACTERS and name.isprintable() and name == " ".join(name.split())
    return "" if is_good else f"A name has 1 to {NAME_CHARACTERS} characters that can be printed."


@dataclass(frozen=True)
class User:
    """Who may sign in."""

    name: str
    role: Role
    created_ms: int


@dataclass(frozen=True)
class Ticket:
    """A link or a session as it is kept: whose, and until when."""

    user: str
    created_ms: int
    expires_ms: int


@dataclass(frozen=True)
class Visitor:
    """Who asks, as a request's session says."""

    name: str
    role: Role
    csrf: str
    session: str
    """Hash of the session, its name on the page of users."""


class LastAdmin(Exception):
    """There would be nobody left who manages users."""


@dataclass
class _Book:
    users: dict[str, User] = field(default_factory=dict)
    links: dict[str, Ticket] = field(default_factory=dict)
    sessions: dict[str, Ticket] = field(default_factory=dict)


class UserBook:
    """The users of one home; another process's changes are seen at the next look."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = HomeFile(home / "console.json", "users of the console", _parse, asdict)
        self._clock = clock

    def users(self) -> list[User]:
        """Return every user, by name."""
        return sorted(self._file.read().users.values(), key=lambda user: user.name)

    def sessions(self) -> dict[str, Ticket]:
        """Return the sessions that hold, by their hash, the newest first."""
        held = {name: one for name, one in self._file.read().sessions.items() if one.expires_ms > self._now()}
        return dict(sorted(held.items(), key=lambda pair: -pair[1].created_ms))

    def keep(self, name: str, role: Role) -> User:
        """Make a user, or change one's role; the last admin cannot be changed into something less.

        Raises: LastAdmin; FolderUnusable where the home cannot be written.
        """
        with self._file.changing() as book:
            known = book.users.get(name)
            user = User(name, role, self._now()) if known is None else replace(known, role=role)
            _keep_an_admin(book, {**book.users, name: user})
            book.users[name] = user
            return user

    def remove(self, name: str) -> bool:
        """Remove a user with its links and sessions; False where there is none. Raises as `keep`."""
        with self._file.changing() as book:
            rest = {other: user for other, user in book.users.items() if other != name}
            _keep_an_admin(book, rest)
            was_known, book.users = name in book.users, rest
            _revoke(book, name)
            return was_known

    def link(self, name: str) -> str:
        """Return a new one-time secret by which a user signs in; it is kept nowhere.

        Raises: KeyError where there is no such user; FolderUnusable.
        """
        text = secrets.token_urlsafe(32)
        with self._file.changing() as book:
            book.links[_hash(text)] = self._ticket(book.users[name].name, LINK_SECONDS)
        return text

    def invited(self, link: str) -> User | None:
        """Return whom a link would sign in, None where it holds no more."""
        book = self._file.read()
        ticket = book.links.get(_hash(link))
        return None if ticket is None or ticket.expires_ms <= self._now() else book.users.get(ticket.user)

    def sign_in(self, link: str) -> str | None:
        """Return the text of a new session for a link, which holds no more then; None where it does not hold.

        Raises: FolderUnusable.
        """
        if self.invited(link) is None:
            return None  # a guess costs no write
        text = secrets.token_urlsafe(32)
        with self._file.changing() as book:
            self._forget_expired(book)
            ticket = book.links.pop(_hash(link), None)
            if ticket is None or ticket.user not in book.users:
                return None
            book.sessions[_hash(text)] = self._ticket(ticket.user, SESSION_SECONDS)
        return text

    def visitor(self, session: str) -> Visitor | None:
        """Return who has a session, None where it holds no more."""
        book, name = self._file.read(), _hash(session)
        ticket = book.sessions.get(name)
        user = None if ticket is None or ticket.expires_ms <= self._now() else book.users.get(ticket.user)
        return None if user is None else Visitor(user.name, user.role, _hash(f"csrf {session}"), name)

    def sign_out(self, session: str) -> bool:
        """End the session of this hash; False where there is none. Raises: FolderUnusable."""
        with self._file.changing() as book:
            return book.sessions.pop(session, None) is not None

    def revoke(self, name: str) -> int:
        """End all sessions and links of a user; return how many. Raises: FolderUnusable."""
        with self._file.changing() as book:
            return _revoke(book, name)

    def _ticket(self, name: str, seconds: int) -> Ticket:
        return Ticket(name, self._now(), self._now() + seconds * 1000)

    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _forget_expired(self, book: _Book) -> None:
        book.links = {name: one for name, one in book.links.items() if one.expires_ms > self._now()}
        book.sessions = {name: one for name, one in book.sessions.items() if one.expires_ms > self._now()}


def _keep_an_admin(book: _Book, after: dict[str, User]) -> None:
    had, has = (any(user.role == "admin" for user in users.values()) for users in (book.users, after))
    if had and not has:
        message = "This is the last admin: make another user admin first."
        raise LastAdmin(message)


def _revoke(book: _Book, name: str) -> int:
    kept = len(book.links) + len(book.sessions)
    book.links = {text: one for text, one in book.links.items() if one.user != name}
    book.sessions = {text: one for text, one in book.sessions.items() if one.user != name}
    return kept - len(book.links) - len(book.sessions)


def _parse(content: Any) -> _Book:  # noqa: ANN401  JSON
    def tickets(of: str) -> dict[str, Ticket]:
        return {name: Ticket(**one) for name, one in content.get(of, {}).items()}

    users = {name: User(**one) for name, one in content.get("users", {}).items()}
    return _Book(users, tickets("links"), tickets("sessions"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
