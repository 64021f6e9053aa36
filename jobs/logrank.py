"""The verb `logrank`: do the groups' lifetimes differ."""

from analytics.ledger_answers import Statistic
from jobs.lifetime_verb import lifetime_verb

app = lifetime_verb(Statistic.LOGRANK, "Whether the groups named with --by fail alike, age by age.")
