"""The verb `weibull`: a Weibull fit of lifetimes per group, with profile-likelihood limits, B10 and a plot's points."""

from analytics.ledger_answers import Statistic
from jobs.lifetime_verb import lifetime_verb

app = lifetime_verb(Statistic.WEIBULL, "Weibull shape, scale and B10 of lifetimes, by maximum likelihood.")
