"""Where affected units are: a bar per place, now and before apart.

Flow: parts of a recall -> an ECharts option.
"""

from collections.abc import Sequence
from typing import Protocol

from analytics.console.plots.canvas import COLOURS, Option, canvas, category_axis, value_axis


class InPlace(Protocol):
    """Units of one place and site."""

    place: str
    holds_now: int
    held_before: int


def places_plot(parts: Sequence[InPlace], places: Sequence[str]) -> Option:
    """Return the places as lying bars, all sites together."""
    now = [sum(part.holds_now for part in parts if part.place == place) for place in places]
    before = [sum(part.held_before for part in parts if part.place == place) for place in places]
    series = [_bars("holds it now", now, places, 1.0), _bars("held it before", before, places, 0.45)]
    x = value_axis("", min=0, minInterval=1, scale=False)
    option = canvas(x=x, y=category_axis(places, inverse=True), series=series, legend=[one["name"] for one in series])
    option["tooltip"]["formatter"] = "{b}"
    option["grid"] |= {"bottom": 12}
    return option


def _bars(name: str, counts: Sequence[int], places: Sequence[str], opacity: float) -> Option:
    data = [
        {"value": count, "name": f"{place}, {name}: {count:,}"} for count, place in zip(counts, places, strict=True)
    ]
    style = {"color": COLOURS[1], "opacity": opacity}
    return {"name": name, "type": "bar", "stack": "units", "barMaxWidth": 16, "itemStyle": style, "data": data}
