"""The page of users and keys: each form does what it says, and says what would be right where it cannot."""

import re

import pytest

from tests.unit.console.desks import Office, form


def test_a_user_is_added_changed_and_removed(opened: Office) -> None:
    client = opened.client("admin")
    for role in ("operator", "analyst"):
        assert client.post("/users/keep", data=form(opened, client, name=" Bo  B ", role=role)).status_code == 303
        assert [(user.name, user.role) for user in opened.users.users()][-1] == ("Bo B", role)
    assert client.post("/users/remove", data=form(opened, client, name="Bo B")).status_code == 303
    assert client.post("/users/remove", data=form(opened, client, name="Bo B")).status_code == 404


@pytest.mark.parametrize(("name", "role"), [("", "admin"), ("x" * 65, "admin"), ("Bo", "king"), ("a\u202eb", "admin")])
def test_a_user_that_makes_no_sense_is_refused(opened: Office, name: str, role: str) -> None:
    client = opened.client("admin")
    assert client.post("/users/keep", data=form(opened, client, name=name, role=role)).status_code == 400
    assert [user.name for user in opened.users.users()] == ["Ada"]


def test_the_last_admin_cannot_go(opened: Office) -> None:
    client = opened.client("admin")
    for path, fields in (("remove", {}), ("keep", {"role": "analyst"})):
        answer = client.post(f"/users/{path}", data=form(opened, client, name="Ada", **fields))
        assert answer.status_code == 409
        assert "make another user admin first" in answer.text


def test_a_link_is_shown_once_and_works(opened: Office) -> None:
    client = opened.client("admin")
    opened.users.keep("Bo", "analyst")
    page = client.post("/users/link", data=form(opened, client, name="Bo")).text
    (link,) = re.findall(r"http://127.0.0.1:8010/sign-in\?link=([\w-]+)", page)
    assert link not in client.get("/users").text
    assert opened.users.sign_in(link) is not None


def test_a_link_for_nobody_is_refused(opened: Office) -> None:
    client = opened.client("admin")
    assert client.post("/users/link", data=form(opened, client, name="Nobody")).status_code == 404


def test_sessions_are_ended_one_by_one_or_all(opened: Office) -> None:
    client = opened.client("admin")
    sessions = [opened.session("operator") for _ in range(3)]
    first = opened.users.visitor(sessions[0])
    assert first is not None
    client.post("/users/end", data=form(opened, client, session=first.session))
    assert [opened.users.visitor(one) is not None for one in sessions] == [False, True, True]
    client.post("/users/revoke", data=form(opened, client, name="Otto"))
    assert [opened.users.visitor(one) for one in sessions] == [None] * 3


def test_a_key_is_shown_once_and_revoked(opened: Office) -> None:
    client = opened.client("admin")
    fields = {"name": "till 3", "role": "site", "sites": "oslo\n\n lyon "}
    page = client.post("/users/keys/make", data=form(opened, client, **fields)).text
    (key,) = opened.keys.all()
    assert (key.name, key.role, key.sites) == ("till 3", "site", ("oslo", "lyon"))
    (text,) = re.findall(r"sl_[0-9a-f]+_[\w-]+", page)
    assert text not in client.get("/users").text
    assert client.post("/users/keys/revoke", data=form(opened, client, key_id=key.id)).status_code == 303
    assert opened.keys.all()[0].revoked_ms is not None
    assert client.post("/users/keys/revoke", data=form(opened, client, key_id="nothing")).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"name": " ", "role": "site", "sites": "oslo"},
        {"name": "x", "role": "king"},
        {"name": "x", "role": "site"},
        {"name": "x", "role": "site", "sites": "oslo", "all_sites": "true"},
        {"name": "x", "role": "analyst", "sites": "oslo"},
        {"name": "x", "role": "site", "sites": "o" * 300},
    ],
)
def test_a_key_that_makes_no_sense_is_refused(opened: Office, fields: dict[str, str]) -> None:
    client = opened.client("admin")
    answer = client.post("/users/keys/make", data=form(opened, client, **fields))
    assert answer.status_code == 400
    assert "Go back and correct it" in answer.text
    assert opened.keys.all() == []
