"""Why a file that somebody named cannot be read, as people say it."""


def why_unreadable(error: OSError | UnicodeDecodeError) -> str:
    """Return what the system says of a file, or that it is no text."""
    return "it is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror or error)
