"""The verb `keys`: API keys of the HTTP way in, made, listed, revoked."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from jobs.console_keys import sites_of
from jobs.output import Format, FormatOption, JsonOption, note, show
from pipeline.capture.http.keys import Key, KeyRing
from pipeline.settings import load_settings

app = typer.Typer(help="API keys of the HTTP way in.", add_completion=False, no_args_is_help=True)

NOT_FOUND = 1
_COLUMNS = ("id", "name", "role", "sites", "created_at", "revoked_at")


class Role(StrEnum):
    """What a key may do."""

    SITE = "site"
    ANALYST = "analyst"
    ADMIN = "admin"


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for; shown by `keys list`.")],
    role: Annotated[
        Role, typer.Option(help="site sends scans of its sites, analyst reads, admin does both for all sites.")
    ] = Role.SITE,
    site: Annotated[list[str] | None, typer.Option(help="A site it may send scans of; may be repeated.")] = None,
    all_sites: Annotated[bool, typer.Option("--all-sites", help="It may send scans of any site.")] = False,
    as_json: JsonOption = False,
    fmt: FormatOption = Format.TABLE,
) -> None:
    """Make a key and print it: this once, for only its hash is kept."""
    sites = _sites(role, site or [], all_sites=all_sites)
    key, text = KeyRing(load_settings().home).create(name.strip(), role.value, sites)
    row = {"key": text, **_row(key)}
    if as_json or fmt is not Format.TABLE:
        show([row], as_json=as_json, fmt=fmt)
        return
    show([{"field": name, "value": value} for name, value in row.items() if value is not None])
    note("The key is shown this once. Send it as `Authorization: Bearer KEY`.")


@app.command("list")
def list_keys(as_json: JsonOption = False, fmt: FormatOption = Format.TABLE) -> None:
    """List the keys, revoked ones too."""
    show([_row(key) for key in KeyRing(load_settings().home).all()], as_json=as_json, fmt=fmt, columns=_COLUMNS)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")]) -> None:
    """Revoke a key for good; requests with it are refused from now on."""
    found = KeyRing(load_settings().home).revoke(key_id)
    if found is None:
        note(f"There is no key {key_id}; `scanledger keys list` shows those there are.")
        raise typer.Exit(NOT_FOUND)
    note(f"The key {found.id} ({found.name}) is revoked.")


def _sites(role: Role, given: list[str], *, all_sites: bool) -> list[str] | None:
    """Return the sites of a key, None for all.

    Raises: typer.BadParameter where a site's key names none, a name is too long, or another role names some.
    """
    try:
        return sites_of(role, given, all_sites=all_sites)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None


def _row(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "sites": "all" if key.sites is None else ", ".join(key.sites),
        "created_at": _when(key.created_ms),
        "revoked_at": _when(key.revoked_ms),
    }


def _when(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds // 1000, UTC)
