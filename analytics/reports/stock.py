"""Reports of stock: where units are as of a time, by the states that their applied scans left them in."""

from typing import Any

from analytics.questions import Row, over, question
from analytics.reports.report import Asked, Found, text_of
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.rows import as_dicts

_STOCK = "v_stock"


def stock_sql(name: str) -> str:
    """Return a question of v_stock as one of a time gone by: `queries/stock.sql` stands in for the view."""
    return over(question(name), _STOCK, question("stock"))


def stock_rows(warehouse: Warehouse, asked: Asked, name: str, **parameters: Any) -> list[Row]:  # noqa: ANN401  as ClickHouse takes them
    """Return the rows of a question of v_stock as of the time asked for."""
    given = {"data_end": text_of(asked.data_end), **parameters}
    return as_dicts(warehouse.query_frame(stock_sql(name), given))


def elsewhere(warehouse: Warehouse, asked: Asked) -> dict[str, int]:
    """Return how many units are not on hand, by where they are."""
    return {
        f"units_{str(row['whereabouts']).lower()}": int(row["units"])
        for row in stock_rows(warehouse, asked, "stock_elsewhere")
    }


def on_hand(warehouse: Warehouse, asked: Asked) -> Found:
    """Return the units on hand per item and site."""
    return Found(stock_rows(warehouse, asked, "on_hand"), elsewhere(warehouse, asked))
