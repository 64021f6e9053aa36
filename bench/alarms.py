"""False alarms: alerts that a worker opens on supply chains in which nothing was planted, late scans among them."""

from typing import Final

from bench.ground import Ground
from bench.loading import load_sites, send_mix
from bench.worker import VERDICTS, Figures, warmed_up
from pipeline.simulate.plan import Plan
from pipeline.simulate.simulation import simulate

_SCANS: Final = 1_000_000
_ALERTS: Final = "scanledger_worker_alerts_total"
_RUN_SECONDS: Final = 600.0


def run(ground: Ground) -> Figures:
    """Count openings; one that a late scan explains is retracted later, and counts all the same: somebody was told."""
    settings = ground.fresh("alarms")
    clean = simulate(Plan.of_scans(ground.scaled(_SCANS, 10_000), anomalies=0.0))
    load_sites(settings, clean.world)
    worker = warmed_up(ground, settings)
    before = worker.sample()
    scans = send_mix(ground, settings, clean)
    ground.say("counting the alerts of clean scans")
    wanted = before.total(VERDICTS) + scans
    after = worker.wait(f"{scans:,} verdicts", lambda now: now.total(VERDICTS) >= wanted, _RUN_SECONDS)
    worker.stop()
    told = {text: value - before.metrics.get(text, 0.0) for text, value in after.metrics.items()}

    def counted(event: str) -> float:
        return sum(value for text, value in told.items() if text.startswith(_ALERTS) and f'event="{event}"' in text)

    opened = counted("OPENED")
    return {
        "alarms_clean_scans": scans,
        "alarms_opened_per_million": 1e6 * opened / scans,
        "alarms_false_per_million": 1e6 * (opened - counted("RETRACTED")) / scans,
    }
