"""What an attempt came to, whether it is worth another one, and when.

Flow: status of an answer, number of retries -> Answer, milliseconds to wait.
"""

import hashlib
from http import HTTPStatus
from typing import Final, NamedTuple

RETRIES: Final = 10
FIRST_MS: Final = 1_000
LONGEST_MS: Final = 300_000
_JITTER: Final = 0.25
AGAIN: Final = frozenset((HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS))
_DOUBLINGS: Final = 20


class Answer(NamedTuple):
    """What a receiver said, or why it said nothing; `detail` is for people and holds no secret."""

    is_delivered: bool
    is_final: bool
    """Another attempt would come to the same."""
    code: int = 0
    """Status of HTTP; 0 where there was none."""
    detail: str = ""


def judge(code: int, detail: str = "") -> Answer:
    """Return what a status means: delivered, to be tried again, or refused for good.

    4xx but 408 and 429 is final, and so is a redirection, which is not followed; whatever else is no success passes.
    """
    is_delivered = HTTPStatus.OK <= code < HTTPStatus.MULTIPLE_CHOICES
    is_refused = HTTPStatus.MULTIPLE_CHOICES <= code < HTTPStatus.INTERNAL_SERVER_ERROR
    return Answer(is_delivered, is_delivered or (is_refused and code not in AGAIN), code, detail)


def no_answer(detail: str) -> Answer:
    """Return that nothing came back, which may be different the next time."""
    return Answer(is_delivered=False, is_final=False, detail=detail)


def wait_ms(retry: int, chance: float) -> int:
    """Return how long to wait before a retry, the first being 1: 1 s, 2 s, 4 s … 5 min, a quarter more or less.

    Args:
        retry: its number.
        chance: from 0 to below 1.
    """
    whole = min(FIRST_MS << min(retry - 1, _DOUBLINGS), LONGEST_MS)
    return round(min(max(whole * (1 - _JITTER + 2 * _JITTER * chance), FIRST_MS), LONGEST_MS))


def chance_of(delivery: str, retry: int) -> float:
    """Return a number from 0 to below 1 that differs between deliveries, so that they do not come back all at once."""
    digest = hashlib.sha256(f"{delivery} {retry}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
