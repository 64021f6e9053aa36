"""Users, links and sessions: what holds, for how long, and what is kept of it."""

import json
from pathlib import Path

import pytest

from analytics.console.users import LINK_SECONDS, ROLES, SESSION_SECONDS, LastAdmin, UserBook, may, name_fault
from pipeline.errors import FileUnreadable


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> UserBook:
    users = UserBook(tmp_path, clock)
    users.keep("Ada", "admin")
    return users


def test_a_link_signs_in_once(book: UserBook) -> None:
    link = book.link("Ada")
    session = book.sign_in(link)
    assert session is not None
    visitor = book.visitor(session)
    assert visitor is not None
    assert (visitor.name, visitor.role) == ("Ada", "admin")
    assert book.sign_in(link) is None
    assert book.invited(link) is None


def test_looking_at_a_link_does_not_use_it_up(book: UserBook) -> None:
    link = book.link("Ada")
    for _ in range(2):
        user = book.invited(link)
        assert user is not None
        assert user.name == "Ada"
    assert book.sign_in(link) is not None


def test_a_link_holds_a_quarter_of_an_hour(book: UserBook, clock: Clock) -> None:
    link = book.link("Ada")
    clock.now += LINK_SECONDS
    assert book.invited(link) is None
    assert book.sign_in(link) is None


def test_a_session_ends_by_itself(book: UserBook, clock: Clock) -> None:
    session = book.sign_in(book.link("Ada"))
    assert session is not None
    clock.now += SESSION_SECONDS - 1
    assert book.visitor(session) is not None
    clock.now += 1
    assert book.visitor(session) is None
    assert book.sessions() == {}


def test_a_text_nobody_made_signs_nobody_in(book: UserBook) -> None:
    assert book.sign_in("") is None
    assert book.sign_in("guess") is None
    assert book.visitor("guess") is None


def test_nothing_that_signs_in_is_kept_as_it_is(book: UserBook, tmp_path: Path) -> None:
    link, other = book.link("Ada"), book.link("Ada")
    session = book.sign_in(other)
    kept = (tmp_path / "console.json").read_text()
    assert session is not None
    assert link not in kept
    assert session not in kept
    assert (tmp_path / "console.json").stat().st_mode & 0o077 == 0


def test_a_role_holds_at_once_for_those_signed_in(book: UserBook) -> None:
    book.keep("Bo", "operator")
    session = book.sign_in(book.link("Bo"))
    book.keep("Bo", "analyst")
    assert session is not None
    visitor = book.visitor(session)
    assert visitor is not None
    assert visitor.role == "analyst"


def test_a_removed_user_is_out_with_all_links_and_sessions(book: UserBook) -> None:
    book.keep("Bo", "operator")
    link, session = book.link("Bo"), book.sign_in(book.link("Bo"))
    assert session is not None
    assert book.remove("Bo")
    assert book.visitor(session) is None
    assert book.sign_in(link) is None
    assert not book.remove("Bo")


def test_ending_sessions_leaves_those_of_others(book: UserBook) -> None:
    book.keep("Bo", "analyst")
    mine, other = book.sign_in(book.link("Bo")), book.sign_in(book.link("Ada"))
    assert mine is not None
    assert other is not None
    assert book.revoke("Bo") == 1
    assert book.visitor(mine) is None
    assert book.visitor(other) is not None


def test_the_last_admin_stays(book: UserBook) -> None:
    with pytest.raises(LastAdmin):
        book.remove("Ada")
    with pytest.raises(LastAdmin):
        book.keep("Ada", "operator")
    book.keep("Bo", "admin")
    assert book.remove("Ada")


def test_another_process_sees_what_was_changed(book: UserBook, tmp_path: Path, clock: Clock) -> None:
    other = UserBook(tmp_path, clock)
    assert [user.name for user in other.users()] == ["Ada"]
    session = book.sign_in(other.link("Ada"))
    assert session is not None
    assert other.visitor(session) is not None


def test_a_damaged_file_is_named(book: UserBook, tmp_path: Path) -> None:
    (tmp_path / "console.json").write_text('{"users": {"Ada": {}}}')
    with pytest.raises(FileUnreadable, match="console.json is no list of users"):
        book.users()


def test_sessions_have_different_tokens(book: UserBook) -> None:
    tokens = set()
    for _ in range(3):
        session = book.sign_in(book.link("Ada"))
        assert session is not None
        visitor = book.visitor(session)
        assert visitor is not None
        tokens.add(visitor.csrf)
    assert len(tokens) == 3
    assert not tokens & set(json.dumps(list(book.sessions())))


def test_each_role_may_what_those_before_it_may() -> None:
    assert [[may(role, needed) for needed in ROLES] for role in ROLES] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 65, "a  b", " a", "\u202eevil"])
def test_a_name_that_cannot_be_told_is_refused(name: str) -> None:
    assert name_fault(name)


def test_names_of_people_are_taken() -> None:
    assert [name_fault(name) for name in ("ada", "Ada Lovelace", "Łukasz", "李")] == [""] * 4
