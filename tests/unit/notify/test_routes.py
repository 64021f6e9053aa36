"""Routes files: what they may say, and what is said of those that make no sense."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import RoutesWrong
from pipeline.notify.event import Alert, change_of
from pipeline.notify.matching import routes_of, takes
from pipeline.notify.routes import load_routes, read_routes
from tests.unit.notify.telling import SECRET, a_record, some_routes

HOOK = {"webhook": "https://duty.example/hook", "secret": SECRET}
WHOLE = """
console = "https://ledger.example"

[recipients.duty]
webhook = "https://duty.example/hook"
secret = { env = "DUTY_SECRET" }

[recipients.quality]
apprise = { file = "quality.url" }

[[routes]]
name = "copies"
kinds = ["IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT"]
severities = ["critical"]
items = ["gtin:0950600*"]
sites = ["munich", "shop-*"]
to = ["duty"]
quiet = { from = "22:00", to = 06:00:00, zone = "Europe/Oslo" }
escalate = { after_minutes = 30, to = ["quality"] }
"""


def wrong(table: dict[str, Any]) -> str:
    with pytest.raises(RoutesWrong) as refused:
        read_routes(table)
    return str(refused.value)


def with_route(**fields: Any) -> dict[str, Any]:  # noqa: ANN401  as records have them
    return {"recipients": {"duty": HOOK}, "routes": [{"name": "all", "to": ["duty"]} | fields]}


def test_a_file_is_read_with_the_secrets_that_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTY_SECRET", SECRET)
    (tmp_path / "quality.url").write_text("mailto://quality:word@example.com\n")
    (tmp_path / "routes.toml").write_text(WHOLE)
    routes = load_routes(tmp_path / "routes.toml")
    duty, quality = routes.recipients["duty"], routes.recipients["quality"]
    assert duty.secret is not None
    assert quality.apprise is not None
    assert duty.secret.get_secret_value() == SECRET
    assert quality.apprise.get_secret_value() == "mailto://quality:word@example.com"
    assert SECRET not in repr(routes)
    assert "word" not in repr(routes)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({}, "recipients: Field required"),
        ({"recipients": {}, "routes": []}, "routes: List should have at least 1 item"),
        (with_route(kinds=["CLONE"]), "routes.1.kinds.1: 'CLONE' is no kind of alert"),
        (with_route(severities=["urgent"]), "routes.1.severities.1: Input should be 'info', 'warning' or 'critical'"),
        (with_route(to=["boss"]), "routes: all tells boss; recipients are duty"),
        (with_route(to=[]), "routes.1.to: List should have at least 1 item"),
        (with_route(colour="red"), "routes.1.colour: Extra inputs are not permitted"),
        (with_route(events=["acknowledged"]), "routes.1.events.1: Input should be 'opened'"),
        (
            with_route(events=["opened", "closed"], escalate={"after_minutes": 5, "to": ["duty"]}),
            'routes.1: events: want "escalated" where there is escalate',
        ),
        (with_route(name="a\nb"), "routes.1.name: String should match pattern"),
        (with_route(quiet={"from": "22:00", "to": "25:00", "zone": "UTC"}), "routes.1.quiet.to: wants a time of day"),
        (with_route(quiet={"from": "22:00", "to": "22:00", "zone": "UTC"}), "routes.1.quiet: from and to are the same"),
        (with_route(quiet={"from": "22:00", "to": "06:00", "zone": "Europe/Oso"}), "'Europe/Oso' is no time zone"),
        (with_route(quiet={"from": "22:00", "to": "06:00", "zone": "../../etc/passwd"}), "is no time zone"),
        (with_route(escalate={"after_minutes": 0, "to": ["duty"]}), "escalate.after_minutes: Input should be greater"),
        (with_route(escalate={"after_minutes": 5, "to": ["boss"]}), "all tells boss"),
        (with_route() | {"console": "ledger.example"}, "console: wants http://host"),
        (with_route() | {"recipients": {"duty": {"webhook": "https://x.example"}}}, "webhook and secret go together"),
        (with_route() | {"recipients": {"duty": HOOK | {"apprise": "json://x"}}}, "wants either webhook"),
        (with_route() | {"recipients": {"duty": {}}}, "recipients.duty: wants either webhook"),
        (with_route() | {"recipients": {"duty": HOOK | {"webhook": "ftp://x.example"}}}, "webhook: wants http://"),
        (with_route() | {"recipients": {"duty": HOOK | {"webhook": "http://[x"}}}, "webhook: wants http://"),
        (with_route() | {"recipients": {"duty": HOOK | {"secret": {"env": "NOT_THERE"}}}}, "has no NOT_THERE"),
        (with_route() | {"recipients": {"duty": HOOK | {"secret": {"file": "gone"}}}}, "gone cannot be read: No such"),
        (with_route() | {"recipients": {"duty": HOOK | {"secret": 5}}}, "recipients.duty.secret: wants a text, { env"),
        (with_route() | {"burst": {"most": 0}}, "burst.most: Input should be greater than or equal to 1"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_its_place(table: dict[str, Any], told: str) -> None:
    assert told in wrong(table)


def test_a_secret_that_is_too_short_is_not_told() -> None:
    told = wrong(with_route() | {"recipients": {"duty": HOOK | {"secret": "sesame"}}})
    assert "secret: wants 16 characters or more" in told
    assert "sesame" not in told


def test_two_routes_of_one_name_are_refused() -> None:
    table = with_route()
    assert "more than one has the name all" in wrong(table | {"routes": table["routes"] * 2})


@pytest.mark.parametrize("content", [b"[routes", b"\xff"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "routes.toml").write_bytes(content)
    with pytest.raises(RoutesWrong, match="are no TOML"):
        load_routes(tmp_path / "routes.toml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RoutesWrong, match=r"routes\.toml cannot be read: No such file"):
        load_routes(tmp_path / "routes.toml")


def an_alert(**fields: Any) -> Alert:  # noqa: ANN401  as records have them
    return change_of(a_record(**fields)).alert


@pytest.mark.parametrize(
    ("route", "is_taken"),
    [
        ({}, True),
        ({"kinds": ["SEEN_AFTER_END"]}, True),
        ({"kinds": ["SILENT_SITE"]}, False),
        ({"severities": ["warning"]}, True),
        ({"severities": ["critical", "info"]}, False),
        ({"items": ["gtin:09506000134352"]}, True),
        ({"items": ["gtin:095*", "sku:x"]}, True),
        ({"items": ["gtin:0950600013435"]}, False),
        ({"sites": ["mun*"]}, True),
        ({"sites": ["oslo"]}, False),
        ({"sites": ["munich"], "kinds": ["SILENT_SITE"]}, False),
    ],
)  # fmt: skip
def test_a_route_takes_what_has_all_that_it_names(route: dict[str, Any], is_taken: bool) -> None:
    assert takes(some_routes(route).routes[0], an_alert()) is is_taken


@pytest.mark.parametrize(
    ("subject", "item", "site"),
    [
        ("site:oslo", "", "oslo"),
        ("item:gtin:09506000134352", "gtin:09506000134352", ""),
        ("lot:L1", "", ""),
        ("unit:sscc:106141412345678908", "", ""),
        ("unit:no key", "", ""),
    ],
)  # fmt: skip
def test_item_and_site_are_read_from_the_subject_too(subject: str, item: str, site: str) -> None:
    alert = an_alert(subject=subject, site="")
    assert (alert.item, alert.site) == (item, site)


def test_an_alert_takes_every_route_that_takes_it() -> None:
    routes = some_routes({"name": "one"}, {"name": "two", "sites": ["oslo"]}, {"name": "three"})
    assert [route.name for route in routes_of(routes, an_alert())] == ["one", "three"]
