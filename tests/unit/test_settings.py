import pytest

from pipeline.errors import SettingsWrong
from pipeline.settings import load_settings


def test_a_variable_that_makes_no_sense_is_named_with_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANLEDGER_PARTITIONS", "many")
    with pytest.raises(SettingsWrong, match="SCANLEDGER_PARTITIONS='many': Input should be a valid integer"):
        load_settings()


def test_a_secret_that_makes_no_sense_is_not_told() -> None:
    with pytest.raises(SettingsWrong) as refused:
        load_settings(kafka_sasl_password=["s3cret"])
    assert "s3cret" not in str(refused.value)
