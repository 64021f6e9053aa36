"""A lifecycle named on the command line: a file, or one that is built in."""

from pathlib import Path

from jobs.unreadable import why_unreadable
from pipeline.domain.lifecycle import Lifecycle, parse
from pipeline.errors import RulesWrong
from pipeline.wire.schemas import contracts_folder


def read_lifecycle(name: str) -> Lifecycle:
    """Return the lifecycle of a file, or the built-in one of that name where there is no such file.

    Raises:
        RulesWrong: it cannot be read, or breaks a rule.
    """
    folder = contracts_folder() / "lifecycles"
    built_in = folder / f"{name}.toml"
    file = built_in if built_in.is_file() and not Path(name).exists() else Path(name)
    try:
        return parse(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        names = ", ".join(sorted(known.stem for known in folder.glob("*.toml")))
        message = f"{name} cannot be read ({why_unreadable(error)}) and is no built-in lifecycle; those are {names}"
        raise RulesWrong(message) from error
