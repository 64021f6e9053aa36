"""The verb `retention`, as far as it goes without a stack."""

import pytest
from typer.testing import CliRunner

from jobs import retention
from pipeline.broker import registry
from pipeline.errors import RulesWrong


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_on_a_cluster_nothing_is_recorded_for_nothing_would_be_dropped(
    more: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def joined(_: object) -> None:
        message = "it went to the log"
        raise AssertionError(message)

    monkeypatch.setenv("CLICKHOUSE_PROFILE", "cluster")
    monkeypatch.setattr(registry, "join", joined)
    result = CliRunner().invoke(retention.app, ["accept", "--before", "2026-01-01", *more])
    assert isinstance(result.exception, RulesWrong)
    assert "this is a cluster: nothing was recorded or dropped" in str(result.exception)
