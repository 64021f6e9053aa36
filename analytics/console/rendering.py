"""Pages: Jinja templates that escape whatever they are given, and what stands around each of them.

frame.page(request, "alerts.html", alerts=rows)      # within the frame: navigation, who is signed in, the scheme
frame.page_in_parts(request, "unit.html", rest=ask)   # what is known at once is shown while the rest is asked for
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain, takewhile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, StreamingResponse

from analytics.console import wording
from analytics.console.charts import json_in_page
from analytics.console.users import Role, Visitor, may
from analytics.console.value_lists import values_text
from pipeline.errors import ScanledgerError
from pipeline.wire.alert_kinds import alert_kinds

STATIC: Final = Path(str(files("analytics.console") / "static"))
SCHEME_COOKIE: Final = "scanledger_scheme"
SCHEMES: Final = ("auto", "light", "dark")
_PART: Final = Markup("<!-- more -->")
FAULT: Final = "It has been written to the console's log (scanledger logs console)."
_LOG = logging.getLogger("analytics.console")


@dataclass(frozen=True)
class Entry:
    """A page in the navigation: its title, where it is, which group it belongs to, who may see it."""

    title: str
    path: str
    group: str = "Ledger"
    role: Role = "analyst"


class Frame:
    """What stands around every page."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self.entries = tuple(entries)
        self._templates = _environment()

    def page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:  # noqa: ANN401
        """Return a page made of a template; `visitor` is who signed in, None where nobody has."""
        return HTMLResponse(self.fragment(template, **self._around(request), **context), status)

    def page_in_parts(self, request: Request, template: str, **context: Any) -> StreamingResponse:  # noqa: ANN401
        """Return a page of which what stands above `{{ part }}` is on its way before the template asks for the rest."""
        parts = self._parts(template, self._around(request) | context)
        first = next(parts)  # what goes wrong with it is still answered as for any page
        return StreamingResponse(chain([first], parts), media_type="text/html")

    def _parts(self, template: str, context: dict[str, Any]) -> Iterator[str]:
        texts = self._templates.get_template(template).generate(part=_PART, **context)
        yield "".join(takewhile(lambda text: text != _PART, texts))
        try:
            rest = "".join(texts)
        except ScanledgerError as error:  # the first part is with its reader: the page ends where it is, and says why
            _LOG.warning("%s: %s", context["address"], error)
            rest = self.fragment("cut_off.html", why=str(error))
        except Exception:
            _LOG.exception("a fault in %s", context["address"])
            rest = self.fragment("cut_off.html", why=FAULT)
        yield rest

    def _around(self, request: Request) -> dict[str, Any]:
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        return {
            "visitor": visitor,
            "csrf": _hidden("csrf", visitor.csrf) if visitor else "",
            "navigation": self._navigation(visitor),
            "here": request.url.path,
            "address": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "scheme": scheme_of(request),
        }

    def fragment(self, template: str, **context: Any) -> str:  # noqa: ANN401
        """Return a template's text without anything around it."""
        return self._templates.get_template(template).render(**context)

    def _navigation(self, visitor: Visitor | None) -> dict[str, list[Entry]]:
        groups: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if visitor is not None and may(visitor.role, entry.role):
                groups.setdefault(entry.group, []).append(entry)
        return groups


def scheme_of(request: Request) -> str:
    """Return the colour scheme a visitor chose: auto, light or dark."""
    chosen = request.cookies.get(SCHEME_COOKIE, "auto")
    return chosen if chosen in SCHEMES else "auto"


def link(path: str, **query: Any) -> str:  # noqa: ANN401
    """Return a link with its query; what is empty is left out, a list stands once per value."""
    given = {name: value for name, value in query.items() if value not in (None, "", [], ())}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def _hidden(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def _static(name: str) -> str:
    return f"/static/{name}?v={_versions()[name]}"


def _versions() -> dict[str, str]:
    if not _KNOWN:
        for file in STATIC.iterdir():
            _KNOWN[file.name] = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return _KNOWN


_KNOWN: dict[str, str] = {}


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("analytics.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": wording.number, "share": wording.share, "when": wording.when, "iso": wording.iso,
        "span": wording.span, "words": wording.words, "json": json_in_page, "listed": values_text,
    }  # fmt: skip
    environment.globals |= {"link": link, "static": _static, "alert_kinds": alert_kinds(), "missing": wording.MISSING}
    return environment
