"""Names that are like one that no unit has."""

import pytest

from analytics.recall.unfitting import like, names_of

ITEMS = names_of(["", "gtin:09506000134352", "sku:ACME/WIDGET-10", "sku:ACME/WIDGET", "sku:ACME/BIKE", "sku:ACME/PACK"])


def test_names_that_a_word_is_part_of_come_first_in_capitals_or_not() -> None:
    assert like("widget", ITEMS) == ["sku:ACME/WIDGET", "sku:ACME/WIDGET-10"]


def test_a_misspelt_name_is_found_and_nothing_where_none_is_like_it() -> None:
    assert like("sku:ACME/WIGDET", ITEMS)[0] == "sku:ACME/WIDGET"
    assert like("0000", ITEMS) == []
    assert like("x", names_of([])) == []


@pytest.mark.parametrize("misspelt", ["lot:NROTH/12345", "lot:NORTH/1234", "LOT:NORTH/123455", "lot:NRTH/12345"])
def test_a_misspelt_name_is_found_among_many(misspelt: str) -> None:
    others = [f"lot:{site}/{number:05}" for site in ("SOUTH", "EAST") for number in range(0, 20_000, 3)]
    assert "lot:NORTH/12345" in like(misspelt, names_of([*others, "lot:NORTH/12345"]))


def test_among_ever_so_many_names_none_is_compared() -> None:
    assert names_of(f"lot {number}" for number in range(30_000)) == {}
