"""The key that signs dossiers: made at first use, kept in SCANLEDGER_HOME, readable by its owner alone."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipeline.errors import FolderUnusable, SettingsWrong

FILE = "dossier.key"
_KEY_BYTES = 32


def signing_key(home: Path) -> Ed25519PrivateKey:
    """Return the key of this home, made at first use.

    Raises: FolderUnusable where it cannot be read or kept.
    """
    file = home.expanduser() / FILE
    try:
        if not file.exists():
            _keep(file, Ed25519PrivateKey.generate().private_bytes_raw())
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text().strip()))
    except (OSError, ValueError) as error:
        message = f"The signing key {file} cannot be read or kept: {error}"
        raise FolderUnusable(message) from error


def _keep(file: Path, key: bytes) -> None:
    """Keep a key whole or not at all; of two that make one at once, the first one's stays."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = file.with_name(f".{FILE}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(key.hex() + "\n")
    try:
        os.link(beside, file)
    except FileExistsError:
        return
    finally:
        beside.unlink()


def public_key(given: str) -> Ed25519PublicKey:
    """Return the public key that somebody gave: 64 hex digits, or a file that holds them.

    Raises: SettingsWrong where it is neither.
    """
    try:
        text = Path(given).read_text(errors="replace") if Path(given).is_file() else given
        raw = bytes.fromhex(text.strip())
    except (ValueError, OSError):  # neither is a text that is too long for a name
        raw = b""
    if len(raw) != _KEY_BYTES:
        message = (
            f"{given!r} is no public key: 64 hex digits, or a file that holds them; `scanledger dossier key` prints it"
        )
        raise SettingsWrong(message)
    return Ed25519PublicKey.from_public_bytes(raw)
