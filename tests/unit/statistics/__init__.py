"""Tests of `analytics/statistics`: published tables, lifelines, hand-worked tables, plain definitions, coverage."""
