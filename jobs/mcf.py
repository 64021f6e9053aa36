"""The verb `mcf`: how often a unit has failed on average by each age, every failure counted."""

from analytics.ledger_answers import Statistic
from jobs.lifetime_verb import lifetime_verb

app = lifetime_verb(Statistic.MCF, "Failures per unit by each age, every applied FAIL counted.")
