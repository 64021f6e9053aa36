"""API keys: who may send scans of which sites, and who may read. Only hashes are kept, in SCANLEDGER_HOME/keys.json.

A key's text is `sl_ID_SECRET`, shown once. The secret has 256 random bits, so one SHA-256 keeps it: nothing slower
would be safer.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal, get_args

from pipeline.errors import FileUnreadable, FolderUnusable

Role = Literal["site", "analyst", "admin"]
Right = Literal["capture", "read", "receipts"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    "site": frozenset({"capture", "receipts"}),
    "analyst": frozenset({"read", "receipts"}),
    "admin": frozenset({"capture", "read", "receipts"}),
}
"""`receipts`: a site reads those of its own key, the others all."""
_MARK: Final = "sl"


@dataclass(frozen=True)
class Key:
    """One API key as it is kept; `sites` None: all sites."""

    id: str
    name: str
    role: Role
    sites: tuple[str, ...] | None
    sha256: str
    created_ms: int
    revoked_ms: int | None = None

    def may(self, right: Right) -> bool:
        """Tell whether the key's role has a right."""
        return right in RIGHTS[self.role]

    @property
    def only_site(self) -> str | None:
        """The key's site where it has exactly one."""
        return self.sites[0] if self.sites is not None and len(self.sites) == 1 else None


class KeyRing:
    """The keys of one home; another process's changes are seen at the next look."""

    def __init__(self, home: Path) -> None:
        self._file, self._lock_file = home / "keys.json", home / "keys.lock"
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, Key] = {}

    def find(self, text: str) -> Key | None:
        """Return the key of this text, None where there is none or it is revoked.

        Raises: FileUnreadable where the file is damaged.
        """
        mark, _, rest = text.partition("_")
        name, _, secret = rest.partition("_")
        key = self._read().get(name)
        if mark != _MARK or key is None or key.revoked_ms is not None:
            return None
        return key if hmac.compare_digest(key.sha256, _hash(secret)) else None

    def all(self) -> list[Key]:
        """Return every key in the order of their making, revoked ones too."""
        return list(self._read().values())

    def create(self, name: str, role: Role, sites: Sequence[str] | None) -> tuple[Key, str]:
        """Make a key; return it and its text, which is kept nowhere.

        Raises: FolderUnusable where the home cannot be written.
        """
        secret = secrets.token_urlsafe(32)
        chosen = None if sites is None else tuple(dict.fromkeys(sites))
        key = Key(secrets.token_hex(6), name, role, chosen, _hash(secret), time.time_ns() // 1_000_000)
        with self._changing() as keys:
            keys[key.id] = key
        return key, f"{_MARK}_{key.id}_{secret}"

    def revoke(self, key_id: str) -> Key | None:
        """Revoke a key for good; None where there is none of this id. Raises as `create`."""
        with self._changing() as keys:
            if key_id in keys and keys[key_id].revoked_ms is None:
                keys[key_id] = replace(keys[key_id], revoked_ms=time.time_ns() // 1_000_000)
            return keys.get(key_id)

    def _read(self) -> dict[str, Key]:
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            return {}
        seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if seen != self._seen:
            self._keys, self._seen = _read_keys(self._file), seen
        return self._keys

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._lock_file.open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                keys = dict(self._read())
                yield keys
                self._write(keys)
        except OSError as error:
            message = f"The keys cannot be kept in {self._file}: {error.strerror}. Name another with SCANLEDGER_HOME."
            raise FolderUnusable(message) from error

    def _write(self, keys: dict[str, Key]) -> None:
        """Replace the file whole: a reader sees the keys of before or of after."""
        text = json.dumps({"keys": [asdict(key) for key in keys.values()]}, indent=2)
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._file)


def _read_keys(file: Path) -> dict[str, Key]:
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))["keys"]
        keys = [Key(**{**one, "sites": None if one["sites"] is None else tuple(one["sites"])}) for one in entries]
    except (ValueError, KeyError, TypeError) as error:
        message = f"{file} is no list of keys ({error}): put it back from a copy, or remove it and make keys anew."
        raise FileUnreadable(message) from error
    return {key.id: key for key in keys}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
