"""The jars of Apache Kafka: resolved from Maven Central once, then kept in the user's cache folder."""

import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.errors import LocalStackUnusable

KAFKA_VERSION = "4.1.1"
# The "!" keeps jgo from importing each artifact's dependency management. Without it, log4j's own build settings
# put kafka-clients 3.9 beside a 4.1 broker.
_COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}!",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3!",
)
_SIZE_MB = 44
_SAY_EVERY_MB = 8
_PARALLEL_FETCHES = 6

Say = Callable[[str], None]


def kafka_jars(say: Say, *, cache: Path | None = None) -> list[Path]:
    """Returns the jars that make up the broker, fetching them where this is their first use.

    Args:
        say: Told what is fetched, and how far it got.
        cache: The folder that keeps them; the user's cache folder where not given.

    Raises:
        LocalStackUnusable: The cache folder cannot be written, or a jar cannot be fetched.
    """
    folder = (cache or _user_cache()) / f"kafka-{KAFKA_VERSION}"
    with _locked(folder):
        known = _known_jars(folder)
        if known:
            return known
        return _fetch_into(folder, say)


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scanledger"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        message = f"Kafka's jars cannot be kept in {folder}: {error.strerror}. Set XDG_CACHE_HOME to a folder that can."
        raise LocalStackUnusable(message) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _known_jars(folder: Path) -> list[Path]:
    listing = folder / "jars.txt"
    if not listing.exists():
        return []
    jars = [folder / line for line in listing.read_text().splitlines()]
    return jars if all(jar.exists() for jar in jars) else []


def _fetch_into(folder: Path, say: Say) -> list[Path]:
    repository = folder / "m2"
    shutil.rmtree(repository, ignore_errors=True)  # what an interrupted fetch left may be half a jar
    say(f"Fetching Apache Kafka {KAFKA_VERSION} from Maven Central, about {_SIZE_MB} MB, once, into {folder}")
    try:
        jars = _fetch(repository, say)
    except ImportError as error:
        message = "The local Kafka needs the extra `local`: pip install 'scanledger[local]', or set KAFKA_BOOTSTRAP."
        raise LocalStackUnusable(message) from error
    except (OSError, RuntimeError) as error:
        message = (
            f"Apache Kafka could not be fetched from Maven Central: {error}. Check the network (HTTPS_PROXY is "
            "respected) and repeat, or set KAFKA_BOOTSTRAP to use a Kafka that runs elsewhere."
        )
        raise LocalStackUnusable(message) from error
    listing = folder / "jars.txt"
    listing.write_text("".join(f"{jar.relative_to(folder)}\n" for jar in jars))
    return jars


def _fetch(repository: Path, say: Say) -> list[Path]:
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415  jgo takes 0.4 s to import, needed once per machine
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415
    from jgo.parse import Coordinate  # noqa: PLC0415

    resolver = PythonResolver(progress_callback=_Progress(say).follow)
    context = MavenContext(resolver=resolver, repo_cache=repository, remote_repos={"central": MAVEN_CENTRAL_URL})
    wanted = [context.create_dependency(Coordinate.parse(coordinate)) for coordinate in _COORDINATES]
    direct, transitive = resolver.resolve(wanted)
    needed = [*direct, *(found for found in transitive if found.scope in {"compile", "runtime"})]
    say(f"Fetching {len(needed)} jars")
    with ThreadPoolExecutor(_PARALLEL_FETCHES) as pool:
        return sorted(pool.map(lambda found: Path(found.artifact.resolve()), needed))


class _Progress:
    """Turns the chunks of parallel downloads into a line every few megabytes."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._bytes = 0
        self._next_line = _SAY_EVERY_MB

    @contextmanager
    def follow(self, _name: str, _size: int) -> Iterator[Callable[[int], Any]]:
        yield self._add

    def _add(self, count: int) -> None:
        with self._lock:
            self._bytes += count
            megabytes = self._bytes / 1e6
            if megabytes >= self._next_line:
                self._next_line += _SAY_EVERY_MB
                self._say(f"  {megabytes:.0f} of {_SIZE_MB} MB")
