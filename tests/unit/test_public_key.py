"""A public key as somebody gives it: what is none is said, whatever was pasted."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jobs.signing_key import public_key
from pipeline.errors import SettingsWrong

DIGITS = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw().hex()


def test_64_hex_digits_are_a_key() -> None:
    assert public_key(f" {DIGITS}\n").public_bytes_raw().hex() == DIGITS


@pytest.mark.parametrize("given", ["", "no-such-file", DIGITS[:-2], f"-----BEGIN PUBLIC KEY-----\n{'A' * 300}", "a\0b"])
def test_anything_else_is_refused_in_words(given: str) -> None:
    with pytest.raises(SettingsWrong, match="64 hex digits"):
        public_key(given)
