"""Names that are like one that no unit has."""

from analytics.recall.unfitting import like

ITEMS = ["", "gtin:09506000134352", "sku:ACME/WIDGET-10", "sku:ACME/WIDGET", "sku:ACME/BIKE", "sku:ACME/PACK"]


def test_names_that_a_word_is_part_of_come_first_in_capitals_or_not() -> None:
    assert like("widget", ITEMS) == ["sku:ACME/WIDGET", "sku:ACME/WIDGET-10"]


def test_a_misspelt_name_is_found_and_nothing_where_none_is_like_it() -> None:
    assert like("sku:ACME/WIGDET", ITEMS)[0] == "sku:ACME/WIDGET"
    assert like("0000", ITEMS) == []
    assert like("x", []) == []


def test_among_ever_so_many_names_none_is_compared() -> None:
    assert like("lot 7", (f"lot {number}" for number in range(30_000))) == []
