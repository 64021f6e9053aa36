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

    def start(self, asked: Asked, reason: str, author: str) -> str:
        message = f"no unit is affected by {asked.text()}"
        raise BadPredicate(message)

    def close(self, recall: str, reason: str, author: str) -> None:
        message = f"recall {recall} was closed by Bea"
        raise BadPredicate(message)

    def epcis(self, recall: str) -> bytes:
        return recall.encode()


@pytest.fixture
def late(opened: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Returns a desk where a recall seems to be open."""

    def seems_open(warehouse: Warehouse, recall: str) -> None:
        """Find nothing wrong."""

    monkeypatch.setattr(page, "_open_one", seems_open)
    monkeypatch.setattr(opened.told, "_open", lambda: None)
    opened.app = build_app(replace(opened.desk, recalls=LateRecalls()))
    return opened


@pytest.mark.parametrize(
    ("path", "says"),
    [("/recalls", "No unit is affected by lot L7"), ("/recalls/abc", "Recall abc was closed by Bea")],
)
def test_an_act_that_comes_too_late_is_refused_in_words(late: Office, path: str, says: str) -> None:
    client = late.client("operator")
    answer = client.post(path, data=form(late, client, lots="L7", reason="cells swell"))
    assert answer.status_code == 409
    assert says in answer.text
