"""Which routes an alert takes.

Flow: an alert -> the routes whose kinds, severities, items and sites it has.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from pipeline.notify.event import Alert
from pipeline.notify.routes import Route, Routes


def routes_of(routes: Routes, alert: Alert) -> list[Route]:
    """Return every route that an alert takes, in the file's order."""
    return [route for route in routes.routes if takes(route, alert)]


def takes(route: Route, alert: Alert) -> bool:
    """Tell whether a route takes an alert; what it does not name it takes all of."""
    return (
        (not route.kinds or alert.kind in route.kinds)
        and (not route.severities or alert.severity in route.severities)
        and _fits(route.items, alert.item)
        and _fits(route.sites, alert.site)
    )


def _fits(patterns: Sequence[str], name: str) -> bool:
    """Tell whether a name is as one of these, in which * stands for any text and ? for one character."""
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
