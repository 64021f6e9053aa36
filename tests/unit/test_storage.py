"""Old months on another volume: rendered only where a server has a policy for it."""

import pytest

from pipeline.errors import SettingsWrong
from pipeline.warehouse.profiles import Profile
from pipeline.warehouse.storage import Storage, storage_statements


def test_a_configured_policy_moves_what_grows_and_deletes_nothing() -> None:
    statements = storage_statements(Storage("tiered", "slow", 90), "server")
    assert statements == [
        "ALTER TABLE unit_events MODIFY SETTING storage_policy = 'tiered'",
        "ALTER TABLE unit_events MODIFY TTL toDateTime(received_at) + INTERVAL 90 DAY TO VOLUME 'slow'",
        "ALTER TABLE unit_revisions MODIFY SETTING storage_policy = 'tiered'",
        "ALTER TABLE unit_revisions MODIFY TTL toDateTime(received_at) + INTERVAL 90 DAY TO VOLUME 'slow'",
    ]
    assert not any("DELETE" in statement for statement in statements)


@pytest.mark.parametrize(("policy", "profile"), [("", "server"), ("tiered", "embedded"), ("tiered", "cluster")])
def test_without_a_policy_or_a_server_nothing_is_rendered(policy: str, profile: Profile) -> None:
    assert storage_statements(Storage(policy), profile) == []


@pytest.mark.parametrize("storage", [Storage("a'b"), Storage("a", "b; c"), Storage("a", "b", 0), Storage("1 2")])
def test_what_makes_no_sense_is_refused(storage: Storage) -> None:
    with pytest.raises(SettingsWrong):
        storage_statements(storage, "server")
