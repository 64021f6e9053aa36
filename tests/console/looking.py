"""Looking at a page as people do, and at what they do not see: axe's rules, the console's log, broken policy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, Self

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from analytics.console.access import COOKIE
from analytics.console.users import Role
from tests.console.served import Console

Scheme = Literal["light", "dark"]
WIDE, NARROW = 1280, 390
_HEIGHT = 900
_GRAVE = ("serious", "critical")


class Look(NamedTuple):
    """How a page is looked at."""

    width: int = WIDE
    scheme: Scheme = "light"

    def __str__(self) -> str:
        """Return its name."""
        return f"{self.width}-{self.scheme}"


USUAL = Look()
LOOKS = (USUAL, Look(NARROW, "dark"))
"""Each width and each colour scheme once."""
OTHER_LOOKS = (Look(WIDE, "dark"), Look(NARROW, "light"))
"""The crossings that `LOOKS` leaves out, for the long form: most of a look's time is axe's."""

at_every_look = pytest.mark.parametrize(
    "look", [*LOOKS, *(pytest.param(look, marks=pytest.mark.slow) for look in OTHER_LOOKS)], ids=str
)


class Eye:
    """Somebody signed in, at a browser; what goes wrong behind the page is kept."""

    def __init__(self, console: Console, context: BrowserContext) -> None:
        self.console, self.page, self.wrong = console, context.new_page(), list[str]()
        self.page.on(
            "console", lambda said: self.wrong.append(said.text) if said.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda asked: self._note_foreign(asked.url))

    def at(self, path: str) -> Page:
        """Go to a page of the console and return it when it is drawn."""
        self.page.goto(self.console.url + path, wait_until="load")
        return self.page

    def turned(self, look: Look) -> Self:
        """Look at the same page at another width or in another colour scheme."""
        self.page.set_viewport_size({"width": look.width, "height": _HEIGHT})
        self.page.emulate_media(color_scheme=look.scheme)
        return self

    def faults(self) -> list[str]:
        """Return what is wrong with the page: axe's grave violations, its width, what went wrong behind it."""
        if not self.page.evaluate("'axe' in window"):  # a page that is turned has it already
            self.page.evaluate(Axe().axe_script)
        found: dict[str, Any] = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        grave = [
            f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
            for one in found["violations"]
            if one["impact"] in _GRAVE
            for node in one["nodes"]
        ]
        too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        beyond = int(self.page.evaluate(too_wide))
        return [*grave, *([f"{beyond} px too wide"] if beyond > 0 else []), *self.wrong]

    def _note_foreign(self, url: str) -> None:
        if not url.startswith((self.console.url, "data:", "blob:")):
            self.wrong.append(f"asked elsewhere: {url}")


@contextmanager
def looking(browser: Browser, console: Console, look: Look = USUAL, role: Role = "admin") -> Iterator[Eye]:
    """Sign somebody of a role in at a browser of a width and a colour scheme, for the length of the block."""
    context = browser.new_context(
        viewport={"width": look.width, "height": _HEIGHT}, color_scheme=look.scheme, reduced_motion="reduce"
    )
    session = {"name": COOKIE, "value": console.session(role), "url": console.url, "httpOnly": True}
    context.add_cookies([{**session, "sameSite": "Lax"}])  # type: ignore[typeddict-item]
    try:
        yield Eye(console, context)
    finally:
        context.close()
