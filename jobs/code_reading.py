"""How codes are read at the ways in, as options of verbs; the environment counts where `scanledger up` starts them."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from jobs.unreadable import why_unreadable
from pipeline.capture.codes import CodeReader
from pipeline.domain.identifiers import BadConvention, Convention, read_conventions
from pipeline.errors import SettingsWrong

_LENIENT_HELP: Final = "Also take raw element strings that have lost the FNC1 they begin with."
_CONVENTIONS_HELP: Final = "A TOML file of codes of one's own, as `scanledger identify --conventions` takes it."

_CONVENTIONS: Final = "SCANLEDGER_CONVENTIONS"

LenientOption = Annotated[bool, typer.Option("--lenient", help=_LENIENT_HELP, envvar="SCANLEDGER_LENIENT")]
ConventionsOption = Annotated[Path | None, typer.Option(help=_CONVENTIONS_HELP, envvar=_CONVENTIONS)]


def code_reader(lenient: bool, conventions: Path | None) -> CodeReader:
    """Return the reader that the options ask for.

    Raises: SettingsWrong where the file of conventions cannot be read.
    """
    return CodeReader(lenient, _declared(conventions))


def readers_own() -> CodeReader:
    """Return the reader of what people type or paste to name a unit: lenient, with the environment's conventions.

    Raises: SettingsWrong where the file of conventions cannot be read.
    """
    named = os.environ.get(_CONVENTIONS)
    return code_reader(lenient=True, conventions=Path(named) if named else None)


def _declared(file: Path | None) -> tuple[Convention, ...]:
    try:
        return () if file is None else read_conventions(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, BadConvention) as error:
        why = error if isinstance(error, BadConvention) else why_unreadable(error)
        message = f"The conventions in {file} cannot be read: {why}"
        raise SettingsWrong(message) from error
