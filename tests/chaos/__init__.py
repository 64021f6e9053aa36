"""Processes killed at random and at the worst moments; nothing lost, nothing doubled."""
