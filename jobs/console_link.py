"""Links by which people sign in to the console, made by whoever may write the home."""

from enum import StrEnum

import typer

from analytics.console.users import LastAdmin, UserBook, name_fault
from jobs.output import note
from jobs.reference import author_name
from pipeline.settings import Settings


class Role(StrEnum):
    """What somebody may do in the console."""

    ANALYST = "analyst"
    OPERATOR = "operator"
    ADMIN = "admin"


def sign_in_link(settings: Settings, name: str, role: Role | None = None) -> str:
    """Return a new link for a user, who is made or changed where needed.

    Raises: typer.BadParameter where the name makes no sense, or the last admin would be none; FolderUnusable.
    """
    users = UserBook(settings.home)
    known = {user.name: user.role for user in users.users()}
    if fault := name_fault(name):
        raise typer.BadParameter(fault)
    try:
        users.keep(name, role.value if role else known.get(name, "admin"))
    except LastAdmin as last:
        raise typer.BadParameter(str(last)) from None
    return f"{address(settings)}/sign-in?link={users.link(name)}"


def address(settings: Settings) -> str:
    """Return where people find the console, without a slash at its end."""
    host = f"[{settings.console_host}]" if ":" in settings.console_host else settings.console_host
    return settings.console_url.rstrip("/") or f"http://{host}:{settings.console_port}"


def note_sign_in(settings: Settings) -> None:
    """Tell whoever started a stack how to get in."""
    note(f"Console: {sign_in_link(settings, author_name(''), Role.ADMIN)} (works once, for 15 minutes)")
