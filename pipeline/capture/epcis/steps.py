"""Which step a business step makes, as `schemas/cbv.toml` says, foreign ones as a file of one's own says.

[biz_steps]                                        # foreign.toml
"https://example.com/steps/polishing" = { step = "INSPECT" }
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from pipeline.capture.epcis.vocabulary import table
from pipeline.domain.scan import STEPS
from pipeline.errors import MappingWrong

Otherwise = Literal["returned", "partially_dispensed", "no_container", "no_counterpart"]
"""What an event may say besides, that makes another step of its business step."""


def _known(step: str) -> str:
    if step and (step not in STEPS or step == "VOID"):
        message = f"{step!r} is no step; there are {', '.join(name for name in STEPS if name != 'VOID')}"
        raise ValueError(message)
    return step


Step = Annotated[str, AfterValidator(_known)]


class StepRule(BaseModel):
    """What one business step makes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Step
    """Empty where it makes no scan."""
    otherwise: dict[Otherwise, Step] = {}
    attributes: dict[str, str] = {}
    keep: bool = False
    """Whether the business step is kept as an attribute."""

    def of(self, besides: Iterable[Otherwise]) -> str:
        """Return the step where these hold besides."""
        return next((self.otherwise[one] for one in besides if one in self.otherwise), self.step)


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid")

    biz_steps: dict[str, StepRule]


FOREIGN: Final = StepRule(step="OBSERVE", keep=True)
NONE: Final = StepRule(step="OBSERVE")


class Steps:
    """The rules in use."""

    def __init__(self, foreign: Mapping[str, StepRule] | None = None) -> None:
        standard = _Rules.model_validate({"biz_steps": table()["biz_steps"]})
        self._rules = {**standard.biz_steps, **(foreign or {})}

    def rule(self, biz_step: str | None) -> StepRule:
        """Return what a business step makes; any that nobody maps is an OBSERVE that keeps it."""
        return NONE if biz_step is None else self._rules.get(biz_step, FOREIGN)


def read_foreign(file: Path) -> dict[str, StepRule]:
    """Read a file that maps foreign business steps.

    Raises: MappingWrong with every mistake found.
    """
    try:
        return _Rules.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).biz_steps
    except OSError as error:
        message = f"The steps {file} cannot be read: {error.strerror}."
        raise MappingWrong(message) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"The steps {file} are no TOML: {error}."
        raise MappingWrong(message) from error
    except ValidationError as error:
        mistakes = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        message = f"The steps {file} make no sense: {mistakes}."
        raise MappingWrong(message) from error
