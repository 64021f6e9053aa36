"""Signing in and out, and where one is sent afterwards."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.console.access import COOKIE
from analytics.console.pages.sign_in import own_path
from tests.unit.console.desks import Office, form, office


def test_a_link_shows_whom_it_signs_in_and_a_button_does_it(opened: Office) -> None:
    opened.users.keep("Ada", "admin")
    link, client = opened.users.link("Ada"), opened.client()
    page = client.get("/sign-in", params={"link": link, "back": "/alerts?status=all"})
    assert page.status_code == 200
    assert "Sign in as Ada" in page.text
    answer = client.post("/sign-in", data={"link": link, "back": "/alerts?status=all"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?status=all")
    assert client.get("/alerts").status_code == 200


def test_a_used_link_says_how_to_get_another(opened: Office) -> None:
    opened.users.keep("Ada", "admin")
    link, client = opened.users.link("Ada"), opened.client()
    client.post("/sign-in", data={"link": link})
    client.cookies.clear()
    for answer in (client.get("/sign-in", params={"link": link}), client.post("/sign-in", data={"link": link})):
        assert answer.status_code == 403
        assert "scanledger console link" in answer.text
    assert COOKIE not in client.cookies


def test_without_a_link_the_page_says_where_one_comes_from(opened: Office) -> None:
    assert "scanledger console link" in opened.client().get("/sign-in").text


def test_whoever_is_signed_in_goes_on(opened: Office) -> None:
    answer = opened.client("analyst").get("/sign-in", params={"back": "/alerts"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")


def test_signing_out_ends_the_session_and_not_only_the_cookie(opened: Office) -> None:
    client = opened.client("analyst")
    session = client.cookies[COOKIE]
    assert client.post("/sign-out", data=form(opened, client)).status_code == 303
    assert opened.users.visitor(session) is None


def test_a_scheme_is_kept_and_leads_back(opened: Office) -> None:
    client = opened.client("analyst")
    answer = client.get("/scheme/dark", params={"back": "/alerts?status=all"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?status=all")
    assert 'data-scheme="dark"' in client.get("/alerts").text


def test_a_console_behind_tls_is_found_by_its_name_and_its_cookie_is_for_tls(tmp_path: Path) -> None:
    with office(tmp_path, "https://ledger.example") as there:
        there.users.keep("Ada", "admin")
        answer = there.client().post("/sign-in", data={"link": there.users.link("Ada")})
        assert answer.status_code == 303
        assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/", "/alerts?status=all&kind=X", "/unit?code=%28"])
def test_a_path_of_ours_is_gone_back_to(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "text", ["//evil.example", "/\\evil.example", "https://evil.example", "", "alerts", "/a\r\nX: y"]
)
def test_nobody_is_sent_elsewhere(text: str) -> None:
    assert own_path(text) == "/"


@given(st.text())
def test_whatever_the_text_one_stays_here(text: str) -> None:
    path = own_path(text)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert "\n" not in path
    assert "\\" not in path
