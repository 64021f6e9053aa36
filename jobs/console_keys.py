"""The keys of the HTTP way in, as the console makes and revokes them: by the rules of `scanledger keys`."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.capture.http.keys import ROLES, Key, KeyRing
from pipeline.wire.scan_fields import CAPS

_NAME_CHARACTERS = 100


class HouseKeys:
    """The key ring of a home."""

    def __init__(self, home: Path) -> None:
        self._ring = KeyRing(home)

    def all(self) -> list[Key]:
        """Return every key in the order of their making."""
        return self._ring.all()

    def make(self, name: str, role: str, sites: Sequence[str], *, all_sites: bool) -> tuple[Key, str]:
        """Make a key; return it and its text.

        Raises: ValueError, saying what would be right; FolderUnusable.
        """
        named = name.strip()
        if not named or len(named) > _NAME_CHARACTERS or not named.isprintable():
            message = f"Say in at most {_NAME_CHARACTERS} characters what the key is for."
            raise ValueError(message)
        if role not in ROLES:
            message = f"A key's role is one of {', '.join(ROLES)}."
            raise ValueError(message)
        return self._ring.create(named, role, sites_of(role, sites, all_sites=all_sites))

    def revoke(self, key_id: str) -> Key | None:
        """Revoke a key; None where there is none of this id."""
        return self._ring.revoke(key_id)


def sites_of(role: str, given: Sequence[str], *, all_sites: bool) -> list[str] | None:
    """Return the sites of a key, None for all.

    Raises: ValueError where a site's key names none, a name is too long, or another role names some.
    """
    sites = [name.strip() for name in given if name.strip()]
    if role != "site":
        if sites:
            message = f"A key of role {role} is for all sites: name none."
            raise ValueError(message)
        return None
    if all_sites == bool(sites):
        message = "Name the key's sites, or say that it is for all sites: one of the two."
        raise ValueError(message)
    too_long = [name for name in sites if len(name.encode()) > CAPS["site"]]
    if too_long:
        message = f"{too_long[0]!r} has more than {CAPS['site']} bytes: no scan can name such a site."
        raise ValueError(message)
    return sites or None
