"""One attempt to deliver by apprise: mail, chat and whatever else it knows, in words.

Apprise says only whether it went well, and the rest in its log, where it names addresses too. So its log is not kept;
the status that it mentions there is read out, because a 4xx is final.
"""

import logging
import re
import threading
import warnings
from functools import cache
from typing import Final

import apprise

from pipeline.notify.trying import Answer, judge, no_answer

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")
_last = threading.local()


class _Statuses(logging.Handler):
    """Keeps the last status that apprise mentioned, for each thread."""

    def emit(self, record: logging.LogRecord) -> None:
        """Read a line of its log."""
        if found := _STATUS.search(record.getMessage()):
            _last.code = int(found[1])


def keep_quiet() -> None:
    """Keep the log of apprise out of ours; once, where the process begins."""
    _load()
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="urllib3")  # a certificate that is not to be checked: it names the host
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # what it warns of names addresses, and some are secrets
    if not any(isinstance(one, _Statuses) for one in log.handlers):
        log.addHandler(_Statuses())


def is_known(url: str) -> bool:
    """Tell whether apprise can make anything of a URL."""
    return _target(url) is not None


def send(url: str, title: str, text: str) -> Answer:
    """Deliver title and text; returns what came of it."""
    keep_quiet()
    target = _target(url)
    if target is None:
        return Answer(is_delivered=False, is_final=True, detail="apprise knows no such URL")
    _last.code = 0
    went_well = bool(target.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT))
    if went_well:
        return Answer(is_delivered=True, is_final=True, detail="apprise delivered it")
    code = int(_last.code)
    return judge(code, f"HTTP {code}, by apprise") if code >= 300 else no_answer("apprise could not deliver it")  # noqa: PLR2004


def _target(url: str) -> apprise.NotifyBase | None:
    _load()
    return apprise.Apprise.instantiate(url, suppress_exceptions=True)


@cache
def _load() -> None:
    """Have apprise import its plug-ins, some of which import what Python warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        apprise.Apprise.instantiate("json://localhost")
