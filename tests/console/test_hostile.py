"""Whatever stands in an address or a form, the console answers: with a page, or with what would be right."""

import httpx
import pytest

from analytics.console.access import COOKIE
from tests.console.served import Console

TEXTS = (
    "'", '"', "\\", "\\'", "\n", "\t\x00", "%", "%%s", "{subject:String}", "');DROP TABLE alerts;--", "\ufeff",
    "\u202e", "é" * 128, "x" * 256, "😀", "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
    "[1,2]", "NULL", "<b>&amp;",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", ["subject", "site", "item"])
def test_a_filter_of_any_text_finds_nothing_and_breaks_nothing(console: Console, name: str, text: str) -> None:
    with httpx.Client(base_url=console.url, cookies={COOKIE: console.session("analyst")}) as client:
        answer = client.get("/alerts", params={name: text, "status": "all"})
    assert answer.status_code == 200
    assert "<b>&amp;" not in answer.text


@pytest.mark.parametrize("query", ["page=1e9", "page=-1", "page=", "status=%00", "kind=%ff", "subject=" + "x" * 300])
def test_a_filter_that_makes_no_sense_is_told(console: Console, query: str) -> None:
    with httpx.Client(base_url=console.url, cookies={COOKIE: console.session("analyst")}) as client:
        answer = client.get(f"/alerts?{query}")
    assert answer.status_code == 400
    assert "<h1>" in answer.text


@pytest.mark.parametrize("body", [b"", b"%00=%ff", b"csrf", b"&" * 1000, b"csrf=" + b"x" * 100_000, b"\xff\xfe"])
def test_a_form_of_any_bytes_does_nothing(console: Console, body: bytes) -> None:
    headers = {"Origin": console.url, "Content-Type": "application/x-www-form-urlencoded"}
    with httpx.Client(base_url=console.url, cookies={COOKIE: console.session("admin")}, headers=headers) as client:
        for path in ("/users/keep", "/sign-in", "/alerts/" + "0" * 32 + "/close"):
            assert client.post(path, content=body).status_code in {400, 403}


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "a/b;;"]
)
def test_a_form_of_another_kind_does_nothing(console: Console, content_type: str) -> None:
    headers = {"Origin": console.url, "Content-Type": content_type}
    with httpx.Client(base_url=console.url, cookies={COOKIE: console.session("admin")}, headers=headers) as client:
        assert client.post("/users/keep", content=b"--x\r\nname=Eve").status_code in {400, 403}


@pytest.mark.parametrize("session", ["", "x", "é", "a" * 10_000, "null", "../../x"])
def test_a_cookie_nobody_was_given_is_nobodys(console: Console, session: str) -> None:
    cookie = f"{COOKIE}={session}".encode("latin-1")
    with httpx.Client(base_url=console.url) as client:
        assert client.get("/alerts", headers=[(b"Cookie", cookie)]).status_code in {303, 400, 431}
