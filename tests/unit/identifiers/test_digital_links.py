"""Digital Links: any host and stem, the path in order, the query, and what is no Digital Link."""

import pytest

from pipeline.domain.identifiers import identify

KEY = "gtin:09506000134352/A"


@pytest.mark.parametrize(
    "uri",
    [
        "https://id.gs1.org/01/09506000134352/21/A",
        "HTTP://id.gs1.org/01/09506000134352/21/A",
        "HtTpS://shop.example/01/09506000134352/21/A",
        "https://shop.example:8443/a/b/01/09506000134352/21/A",
        "https://[2001:db8::1]/01/09506000134352/21/A",
        "https://xn--fsq.xn--0zwm56d/01/09506000134352/21/A",
        "https://a/01/09506000134352/22/V/10/L/21/A?17=251231",
        "https://a/01/09506000134352/21/A?linkType=all&&flag&lang=de#part",
        "https://a/01/09506000134352/21/A?",
        "https://a/00/fake/01/09506000134352/21/A",
        "https://a/01/09506000134352/21/%41",
        "https://a/01/09506000134352/21/A?01=09506000134352",
    ],
)
def test_any_host_stem_and_foreign_parameter_mean_the_same_unit(uri: str) -> None:
    found = identify(uri)
    assert (found.errors, found.unit_key) == ((), KEY)


@pytest.mark.parametrize(
    ("uri", "rule"),
    [
        ("https://", "uri"),
        ("https:///01/09506000134352", "uri"),
        ("https://a$/01/09506000134352", "uri"),
        ("https://a/01/0950600013 4352", "uri"),
        ("https://a/01/09506000134352/21/A%2", "uri"),
        ("https://a/01/09506000134352/21/Ä", "uri"),
        ("https://a/01/09506000134352?99=A+B", "uri"),
        ("https://a", "dlpkey"),
        ("https://a/", "dlpkey"),
        ("https://a/b", "dlpkey"),
        ("https://a/01/09506000134352/", "dlpkey"),
        ("https://a/01/09506000134352/21/A/10/L", "dlpkey"),
        ("https://a/01/09506000134352/10/L/235/T", "dlpkey"),
        ("https://a/01/09506000134352?10=L", "dlpkey"),
        ("https://a/01/09506000134352/89/A", "dlpkey"),
        ("https://a/gtin/09506000134352", "dlpkey"),
        ("https://a/01/09506000134352?89=A", "ai"),
        ("https://a/01/09506000134352?8200=x", "dlattr"),
        ("https://a/01/09506000134352/21/", "length"),
        ("https://a/01/09506000134352?99=", "length"),
        ("https://a/01/09506000134352/21/A?99=X&99=Y", "repeat"),
        ("https://a/01/09506000134352/21/A?01=09506000134369", "repeat"),
        ("https://a/01/9506000134352", "gtin14"),
        ("https://a/01/614141123452/21/A", "gtin14"),
        ("https://a/8004/9506000134352X?01=9506000134352", "gtin14"),
        ("https://a/01/09506000134352/21/%00", "cset"),
        ("https://a/01/09506000134352/21/%C3%84", "cset"),
        ("https://a/AQnYUc1gmiCNV4JG", "compressed"),
    ],
)
def test_what_is_no_digital_link_is_told_why(uri: str, rule: str) -> None:
    found = identify(uri)
    assert rule in {error.rule for error in found.errors}
    assert found.unit_key is None


def test_the_right_order_of_qualifiers_and_a_full_gtin_are_suggested() -> None:
    for uri in ("https://a/01/09506000134352/21/A/10/L", "https://id.gs1.org/01/9506000134352/21/A"):
        nearest = identify(uri).errors[0].nearest
        assert nearest is not None
        assert identify(nearest).unit_key == KEY


RIGHT = "https://id.gs1.org/01/09506000134352/10/L/21/A"


@pytest.mark.parametrize(
    ("uri", "nearest"),
    [
        ("https://a/01/09506000134352/10/L/21/A/", RIGHT),
        ("https://a/01/09506000134352/21/A/10/L?17=261231", f"{RIGHT}?17=261231"),
        ("https://a/gtin/09506000134352/lot/L/ser/A//?17=261231", f"{RIGHT}?17=261231"),
        ("https://a/gtin/09506000134352/ser/A/lot/L", RIGHT),
        ("https://a/gtin/09506000134352/lot/gtin", "https://id.gs1.org/01/09506000134352/10/gtin"),
        ("https://a/01/09506000134351/21/A/", None),
        ("https://a/party/7", None),
        ("https://a/lot/7/", None),
    ],
)
def test_of_a_path_that_is_right_but_for_its_shape_the_right_one_is_suggested(uri: str, nearest: str | None) -> None:
    assert [error.nearest for error in identify(uri).errors] == [nearest]
    assert nearest is None or identify(nearest).ok


def test_a_path_in_the_wrong_order_has_its_values_checked_too() -> None:
    found = identify("https://a/01/09506000134351/21/A/10/L")
    assert [(error.rule, error.nearest) for error in found.errors][1:] == [("csum", RIGHT)]
    assert found.attributes == {"01": "09506000134351", "21": "A", "10": "L"}


@pytest.mark.parametrize(
    ("element_string", "uri"),
    [
        ("(21)XYZ(01)12312312312333(10)ABC123(99)XYZ", "/01/12312312312333/10/ABC123/21/XYZ?99=XYZ"),
        ("(01)12312312312333(10)ABC+123(99)XYZ+QWERTY", "/01/12312312312333/10/ABC%2B123?99=XYZ%2BQWERTY"),
        ("(8017)795260646688514634(99)01(253)9526064000028001", "/8017/795260646688514634?99=01&253=9526064000028001"),
        (
            "(253)9526064000028001(99)01(01)12312312312326(10)DEF(95)INT",
            "/253/9526064000028001?01=12312312312326&99=01&10=DEF&95=INT",
        ),
        ("(01)12312312312326(01)12312312312326(10)ABC123(99)XYZ789", "/01/12312312312326/10/ABC123?99=XYZ789"),
        ("(414)9520123456788(254)32a/b", "/414/9520123456788/254/32a%2Fb"),
        ("(01)09520123456788(235)XYZ(10)ABC123", "/01/09520123456788/235/XYZ?10=ABC123"),
        ("(01)12312312312326(99)000001(8200)http://example.com(95)INT", None),
        ("(03)12312312312326(21)A", None),
        ("(400)ORDER1", None),
    ],
)  # fmt: skip
def test_the_canonical_form_has_the_first_key_in_the_path_and_the_rest_in_the_query(
    element_string: str, uri: str | None
) -> None:
    found = identify(element_string)
    assert found.errors == ()
    assert found.digital_link == (None if uri is None else f"https://id.gs1.org{uri}")
