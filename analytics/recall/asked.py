"""What a recall asks for: which units are bad, when they were, and in which direction to follow them.

asked = Asked(predicate=Predicate(lots=("L7",)), bad_from=datetime(2026, 3, 1, tzinfo=UTC))
Asked.model_validate_json(asked.model_dump_json()) == asked
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from analytics.genealogy import BEGINNING, FOREVER

_MOST_VALUES = 1_000
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END: Final = datetime(2300, 1, 1, tzinfo=UTC)
"""Between them lies every time that the warehouse holds."""
_STRICT = ConfigDict(frozen=True, extra="forbid")


def _few(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(values) > _MOST_VALUES:
        message = f"at most {_MOST_VALUES:,} values of one kind"
        raise ValueError(message)
    return tuple(dict.fromkeys(values))


def _no_number(told: object) -> datetime:
    """Return a time, or its text read as ISO 8601: digits alone are never seconds since 1970."""
    if isinstance(told, datetime):
        return told
    if not isinstance(told, str):
        message = "a time is a text as 2026-11-02 or 2026-11-02T09:30Z"
        raise ValueError(message)  # noqa: TRY004  pydantic makes an error of validation of it
    return datetime.fromisoformat(told)


def _in_utc(when: datetime) -> datetime:
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except OverflowError as fault:
        message = "a time lies between 1970 and 2299"
        raise ValueError(message) from fault


Text = Annotated[str, StringConstraints(min_length=1, max_length=1_024)]
Texts = Annotated[tuple[Text, ...], AfterValidator(_few)]
When = Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_in_utc)]


class BadPredicate(ValueError):
    """It would recall everything, or nothing could fit it; the message says what would be right."""


class Predicate(BaseModel):
    """Which units are bad: those that every condition fits; of the values of one condition, any.

    `sites` is where they were made (their first applied scan), `made_from` and `made_to` are of their COMMISSION, the
    latter not included. `component_lots`: units that a unit of such a lot was built into.
    """

    model_config = _STRICT

    items: Texts = ()
    lots: Texts = ()
    lines: Texts = ()
    suppliers: Texts = ()
    sites: Texts = ()
    made_from: When | None = None
    made_to: When | None = None
    component_lots: Texts = ()

    def checked(self) -> "Predicate":
        """Return the predicate itself.

        Raises:
            BadPredicate: It has no condition, or its times are the wrong way round or none that the warehouse holds.
        """
        if self == Predicate():
            message = "a recall needs a condition: item, lot, line, supplier, site, made between or component lot"
            raise BadPredicate(message)
        _within("made from", self.made_from)
        _within("made before", self.made_to)
        if self.made_from is not None and self.made_to is not None and self.made_from >= self.made_to:
            message = "made between: the end is not after the beginning"
            raise BadPredicate(message)
        return self

    def parameters(self) -> dict[str, Any]:
        """Return it as the question `recall_known` takes it; no condition of time is the least number there is."""
        lists = ("items", "lots", "lines", "suppliers", "sites", "component_lots")
        times = {name: BEGINNING if when is None else milliseconds(when) for name, when in self._made()}
        return {name: list(getattr(self, name)) for name in lists} | times

    def text(self) -> str:
        """Return it in words: "item sku:ACME/PUMP, lot L7 or L8, made from 2026-03-01 to before 2026-04-01"."""
        lists = {"item": self.items, "lot": self.lots, "line": self.lines, "supplier": self.suppliers,
                 "made at": self.sites, "with a component of lot": self.component_lots}  # fmt: skip
        said = [f"{name} {' or '.join(values)}" for name, values in lists.items() if values]
        made = [
            f"{'from' if name == 'made_from' else 'to before'} {_short(when)}" for name, when in self._made() if when
        ]
        return ", ".join([*said, *([f"made {' '.join(made)}"] if made else [])])

    def _made(self) -> list[tuple[str, datetime | None]]:
        return [("made_from", self.made_from), ("made_to", self.made_to)]


class Asked(BaseModel):
    """A predicate, the time in which its units were bad, and whether to look at what they contain as well."""

    model_config = _STRICT

    predicate: Predicate
    bad_from: When | None = None
    bad_to: When | None = None
    with_down: bool = False
    current_only: bool = False

    def checked(self) -> "Asked":
        """Return it; raises BadPredicate as `Predicate.checked`."""
        self.predicate.checked()
        _within("bad from", self.bad_from)
        _within("bad before", self.bad_to)
        if self.bad_from is not None and self.bad_to is not None and self.bad_from >= self.bad_to:
            message = "bad from and to: the end is not after the beginning"
            raise BadPredicate(message)
        return self

    def bad(self) -> tuple[int, int]:
        """Return the bad interval in milliseconds, its end not included."""
        start = BEGINNING if self.bad_from is None else milliseconds(self.bad_from)
        return start, FOREVER if self.bad_to is None else milliseconds(self.bad_to)

    def text(self) -> str:
        """Return it in words."""
        bad = [
            f"bad {word} {_short(when)}" for word, when in (("from", self.bad_from), ("to before", self.bad_to)) if when
        ]
        down = ["and what they contain"] if self.with_down else []
        now = ["only what holds it now"] if self.current_only else []
        return ", ".join([self.predicate.text(), *bad, *down, *now])


def milliseconds(when: datetime) -> int:
    """Return milliseconds since 1970."""
    return round(when.timestamp() * 1000)


def _within(name: str, when: datetime | None) -> None:
    """Refuse a time outside of the warehouse's, when something is asked anew: what was started can still be read."""
    if when is not None and not _FIRST <= when < _END:
        message = f"{name}: {when.isoformat()} is not between 1970 and 2299; a time that fits is 2026-11-02T09:30Z"
        raise BadPredicate(message)


def _short(when: datetime) -> str:
    midnight = when.time().isoformat() == "00:00:00"
    return when.date().isoformat() if midnight else when.strftime("%Y-%m-%dT%H:%M:%SZ")
