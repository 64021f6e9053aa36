"""API keys: who may send scans of which sites, and who may read. Only hashes are kept, in SCANLEDGER_HOME/keys.json.

A key's text is `sl_ID_SECRET`, shown once. The secret has 256 random bits, so one SHA-256 keeps it: nothing slower
would be safer.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pipeline.home_file import HomeFile

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
        self._file = HomeFile(home / "keys.json", "keys", _parse, _render)

    def find(self, text: str) -> Key | None:
        """Return the key of this text, None where there is none or it is revoked.

        Raises: FileUnreadable where the file is damaged.
        """
        mark, _, rest = text.partition("_")
        name, _, secret = rest.partition("_")
        key = self._file.read().get(name)
        if mark != _MARK or key is None or key.revoked_ms is not None:
            return None
        return key if hmac.compare_digest(key.sha256, _hash(secret)) else None

    def all(self) -> list[Key]:
        """Return every key in the order of their making, revoked ones too."""
        return list(self._file.read().values())

    def create(self, name: str, role: Role, sites: Sequence[str] | None) -> tuple[Key, str]:
        """Make a key; return it and its text, which is kept nowhere.

        Raises: FolderUnusable where the home cannot be written.
        """
        secret = secrets.token_urlsafe(32)
        chosen = None if sites is None else tuple(dict.fromkeys(sites))
        key = Key(secrets.token_hex(6), name, role, chosen, _hash(secret), time.time_ns() // 1_000_000)
        with self._file.changing() as keys:
            keys[key.id] = key
        return key, f"{_MARK}_{key.id}_{secret}"

    def revoke(self, key_id: str) -> Key | None:
        """Revoke a key for good; None where there is none of this id. Raises as `create`."""
        with self._file.changing() as keys:
            if key_id in keys and keys[key_id].revoked_ms is None:
                keys[key_id] = replace(keys[key_id], revoked_ms=time.time_ns() // 1_000_000)
            return keys.get(key_id)


def _parse(content: Any) -> dict[str, Key]:  # noqa: ANN401  JSON
    entries = content["keys"] if content else []
    keys = [Key(**{**one, "sites": None if one["sites"] is None else tuple(one["sites"])}) for one in entries]
    return {key.id: key for key in keys}


def _render(keys: dict[str, Key]) -> dict[str, Any]:
    return {"keys": [asdict(key) for key in keys.values()]}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
