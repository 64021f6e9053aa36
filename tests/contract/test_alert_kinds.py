"""The table of alert kinds is whole: whatever may raise an alert is told, and nothing else."""

from typing import get_args

from pipeline.domain.verdict import ALERT_KINDS, FINDING_KINDS, REASONS
from pipeline.wire.alert_kinds import Severity, alert_kinds


def test_every_kind_is_told_with_who_raises_it() -> None:
    told = [(kind.kind, kind.raised_by) for kind in alert_kinds().values()]
    assert told == [(REASONS[kind], "scan") for kind in ALERT_KINDS] + [(kind, "finding") for kind in FINDING_KINDS]


def test_every_kind_says_how_urgent_it_is_and_what_to_do() -> None:
    for kind in alert_kinds().values():
        assert kind.severity in get_args(Severity)
        assert kind.says
        assert kind.to_do.endswith(".")
