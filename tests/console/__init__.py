"""The console in a real Chromium, over the real tables, filled by the real fold."""
