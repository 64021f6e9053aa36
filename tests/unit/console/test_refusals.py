"""What is refused, and that it is: who is not signed in, roles, forms of other sites and sessions, other hosts."""

import pytest
from fastapi.routing import APIRoute

from analytics.console.access import COOKIE
from analytics.console.guard import MOST_BODY_BYTES
from analytics.console.pages import PAGES
from analytics.console.users import SESSION_SECONDS, Role
from tests.unit.console.desks import URL, Office, form

ALERT = "0" * 32
READS = ("/", "/alerts", f"/alerts/{ALERT}", "/now/events", "/users")
OPERATES = (
    f"/alerts/{ALERT}/acknowledge", f"/alerts/{ALERT}/assign", f"/alerts/{ALERT}/close", f"/alerts/{ALERT}/reopen",
    "/alerts/several", "/recalls", "/recalls/0123456789abcdef", "/health/proof",
)  # fmt: skip
ADMINISTERS = (
    "/users/keep", "/users/remove", "/users/link", "/users/revoke", "/users/end", "/users/keys/make",
    "/users/keys/revoke", "/health/dead-letters/0/1",
)  # fmt: skip
OF_ANYBODY = ("/sign-out", "/reports/on-hand/erp")
"""Forms of whoever is signed in: one ends the own session, one compares a file and keeps nothing."""
UNSIGNED = ("/sign-in",)
FIELDS = {
    "reason": "seen",
    "alert": ALERT,
    "act": "close",
    "name": "Bo",
    "role": "analyst",
    "session": "x",
    "key_id": "x",
}


@pytest.mark.parametrize("path", READS)
def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(opened: Office, path: str) -> None:
    answer = opened.client().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?back=/")


def routes(opened: Office, method: str) -> list[APIRoute]:
    """Returns every route of the console's pages that is asked so."""
    every = [route for page in PAGES for route in page.router(opened.desk).routes if isinstance(route, APIRoute)]
    return [route for route in every if method in (route.methods or ())]


def test_every_form_of_the_console_is_refused_somewhere_in_these_tests(opened: Office) -> None:
    named = {*OPERATES, *ADMINISTERS, *OF_ANYBODY, *UNSIGNED}
    forms = routes(opened, "POST")
    assert [route.path for route in forms if not any(map(route.path_regex.match, named))] == []
    assert {name for name in named if not any(route.path_regex.match(name) for route in forms)} == set()


def test_what_is_read_is_never_what_takes_a_form(opened: Office) -> None:
    every = [*routes(opened, "GET"), *routes(opened, "POST")]
    assert {frozenset(route.methods or ()) for route in every} == {frozenset({"GET"}), frozenset({"POST"})}
    assert [*routes(opened, "PUT"), *routes(opened, "PATCH"), *routes(opened, "DELETE")] == []


@pytest.mark.parametrize("path", [*OPERATES, *ADMINISTERS, *OF_ANYBODY])
def test_a_form_of_nobody_does_nothing(opened: Office, path: str) -> None:
    answer = opened.client().post(path, data=FIELDS)
    assert answer.status_code == 401
    assert "Sign in" in answer.text
    assert opened.acts.sent == []


@pytest.mark.parametrize("path", OPERATES)
def test_an_analyst_does_not_act(opened: Office, path: str) -> None:
    client = opened.client("analyst")
    answer = client.post(path, data=form(opened, client, **FIELDS))
    assert answer.status_code == 403
    assert "takes the role operator; yours is analyst" in answer.text
    assert opened.acts.sent == []


@pytest.mark.parametrize("path", ADMINISTERS)
@pytest.mark.parametrize("role", ["analyst", "operator"])
def test_only_an_admin_manages_users_and_keys(opened: Office, path: str, role: Role) -> None:
    client = opened.client(role)
    before = opened.users.users()
    assert client.post(path, data=form(opened, client, **FIELDS)).status_code == 403
    assert client.get("/users").status_code == 403
    assert (opened.users.users(), opened.keys.all()) == (before, [])


@pytest.mark.parametrize("path", [*OPERATES, *ADMINISTERS, *OF_ANYBODY])
@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
def test_a_form_without_its_sessions_token_does_nothing(opened: Office, path: str, token: str | None) -> None:
    client = opened.client("admin")
    answer = client.post(path, data=FIELDS if token is None else {**FIELDS, "csrf": token})
    assert answer.status_code == 403
    assert "of another session" in answer.text
    assert opened.acts.sent == []
    assert [user.name for user in opened.users.users()] == ["Ada"]


def test_the_token_of_another_session_does_not_do(opened: Office) -> None:
    client, other = opened.client("admin"), opened.client("admin")
    assert client.post("/sign-out", data=form(opened, other)).status_code == 403
    assert client.post("/sign-out", data=form(opened, client)).status_code == 303


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://", "http://127.0.0.1:8011", "file://", ""])
def test_a_form_of_another_site_is_refused(opened: Office, origin: str) -> None:
    client = opened.client("admin", Origin=origin)
    answer = client.post("/users/keep", data=form(opened, client, name="Eve", role="admin"))
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert [user.name for user in opened.users.users()] == ["Ada"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "[::1", "", "169.254.1.1", "localhost.evil"]
)
def test_a_name_bound_to_our_address_is_refused(opened: Office, host: str) -> None:
    assert opened.client("admin", Host=host).get("/alerts").status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8010", "localhost:8010", "LOCALHOST", "[::1]:8010", "localhost."])
def test_loopback_is_ours_under_each_of_its_names(opened: Office, host: str) -> None:
    assert opened.client("admin", Host=host).get("/alerts").status_code == 200


@pytest.mark.parametrize("length", [str(MOST_BODY_BYTES + 1), "-1", "a"])
def test_a_form_that_is_too_long_or_does_not_say_is_refused(opened: Office, length: str) -> None:
    client = opened.client("admin")
    headers = {"Content-Length": length, "Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/users/keep", content=b"name=x", headers=headers).status_code == 413


def test_a_session_that_is_over_is_asked_to_sign_in(opened: Office) -> None:
    client = opened.client("analyst")
    assert client.get("/alerts").status_code == 200
    opened.now += SESSION_SECONDS
    assert client.get("/alerts").status_code == 303


def test_a_removed_user_is_out_at_once(opened: Office) -> None:
    client = opened.client("operator")
    opened.users.remove("Otto")
    assert client.get("/alerts").status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere", "/alerts/xyz", "/alerts?status=odd", "/alerts?kind=ODD", "/alerts?severity=odd", "/alerts?page=0",
        f"/alerts/{ALERT}", "/scheme/pink", "/static/../app.py", "/static/nothing.js", "/docs", "/openapi.json",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_page_that_says_so(opened: Office, path: str) -> None:
    answer = opened.client("admin").get(path)
    assert answer.status_code in {400, 404}
    assert "<h1>" in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_clickhouse_being_away_is_a_page_that_says_what_to_do(opened: Office) -> None:
    answer = opened.client("analyst").get("/")
    assert answer.status_code == 503
    assert "scanledger up" in answer.text


def test_what_nobody_foresaw_is_told_without_its_details(opened: Office) -> None:
    opened.told.rows["console_alerts"] = [{"secret": "of ours"}]
    answer = opened.client("analyst").get("/alerts")
    assert answer.status_code == 500
    assert "scanledger logs console" in answer.text
    assert "secret" not in answer.text


def test_every_answer_keeps_a_page_to_itself(opened: Office) -> None:
    client = opened.client("analyst")
    opened.told.rows["console_alerts"] = [{"nobody": "foresaw it"}]
    paths = {"/alerts": 500, "/nowhere": 404, "/static/console.js": 200, "/health": 200, "/sign-in": 303}
    for path, status in paths.items():
        answer = client.get(path)
        assert answer.status_code == status
        headers = answer.headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
    assert client.get("/alerts").headers["cache-control"] == "no-store"  # the page of a fault


def test_behind_tls_the_cookie_is_for_tls_only(opened: Office) -> None:
    opened.users.keep("Ada", "admin")
    link = opened.users.link("Ada")
    answer = opened.client().post("/sign-in", data={"link": link})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    # Lax: a strict cookie is not sent where somebody follows an alert's link in web mail or a chat, who is then told to
    # sign in. What Lax lets through, a GET from elsewhere, changes nothing here; a form of another site has no cookie.
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert URL.startswith("http:")
