"""The compiler of the hot path: numba, with a cache that notices every change of the domain.

numba's own cache looks at the file of the compiled function only, not at the functions it calls; so the cache lives in
a folder named by the hash of every source that may be compiled. The hash of the domain alone is `rules_version`: it
names the code that decided.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def _hash_of_sources(*folders: Path) -> str:
    digest = hashlib.sha256()
    for source in sorted(file for folder in folders for file in folder.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()[:12]


config: Any = numba.config
_DOMAIN = Path(__file__).parent
RULES_VERSION = _hash_of_sources(_DOMAIN)


def _cache_folder() -> str:
    """Return the folder of compiled code: the user's cache, or a temporary one where there is no home to write to.

    Where the cache lies (XDG_CACHE_HOME, else the home) is the one thing read at import, as numba reads its own.
    """
    sources = _hash_of_sources(_DOMAIN, _DOMAIN.parent / "wire")
    chosen = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    for base in (Path(chosen).expanduser(), Path(tempfile.gettempdir())):
        folder = base / "scanledger" / f"compiled-{sources}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        return str(folder)
    return ""


if not config.CACHE_DIR:  # NUMBA_CACHE_DIR, where somebody chose one, wins
    config.CACHE_DIR = _cache_folder()


def compiled(function: F) -> F:
    """Compile a scalar function to machine code that runs without the interpreter lock.

    Under NUMBA_DISABLE_JIT=1 it stays the plain Python it is written in.
    """
    return cast("F", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
