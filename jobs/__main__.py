"""Runs the command as `python -m jobs`, which is how the local stack starts its parts."""

from jobs.cli import main

main()
