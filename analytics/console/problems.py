"""What the console refuses, as a page that says what would be right."""

from typing import Final

TITLES: Final = {
    400: "That makes no sense here",
    401: "Please sign in",
    403: "Your role may not do this",
    404: "There is no such page",
    405: "This page is not asked so",
    409: "Somebody was first",
    500: "A fault of the console",
    503: "Not now",
}


class Refused(Exception):
    """A request is refused: what is wrong and what would be right, for people."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class SignInFirst(Exception):
    """Nobody is signed in, or not any more."""
