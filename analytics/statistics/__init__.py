"""Intervals that go with every rate: a share or a rate is never shown without what its counts allow one to say."""
