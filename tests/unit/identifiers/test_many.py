"""Many codes at once say exactly what each says alone."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.domain.identifiers import Identified, identify, identify_many
from pipeline.domain.identifiers.element_string import INTRODUCERS, write_bracketed, write_raw
from pipeline.domain.identifiers.identified import FORMS
from pipeline.domain.identifiers.remarks import REMARKED
from tests.unit.identifiers.dictionary import entries, good_values, needs_dictionary

COMPILING = settings(deadline=None)  # the first example pays for the compiler
PLAIN = {
    "01": st.sampled_from(["09506000134352", "09506000134351", "02012345678903", "00012345678905", "00000096385074"]),
    "21": st.text("AZaz09/%(", min_size=1, max_size=21),
    "10": st.sampled_from(["L1", "A/B", "x" * 21]),
    "17": st.sampled_from(["251231", "250229", "240229", "251200", "251301"]),
    "00": st.sampled_from(["106141412345678908", "106141412345678909"]),
    "8003": st.sampled_from(["00614141123452", "006141411234525678", "10614141123452"]),
    "8004": st.sampled_from(["0614141X", "06X4141"]),
    "3103": st.just("000195"),
    "8006": st.sampled_from(["095060001343520102", "020123456789030102"]),
    "8040": st.sampled_from(["490154203237518", "490154203237517"]),
    "8042": st.sampled_from(["89049032123451234512345678901235", "1" * 32]),
    "8043": st.sampled_from(["8944000000000000001", "8944000000000000009"]),
    "7007": st.sampled_from(["260102260101", "260101"]),
    "99": st.text("AZ\x1d^ é", min_size=0, max_size=3),
}


@st.composite
def plain_pairs(draw: st.DrawFn) -> list[tuple[str, str]]:
    ais = draw(st.lists(st.sampled_from(sorted(PLAIN)), max_size=10))
    return [(ai, draw(PLAIN[ai])) for ai in ais]


written = st.builds(
    lambda pairs, form: form(pairs),
    plain_pairs(),
    st.sampled_from(
        [
            write_bracketed,
            write_raw,
            *(lambda pairs, start=start: start + write_raw(pairs)[1:] for start in INTRODUCERS),
        ]
    ),
)
codes = written | st.text(max_size=30) | st.text("(01)^\x1d]C1d2Q3950600013435A/%\\é", max_size=40)


def all_of(found: Identified) -> list[object]:
    return [found, *(getattr(found, form) for form in FORMS)]


@COMPILING
@given(st.lists(codes, max_size=6), st.sampled_from([None, 7]), st.booleans())
@example(["(01)09506000134352(21)A", "", "^", "]d2", "(", "(01)", "é(01)09506000134352"], None, False)
@example(["(01)09506000134352(21)A(8040)490154203237517", "^010950600013435221A^8042" + "1" * 32], None, False)
@example(["(01)09506000134352(21)A(8040)490154203237518(8043)8944000000000000001"], None, False)
@example(["(01)09506000134352(01)09506000134352(21)A", "(01)09506000134352(37)1"], 7, True)
def test_many_are_read_as_one_is(some: list[str], company_prefix: int | None, lenient: bool) -> None:
    many = identify_many(some, company_prefix=company_prefix, lenient=lenient)
    alone = [identify(code, company_prefix=company_prefix, lenient=lenient) for code in some]
    assert [all_of(found) for found in many] == [all_of(found) for found in alone]


@needs_dictionary
@COMPILING
@given(st.data())
def test_any_conforming_value_is_read_as_one_is(data: st.DataObject) -> None:
    ais = data.draw(st.lists(st.sampled_from(sorted(entries()) or ["00"]), min_size=1, max_size=3))
    pairs = [(ai, data.draw(good_values(ai))) for ai in ais]
    some = [write_bracketed(pairs), write_raw(pairs)]
    assert identify_many(some) == [identify(code) for code in some]


@needs_dictionary
@COMPILING
@given(st.sampled_from(sorted(REMARKED)).flatmap(lambda ai: st.tuples(st.just(ai), good_values(ai))), st.booleans())
def test_remarks_on_any_value_are_made_among_many_too(pair: tuple[str, str], is_alone: bool) -> None:
    pairs = [pair] if is_alone else [("01", "09506000134352"), ("21", "A"), pair]
    some = [write_bracketed(pairs), write_raw(pairs)]
    assert identify_many(some) == [identify(code) for code in some]


def test_no_code_is_no_answer() -> None:
    assert identify_many([]) == []
