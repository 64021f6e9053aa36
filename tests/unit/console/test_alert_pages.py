"""The pages of alerts over told rows: filters, what is sent as an act, what is shown of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from analytics.console.alert_acts import ACTS
from analytics.console.reasons import MOST_REASON
from pipeline.errors import NoAnswer
from tests.unit.console.desks import Office, form

T0 = datetime(2026, 11, 2, 9, tzinfo=UTC)
ALERT = "a" * 32
PATH = f"/alerts/{ALERT}"


def an_alert(**fields: Any) -> dict[str, Any]:  # noqa: ANN401
    row = {
        "id": ALERT, "subject": "unit:gtin:09506000134352/A1", "unit_key": "gtin:09506000134352/A1",
        "item": "gtin:09506000134352", "serial": "A1", "kind": "IMPOSSIBLE_TRAVEL", "opening": 1, "status": "OPEN",
        "count": 2, "site": "oslo", "event_time": T0, "opened_at": T0, "changed_at": T0, "author": "", "reason": "",
        "assignee": "", "found": 1,
    }  # fmt: skip
    return row | fields


@pytest.fixture
def one(opened: Office) -> Office:
    opened.told.rows["console_alerts"] = [an_alert()]
    opened.told.rows["alert_acts"] = []
    return opened


def test_filters_reach_the_question(one: Office) -> None:
    address = "/alerts?status=closed&severity=critical&site=oslo&item=gtin:1&subject=A1&page=3"
    assert one.client("analyst").get(address).status_code == 200
    name, asked = one.told.asked[0]
    assert name == "console_alerts"
    assert asked["statuses"] == ["CLOSED"]
    assert set(asked["kinds"]) == {"IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT", "SENSOR_ALARM", "LOT_WARNING"}
    assert (asked["site"], asked["item"], asked["subject"], asked["skip"]) == ("oslo", "gtin:1", "A1", 200)


def test_a_page_behind_the_last_one_leads_to_the_last_one(one: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where all on the last page have been closed."""

    async def ask(name: str, **parameters: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        assert name == "console_alerts"
        return [an_alert(found=201)] if parameters["skip"] < 201 else []

    monkeypatch.setattr(one.told, "ask", ask)
    client = one.client("analyst")
    answer = client.get("/alerts?site=oslo&page=7", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?page=3&status=waiting&site=oslo")
    assert client.get(answer.headers["location"]).status_code == 200


def test_a_kind_of_another_severity_finds_nothing_rather_than_everything(one: Office) -> None:
    one.client("analyst").get("/alerts?kind=SILENT_SITE&severity=critical")
    assert one.told.asked[0][1]["kinds"] == ["none of them"]


def test_what_sites_and_people_wrote_is_text_on_the_page(one: Office) -> None:
    one.told.rows["console_alerts"] = [an_alert(site="<script>alert(1)</script>", author="<b>")]
    text = one.client("analyst").get("/alerts", params={"subject": '"><img src=x>'}).text
    assert "<script>alert" not in text
    assert "<b>" not in text
    assert "<img src=x" not in text


@pytest.mark.parametrize(
    ("act", "sent"),
    [("acknowledge", "ALERT_ACKNOWLEDGE"), ("close", "ALERT_CLOSE"), ("reopen", "ALERT_REOPEN")],
)
def test_an_act_goes_through_the_ledger_with_who_and_why(
    one: Office, act: str, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.console.written.LOOKS", 0)
    client = one.client("operator")
    answer = client.post(f"{PATH}/{act}", data=form(one, client, reason="  seen \n to "))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}?did={act}&result=APPLIED")
    assert one.acts.sent == [(sent, [ALERT], "Otto", {"reason": "seen to"})]


def test_closing_takes_a_reason(one: Office) -> None:
    client = one.client("operator")
    answer = client.post(f"{PATH}/close", data=form(one, client, reason="  "))
    assert answer.status_code == 400
    assert "Say why" in answer.text
    assert one.acts.sent == []


def test_a_reason_has_a_length(one: Office) -> None:
    client = one.client("operator")
    assert client.post(f"{PATH}/close", data=form(one, client, reason="x" * (MOST_REASON + 1))).status_code == 400
    assert one.acts.sent == []


def test_an_act_nobody_knows_is_refused(one: Office) -> None:
    client = one.client("operator")
    assert client.post(f"{PATH}/explode", data=form(one, client)).status_code == 404


def test_an_act_on_an_alert_that_is_not_there_is_refused(opened: Office) -> None:
    client = opened.client("operator")
    assert client.post(f"{PATH}/acknowledge", data=form(opened, client)).status_code == 404
    assert opened.acts.sent == []


def test_a_ledger_that_does_not_answer_is_told(one: Office) -> None:
    one.acts.fault = NoAnswer("No worker has answered: start one, or wait longer.")
    client = one.client("operator")
    answer = client.post(f"{PATH}/acknowledge", data=form(one, client))
    assert answer.status_code == 503
    assert "start one, or wait longer" in answer.text


def test_an_analyst_sees_no_buttons_and_is_told_why(one: Office) -> None:
    text = one.client("analyst").get(PATH).text
    assert "takes the role operator" in text
    assert f'action="{PATH}/' not in text


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("OPEN", {"acknowledge", "close"}),
        ("ACKNOWLEDGED", {"close"}),
        ("CLOSED", {"reopen"}),
        ("RETRACTED", set()),
    ],
)
def test_only_what_makes_sense_is_offered(one: Office, status: str, buttons: set[str]) -> None:
    one.told.rows["console_alerts"] = [an_alert(status=status)]
    text = one.client("operator").get(PATH).text
    assert {act for act in ("acknowledge", "close", "reopen") if f'action="{PATH}/{act}"' in text} == buttons


def test_evidence_of_a_finding_is_shown_whatever_it_holds(one: Office) -> None:
    one.told.rows["console_alerts"] = [
        an_alert(kind="SILENT_SITE", subject="site:oslo", unit_key="", item="", serial="")
    ]
    statement = {
        "received_at": T0, "window_from": T0, "window_to": None, "window_name": "", "holds": True, "result": "APPLIED",
        "reason": "", "author": "findings", "opening": 1,
    }  # fmt: skip
    texts = ('{"silent_hours": "71.5"}', "[1, 2]", "not json", "")
    one.told.rows["alert_findings"] = [statement | {"evidence": text} for text in texts]
    page = one.client("analyst").get(PATH)
    assert page.status_code == 200
    assert "silent hours <strong>71.5</strong>" in page.text


@pytest.mark.parametrize(
    ("subject", "named"),
    [
        ("site:depot quiet", '<a href="/sites/site?name=depot+quiet">depot quiet</a>'),
        ("unit:sku:ACME/P/1", '<a class="mono" href="/unit?code=sku%3AACME%2FP%2F1">sku:ACME/P/1</a>'),
        ("lot:L7", '<span class="mono">lot:L7</span>'),
    ],
)
def test_what_an_alert_is_about_is_named_and_leads_to_its_page(one: Office, subject: str, named: str) -> None:
    fields = {"kind": "SILENT_SITE", "subject": subject, "unit_key": "", "item": "", "serial": "", "site": ""}
    one.told.rows["console_alerts"] = [an_alert(**fields)]
    one.told.rows["alert_findings"] = []
    text = one.client("analyst").get(PATH).text
    assert text.count(named) == 2
    bare = subject.removeprefix("site:").removeprefix("unit:")
    assert f"<title>Silent site of {bare}" in text
    assert f"of {bare}</span></a>" in one.client("analyst").get("/alerts").text


@pytest.fixture
def assigning(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger whose `internal` knows assignments."""
    monkeypatch.setattr("analytics.console.pages.alerts.known_acts", lambda: ACTS)
    monkeypatch.setattr("analytics.console.written.LOOKS", 0)


@pytest.mark.usefixtures("assigning")
@pytest.mark.parametrize("name", ["Bo", ""])
def test_an_alert_is_assigned_to_somebody_or_nobody(one: Office, name: str) -> None:
    client = one.client("operator")
    answer = client.post(f"{PATH}/assign", data=form(one, client, to=f" {name} "))
    assert answer.status_code == 303
    assert one.acts.sent == [("ALERT_ASSIGN", [ALERT], "Otto", {"reason": "", "to": name})]


@pytest.mark.usefixtures("assigning")
def test_a_name_that_cannot_be_told_is_assigned_nothing(one: Office) -> None:
    client = one.client("operator")
    assert client.post(f"{PATH}/assign", data=form(one, client, to="x" * 65)).status_code == 400
    assert one.acts.sent == []


@pytest.mark.usefixtures("assigning")
def test_whoever_looks_after_an_alert_is_named(one: Office) -> None:
    act = {"ordinal": 2, "received_at": T0, "act": "ALERT_ASSIGN", "author": "Ada", "why": "", "reason": ""}
    applied, stale = act | {"result": "APPLIED", "assignee": "Bo"}, act | {"result": "STALE", "assignee": "Cy"}
    one.told.rows["alert_acts"] = [applied, stale]
    text = one.client("operator").get(PATH).text
    assert "<dt>Assigned to</dt><dd>Bo</dd>" in text
    assert "Assign to Cy" in text
    assert f'action="{PATH}/assign"' in text


OTHER = "b" * 32


@pytest.fixture
def two(opened: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Two alerts, the acts on which are in ClickHouse at once."""
    monkeypatch.setattr("analytics.console.written.LOOKS", 0)
    opened.told.rows["console_alerts"] = [an_alert(), an_alert(id=OTHER, subject="unit:sku:A/B/<i>", opening=2)]
    return opened


@pytest.mark.parametrize(
    ("act", "sent", "why"),
    [
        ("acknowledge", "ALERT_ACKNOWLEDGE", {"reason": "seen to"}),
        ("assign", "ALERT_ASSIGN", {"reason": "seen to", "to": "Bo"}),
        ("close", "ALERT_CLOSE", {"reason": "seen to"}),
    ],
)
def test_one_act_goes_to_all_that_are_chosen(two: Office, act: str, sent: str, why: dict[str, str]) -> None:
    client = two.client("operator")
    data = {"csrf": two.csrf(client), "alert": [ALERT, OTHER, ALERT], "act": act, "reason": " seen  to", "to": "Bo"}
    answer = client.post("/alerts/several", data=data | {"status": "waiting", "page": "2"})
    assert answer.status_code == 200
    assert two.acts.sent == [(sent, [ALERT, OTHER], "Otto", why)]
    assert ": 2 of 2." in answer.text
    assert 'href="/alerts?status=waiting&amp;page=2"' in answer.text
    assert "<i>" not in answer.text


@pytest.mark.parametrize(("path", "more"), [(f"{PATH}/assign", {}), ("/alerts/several", {"act": "assign"})])
def test_an_assignment_says_who_had_the_alert_as_its_page_showed(two: Office, path: str, more: dict[str, str]) -> None:
    client = two.client("operator")
    two.told.rows["alert_acts"] = []
    data = {"csrf": two.csrf(client), "alert": ALERT, "to": "Bob", "had": f"{ALERT} Ann"} | more
    assert client.post(path, data=data, follow_redirects=False).status_code in (200, 303)
    assert two.acts.sent == [("ALERT_ASSIGN", [ALERT], "Otto", {"reason": "", "to": "Bob", f"had {ALERT}": "Ann"})]


def test_the_list_shows_who_has_an_alert_and_sends_it_back(two: Office) -> None:
    two.told.rows["console_alerts"] = [an_alert(assignee="Ann <1>")]
    text = two.client("operator").get("/alerts").text
    assert "<td>Ann &lt;1&gt;</td>" in text
    assert f'<input type="hidden" name="had" form="several" value="{ALERT} Ann &lt;1&gt;">' in text


def test_each_alert_whose_act_came_too_late_says_who_was_first(two: Office) -> None:
    two.acts.results[OTHER] = "STALE"
    two.told.rows["alert_changes"] = [
        {"ordinal": 7, "received_at": T0, "event": "CLOSED", "status": "CLOSED", "author": "Ann", "reason": ""}
    ]
    two.told.rows["alert_acts"] = [
        {"ordinal": 9, "received_at": T0, "act": "ALERT_CLOSE", "result": "STALE", "why": "status", "author": "Otto",
         "reason": "", "assignee": ""}
    ]  # fmt: skip
    client = two.client("operator")
    data = {"csrf": two.csrf(client), "alert": [ALERT, OTHER], "act": "close", "reason": "done"}
    text = client.post("/alerts/several", data=data).text
    assert ": 1 of 2." in text
    assert text.count("Ann was first: closed at 2026-11-02 09:00:00") == 1


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"alert": []}, 400, "No alert is chosen"),
        ({"alert": [f"{n:032x}" for n in range(101)]}, 400, "At most 100 alerts at once, and these are 101"),
        ({"alert": ["../users"]}, 400, "is no alert&#39;s id"),
        ({"alert": ["c" * 32]}, 404, "There is no alert"),
        ({"act": "reopen"}, 404, "no act &#39;reopen&#39; on several"),
        ({"act": ""}, 404, "on several alerts"),
        ({"reason": " "}, 400, "Say why"),
        ({"reason": "x" * (MOST_REASON + 1)}, 400, "at most 500 characters"),
        ({"act": "assign", "to": "a\x00b"}, 400, "Go back and correct it"),
        ({"reason": "done\u202eenod"}, 400, "reason"),
    ],
)
def test_what_makes_no_sense_on_several_alerts_does_nothing(
    two: Office, fields: dict[str, Any], status: int, says: str
) -> None:
    client = two.client("operator")
    data = {"csrf": two.csrf(client), "alert": [ALERT], "act": "close", "reason": "done"} | fields
    answer = client.post("/alerts/several", data=data)
    assert answer.status_code == status
    assert says in answer.text
    assert two.acts.sent == []


def test_an_analyst_can_choose_nothing(one: Office) -> None:
    text = one.client("analyst").get("/alerts").text
    assert 'name="alert"' not in text
    assert "takes the role operator" in text
    assert one.client("operator").get("/alerts").text.count('name="alert"') == 1


def test_when_alerts_were_opened_and_a_site_s_whole_name_reach_the_question_and_stand_in_the_form(one: Office) -> None:
    address = "/alerts?site=oslo&exact=1&from=2026-11-02T09:20:00.250%2B00:00&to=2026-11-02+09:30"
    page = one.client("operator").get(address)
    asked = one.told.asked[0][1]
    assert (asked["opened_from_ms"], asked["opened_to_ms"]) == (1793611200250, 1793611800000)
    assert asked["is_exact"] == 1
    assert 'name="from" type="text" value="2026-11-02T09:20:00.250+00:00"' in page.text
    assert 'name="to" type="text" value="2026-11-02 09:30"' in page.text
    assert '<option value="1" selected>Its whole name</option>' in page.text
    assert '<input type="hidden" name="opened_to" value="2026-11-02 09:30">' in page.text


def test_without_times_alerts_of_any_time_are_asked_for(one: Office) -> None:
    one.client("analyst").get("/alerts?site=oslo")
    asked = one.told.asked[0][1]
    assert (asked["opened_from_ms"], asked["opened_to_ms"], asked["is_exact"]) == (0, 1 << 62, 0)


@pytest.mark.parametrize("name", ["from", "to"])
def test_what_is_no_time_is_refused_with_the_form_of_one(one: Office, name: str) -> None:
    answer = one.client("analyst").get(f"/alerts?{name}=yesterday")
    assert answer.status_code == 400
    assert "is no time; the form is 2026-11-02T09:30:00Z" in answer.text


def test_the_way_back_from_acts_on_several_keeps_when_alerts_were_opened(two: Office) -> None:
    client = two.client("operator")
    fields = {
        "alert": ALERT,
        "act": "assign",
        "to": "Ann",
        "from": "2026-11-02",
        "opened_to": "2026-11-03",
        "exact": "1",
    }
    answer = client.post("/alerts/several", data=form(two, client, **fields))
    assert answer.status_code == 200
    assert two.acts.sent[0][3]["to"] == "Ann"
    assert "/alerts?exact=1&amp;from=2026-11-02&amp;to=2026-11-03" in answer.text
