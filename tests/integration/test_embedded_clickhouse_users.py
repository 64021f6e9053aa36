"""Who may ask the embedded ClickHouse: the ways to name oneself, and what happens where it is wrong."""

import httpx
import pytest

from tests.fixtures_clickhouse import EmbeddedClickHouse


def sent(server: EmbeddedClickHouse, **options: object) -> httpx.Response:
    return httpx.post(server.url, content="SELECT 1", **options)  # type: ignore[arg-type]


def test_all_ways_to_name_oneself_work(embedded_clickhouse: EmbeddedClickHouse) -> None:
    server = embedded_clickhouse
    headers = {"X-ClickHouse-User": server.user, "X-ClickHouse-Key": server.password}
    assert sent(server, auth=(server.user, server.password)).text == "1\n"
    assert sent(server, headers=headers).text == "1\n"
    assert sent(server, params={"user": server.user, "password": server.password}).text == "1\n"


@pytest.mark.parametrize(
    "auth",
    [("ledger", "wrong"), ("nobody", "ledger-password"), ("ledger", ""), ("", ""), ("analyst", "ledger-password")],
)
def test_wrong_credentials_are_refused_without_a_hint(
    embedded_clickhouse: EmbeddedClickHouse, auth: tuple[str, str]
) -> None:
    response = sent(embedded_clickhouse, auth=auth)
    assert (response.status_code, response.headers["x-clickhouse-exception-code"]) == (403, "516")
    assert "password is incorrect, or there is no user" in response.text
    assert "ledger-password" not in response.text


def test_no_credentials_are_asked_for(embedded_clickhouse: EmbeddedClickHouse) -> None:
    response = sent(embedded_clickhouse)
    assert (response.status_code, response.headers["x-clickhouse-exception-code"]) == (401, "194")
    assert response.headers["www-authenticate"].startswith("Basic")


def test_broken_basic_credentials_are_refused(embedded_clickhouse: EmbeddedClickHouse) -> None:
    assert sent(embedded_clickhouse, headers={"Authorization": "Basic ???"}).status_code == 403
