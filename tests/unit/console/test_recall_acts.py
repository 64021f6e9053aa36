"""Recalls started and closed at the desk, where the ledger has come to be another meanwhile."""

from dataclasses import replace

import pytest

from analytics.console.app import build_app
from analytics.console.pages import recalls as page
from analytics.recall.asked import Asked, BadPredicate
from pipeline.warehouse.client import Warehouse
from tests.unit.console.desks import Office, form


class LateRecalls:
    """Recalls that refuse what is too late."""

    def start(self, asked: Asked, reason: str, author: str, recall: str) -> str:
        message = f"no unit is affected by {asked.text()}"
        raise BadPredicate(message)

    def close(self, recall: str, reason: str, author: str) -> None:
        message = f"recall {recall} was closed by Bea"
        raise BadPredicate(message)

    def epcis(self, recall: str) -> bytes:
        return recall.encode()


class KeptRecalls(LateRecalls):
    """Recalls that are started, and known from then on."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def start(self, asked: Asked, reason: str, author: str, recall: str) -> str:
        self.started.append(recall)
        return recall


@pytest.fixture
def late(opened: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Returns a desk where a recall seems to be open."""

    def seems_open(warehouse: Warehouse, recall: str) -> None:
        """Find nothing wrong."""

    monkeypatch.setattr(page, "_open_one", seems_open)
    monkeypatch.setattr(opened.told, "_open", lambda: None)
    opened.app = build_app(replace(opened.desk, recalls=LateRecalls()))
    return opened


@pytest.fixture
def kept(opened: Office, monkeypatch: pytest.MonkeyPatch) -> tuple[Office, KeptRecalls]:
    """Returns a desk that starts recalls, and those it has started."""
    recalls = KeptRecalls()
    monkeypatch.setattr(page, "_is_known", lambda _, recall: recall in recalls.started)
    monkeypatch.setattr(opened.told, "_open", lambda: None)
    opened.app = build_app(replace(opened.desk, recalls=recalls))
    return opened, recalls


def test_one_form_starts_one_recall_however_often_it_is_sent(kept: tuple[Office, KeptRecalls]) -> None:
    opened, recalls = kept
    client = opened.client("operator")
    sent = form(opened, client, lots="L7", once="0123456789abcdef")
    answers = [client.post("/recalls", data=sent) for _ in range(2)]
    assert {answer.headers["location"] for answer in answers} == {"/recalls/0123456789abcdef"}
    assert recalls.started == ["0123456789abcdef"]


@pytest.mark.parametrize("once", ["", "../users", "0123"])
def test_a_form_without_an_id_of_ours_starts_one_under_a_new_id(kept: tuple[Office, KeptRecalls], once: str) -> None:
    opened, recalls = kept
    client = opened.client("operator")
    answer = client.post("/recalls", data=form(opened, client, lots="L7", once=once))
    (recall,) = recalls.started
    assert (len(recall), answer.headers["location"]) == (16, f"/recalls/{recall}")


@pytest.mark.parametrize("path", ["/recalls", "/recalls/0123456789abcdef"])
@pytest.mark.parametrize(
    ("reason", "says"), [("a\0b", "U+0000"), ("\u202eb", "U+202E"), ("x" * 501, "at most 500 characters")]
)
def test_a_reason_that_cannot_be_read_is_refused(
    kept: tuple[Office, KeptRecalls], path: str, reason: str, says: str
) -> None:
    opened, recalls = kept
    client = opened.client("operator")
    answer = client.post(path, data=form(opened, client, lots="L7", reason=reason))
    assert (answer.status_code, says in answer.text, recalls.started) == (400, True, [])


@pytest.mark.parametrize(
    ("path", "says"),
    [("/recalls", "No unit is affected by lot L7"), ("/recalls/abc", "Recall abc was closed by Bea")],
)
def test_an_act_that_comes_too_late_is_refused_in_words(late: Office, path: str, says: str) -> None:
    client = late.client("operator")
    answer = client.post(path, data=form(late, client, lots="L7", reason="cells swell"))
    assert answer.status_code == 409
    assert says in answer.text
