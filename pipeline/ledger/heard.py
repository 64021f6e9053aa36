"""What partitions tell each other by `internal`, read strictly: anybody may write there, and none may stop a partition.

Flow: the content of an EDGE, FANOUT or ALIAS record -> what it says, or Senseless.
"""

from collections.abc import Collection
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipeline.domain.edge import EDGE_KINDS, Move
from pipeline.domain.expected import DOCUMENT_KINDS, EXPECTED_MOST
from pipeline.domain.flags import FLAGS
from pipeline.domain.links import MOST_ALIASES
from pipeline.domain.scan import STEPS
from pipeline.domain.spans import FOREVER, Span
from pipeline.domain.unit_key import BadUnitKey, parse

_LAST: Final = 1 << 53
"""Beyond all times and sequences there are, and still a number in JSON."""


class Senseless(Exception):  # noqa: N818  an outcome
    """A content that says nothing."""


def _unit_key(text: str) -> str:
    try:
        return parse(text).text
    except BadUnitKey as wrong:
        raise ValueError(str(wrong)) from None


def _key_or_none(text: str) -> str:
    return _unit_key(text) if text else text


def _one_of(words: Collection[str]) -> AfterValidator:
    def known(word: str) -> str:
        if word not in words:
            message = f"{word!r} is none of {', '.join(words)}"
            raise ValueError(message)
        return word

    return AfterValidator(known)


def _hash(digits: str) -> str:
    number = int(digits)
    if not -(1 << 63) <= number < 1 << 63:
        message = f"{digits} has more than 64 bits"
        raise ValueError(message)
    return digits


def _short(text: str) -> str:
    if len(text.encode()) > _SHORT_BYTES:
        message = f"more than {_SHORT_BYTES} bytes"
        raise ValueError(message)
    return text


_SHORT_BYTES: Final = 128
Key = Annotated[str, AfterValidator(_unit_key)]
KeyOrNone = Annotated[str, AfterValidator(_key_or_none)]
Hash = Annotated[str, Field(max_length=20, pattern=r"^-?\d+$"), AfterValidator(_hash)]
Text = Annotated[str, Field(max_length=32_768)]
Short = Annotated[str, AfterValidator(_short)]
Time = Annotated[int, Field(ge=0, le=_LAST)]
Moment = Annotated[int, Field(ge=-1, le=_LAST)]
Short32 = Annotated[int, Field(ge=-(1 << 31), lt=1 << 31)]
Kind = Annotated[int, Field(ge=1, le=len(DOCUMENT_KINDS))]
Version = Annotated[int, Field(ge=1, le=_LAST)]
Flags = Annotated[list[Annotated[str, _one_of(FLAGS)]], Field(max_length=len(FLAGS))]
Pairs = Annotated[list[tuple[Time, Time | None]], Field(max_length=1_000)]


class _Heard(BaseModel):
    """Whatever else is said is not looked at."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class EdgeHeard(_Heard):
    """That a unit came into another, or left it, in spans of time."""

    member: Key
    kind: Annotated[str, _one_of(EDGE_KINDS)]
    version: Version
    added: Pairs
    removed: Pairs

    @property
    def came(self) -> list[Span]:
        """Spans in which it was in it after all."""
        return _spans(self.added)

    @property
    def went(self) -> list[Span]:
        """Spans in which it was not."""
        return _spans(self.removed)


class MoveHeard(_Heard):
    """A move as `Move.to_json` has it."""

    fact: Hash
    root: Hash
    depth: Annotated[int, Field(ge=0, le=127)]
    step: Annotated[str, _one_of(STEPS)]
    event_time: Time
    capture_time: Time
    site: Text
    destination: Text | None = None
    location: Text | None = None
    document: Text | None = None
    empties: bool = False
    into: Key | None = None
    owner: Text | None = None


class FanoutHeard(_Heard):
    """That a move is to be told to members from one on."""

    move: MoveHeard
    holds: bool
    after: Text

    @property
    def told(self) -> Move:
        """The move."""
        return Move.of_json(self.move.model_dump())


class LifeHeard(_Heard):
    """A life as `life_told` has it."""

    event_time: Moment
    commissioned_at: Moment
    shipped_at: Moment
    sold_at: Moment
    returned_at: Moment
    failed_at: Moment
    expiry: Annotated[int, Field(ge=-1, lt=1 << 31)]
    sale: Annotated[int, Field(ge=-(1 << 31), lt=1 << 31)]
    flags: Flags
    plain: Flags
    state: Short
    site: Short
    custody: Short
    container: KeyOrNone
    parent: KeyOrNone
    lot: Short | None


class AliasHeard(_Heard):
    """That a label was retired for a unit, or, with `since` null, was not."""

    alias: Key
    version: Version
    since: Time | None
    life: LifeHeard | None = None
    aliases: Annotated[list[Key], Field(max_length=MOST_ALIASES)] = []
    expected: Annotated[list[tuple[Short32, Kind, Short32]], Field(max_length=EXPECTED_MOST)] = []
    """Documents that expect it: hash, kind, hash of the sale."""


H = TypeVar("H", bound=_Heard)


def hear(what: type[H], content: str) -> H:
    """Read a content.

    Raises:
        Senseless: it is none of this kind.
    """
    try:
        return what.model_validate_json(content)
    except ValidationError as wrong:
        raise Senseless(str(wrong)) from None


def _spans(pairs: list[tuple[int, int | None]]) -> list[Span]:
    return [(begin, FOREVER if end is None else end) for begin, end in pairs]
