"""Recalls: what is bad, what it was built into, where all of it is now; and what came of it since."""
