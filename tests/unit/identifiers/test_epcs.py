"""EPCs: the examples of the Tag Data Standard both ways, round trips of every scheme, and what is refused by name."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.identifiers import PrefixTable, identify, read_prefix_table
from pipeline.domain.identifiers.check_digits import CSET82
from pipeline.domain.identifiers.epc_schemes import SCHEMES, Scheme
from pipeline.domain.identifiers.epc_uri import join_fields

EXAMPLES = [
    # hexadecimal, tag, element string: EPC Tag Data Standard 1.13 and 2.3, annex E.3
    ("3074257BF7194E4000001A85", "sgtin-96:3.0614141.812345.6789", "(01)80614141123458(21)6789"),
    ("3066C4409047E140075BCD15", "sgtin-96:3.95060001343.05.123456789", "(01)09506000134352(21)123456789"),
    (
        "3674257BF6B7A659B2C2BF1000000000000000000000000000",
        "sgtin-198:3.0614141.712345.32a%2Fb",
        "(01)70614141123451(21)32a/b",
    ),
    ("3174257BF4499602D2000000", "sscc-96:3.0614141.1234567890", "(00)106141412345678908"),
    ("311BA1B300CE0A6A83000000", "sscc-96:0.952012.03456789123", "(00)095201234567891235"),
    ("3276451FD46072000000162E", "sgln-96:3.9521141.12345.5678", "(414)9521141123454(254)5678"),
    (
        "3976451FD46072CD9615F8800000000000000000000000000000",
        "sgln-195:3.9521141.12345.32a%2Fb",
        "(414)9521141123454(254)32a/b",
    ),
    ("3376451FD40C0E400000162E", "grai-96:3.9521141.12345.5678", "(8003)095211411234545678"),
    (
        "3776451FD40C0E59B2C2BF1000000000000000000000",
        "grai-170:3.9521141.12345.32a%2Fb",
        "(8003)0952114112345432a/b",
    ),
    ("3476451FD40000000000162E", "giai-96:3.9521141.5678", "(8004)95211415678"),
    (
        "3876451FD59B2C2BF10000000000000000000000000000000000",
        "giai-202:3.9521141.32a%2Fb",
        "(8004)952114132a/b",
    ),
    ("2D76451FD4499602D2000000", "gsrn-96:3.9521141.1234567890", "(8018)952114112345678906"),
    ("2E76451FD4499602D2000000", "gsrnp-96:3.9521141.1234567890", "(8017)952114112345678906"),
    ("2C76451FD46072000000162E", "gdti-96:3.9521141.12345.5678", "(253)95211411234545678"),
    (
        "3E76451FD7039B061438997367D0C18B266D1AB66EE0",
        "gdti-174:3.9521141.98765.ABCDefgh012345678",
        "(253)9521141987650ABCDefgh012345678",
    ),
    ("3C76451FD400C0E680003039", "cpi-96:3.9521141.98765.12345", "(8010)952114198765(8011)12345"),
    (
        "3D76451FD75411DEF6B4CC00000003039000",
        "cpi-var:3.9521141.5PQ7%2FZ43.12345",
        "(8010)95211415PQ7/Z43(8011)12345",
    ),
    ("3F76451FD612640000019907", "sgcn-96:3.9521141.67890.04711", "(255)952114167890904711"),
    (
        "4174F4E4E40C0E4082DBDD8B36600000000000000000000000000000",
        "itip-212:3.4012345.012345.01.02.mw133",
        "(8006)040123451234560102(21)mw133",
    ),
    ("35FFFFFFFFFFFFFFFFFFFFFF", "gid-96:268435455.16777215.68719476735", None),
]


@pytest.mark.parametrize(("bits", "tag", "element_string"), EXAMPLES)
def test_the_examples_of_the_standard_are_read_and_written(bits: str, tag: str, element_string: str | None) -> None:
    read, named = identify(bits), identify(f"urn:epc:tag:{tag}")
    scheme, fields = tag.split(":")
    pure = fields if scheme == "gid-96" else fields[2:]
    for found in (read, named):
        assert (found.errors, found.element_string) == ((), element_string)
        assert found.epc_uri == f"urn:epc:id:{scheme.split('-')[0]}:{pure}"
        assert found.epc_tag_uri == f"urn:epc:tag:{tag}"
    assert read.epc_hex == bits
    assert (named.epc_hex or "").rstrip("0") == bits.rstrip("0")
    assert read.unit_key == named.unit_key == identify(f"urn:epc:id:{scheme.split('-')[0]}:{pure}").unit_key


def test_hexadecimal_is_written_in_whole_bytes_and_read_with_any_zeros_behind_it() -> None:
    written = identify("urn:epc:tag:sgtin-198:3.0614141.712345.32a%2Fb").epc_hex
    assert written == "3674257BF6B7A659B2C2BF1000000000000000000000000000"
    assert identify(written + "00").unit_key == identify(written.lower()).unit_key == "gtin:70614141123451/32a%2Fb"
    assert not identify(written + "01").ok


def test_a_withdrawn_encoding_is_read_and_never_written() -> None:
    found = identify("urn:epc:tag:gdti-113:0.0614141.12345.006847")
    assert (found.errors, found.unit_key) == ((), "gdti:0614141123452/006847")
    assert found.epc_tag_uri == "urn:epc:tag:gdti-174:0.0614141.12345.006847"


prefixes = st.text("0123456789", min_size=6, max_size=12)
serials = {20: st.text(CSET82, min_size=1, max_size=20), 12: st.integers(0, 10**12 - 1).map(str)}


@st.composite
def epcs(draw: st.DrawFn) -> tuple[Scheme, list[str]]:
    """Draw an EPC of any scheme with the lengths that its key allows."""
    scheme = draw(st.sampled_from([*SCHEMES.values()]))
    prefix = draw(prefixes)
    fields = [prefix]
    if scheme.digits:
        size = scheme.digits - len(prefix)
        fields.append(draw(st.text("0123456789", min_size=size, max_size=size)))
    else:
        letters = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if scheme.name == "cpi" else CSET82
        fields.append(draw(st.text(letters, min_size=1, max_size=30 - len(prefix))))
    if scheme.pieces:
        total = draw(st.integers(1, 99))
        fields += [f"{draw(st.integers(1, total)):02d}", f"{total:02d}"]
    if scheme.has_serial:
        most = {"grai": 16, "gdti": 17, "sgcn": 12}.get(scheme.name, 20)
        text = (
            st.text("0123456789", min_size=1, max_size=12)
            if scheme.name == "sgcn"
            else st.text(CSET82, min_size=1, max_size=most)
        )
        fields.append(draw(serials[12] if scheme.name == "cpi" else text))
    return scheme, fields


@given(epcs(), st.integers(0, 7))
def test_every_epc_comes_back_from_each_of_its_forms(epc: tuple[Scheme, list[str]], filter_value: int) -> None:
    scheme, fields = epc
    uri = f"urn:epc:id:{scheme.name}:{join_fields(fields)}"
    found = identify(uri)
    assert (found.errors, found.epc_uri) == ((), uri)
    prefix = len(fields[0])
    for form in (found.element_string, found.unbracketed, found.digital_link):
        if form is not None and not (scheme.digits == 13 and "000000" in form):  # a GTIN-8 has a rule of its own
            assert identify(form, company_prefix=prefix).epc_uri == uri
    if found.epc_tag_uri is not None:
        name, rest = found.epc_tag_uri.removeprefix("urn:epc:tag:").split(":0.", 1)
        tag = f"urn:epc:tag:{name}:{filter_value}.{rest}"
        bits = identify(tag).epc_hex or ""
        back = identify(bits)
        assert (back.epc_tag_uri, back.epc_hex, back.unit_key) == (tag, bits, found.unit_key)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("F73795211411234538566CB0AFC4", "SGTIN+"),
        ("FB342CDE795211411234538566CB0AFC4", "DSGTIN+"),
        ("FD3795211411234538566CB0AFC525065F1876F0D996D800", "SGTIN++"),
        ("F90095201234567891235", "SSCC+"),
        ("E6395211415E87A145BAFB4D19A8C0E64A0CBE30EDE1B32DB000", "CPI++"),
        ("2FF203253313934FFFFFFFFF", "USDOD-96"),
        ("3B157E316390F32CCE78D106310325CD06DD7200", "ADI-var"),
        ("E2801160600002084A5B6C7D", "TID"),
        ("urn:epc:id:bic:CSQU3054383", "ISO 6346"),
        ("urn:epc:id:adi:W81X9C.3KL984PX1.2WMA52", "aerospace"),
        ("F7080614141123458015", "SGTIN+ of TDS 2"),
        ("f7080614141123458015", "SGTIN+ of TDS 2"),
        ("+A99912345/$$52001510X3", "HIBC"),
        ("]C0+A99912345/$$52001510X3", "HIBC"),
        ("]Q1+A99912345/$$52001510X3", "HIBC"),
        ("]d1+A99912345/$$52001510X3", "HIBC"),
        ("]C0=W12341500000100", "ICCBBA"),
        ("]d1[)>\x1e06\x1d9N110375286414", "MH10"),
        ("]Q1WIFI:T:WPA;S:net;;", "access to a network"),
        ("=/A9999XYZ100T0944=,000025", "ISBT 128"),
        ("[)>\x1e06\x1d9N110375286414", "MH10"),
    ],
)
def test_what_is_not_read_is_refused_by_name(code: str, name: str) -> None:
    found = identify(code)
    assert not found.ok
    assert name in found.errors[0].message


@pytest.mark.parametrize(
    "code",
    [
        "3074257BF7194E4000001A8",
        "307C257BF7194E4000001A85",
        "30740000000000000000000",
        "3174257BF4499602D2000001",
        "3FE175ADC327640000000000",
        "3FE175ADC327640000000001",
        "urn:epc:id:sgtin:0614141.81234.6789",
        "urn:epc:id:sgtin:06141.81234567.6789",
        "urn:epc:id:sgtin:0614141.812345",
        "urn:epc:id:sgtin:0614141.812345.",
        "urn:epc:id:sgtin:0614141.812345.a/b",
        "urn:epc:id:sgtin:0614141.812345.%41",
        "urn:epc:id:cpi:0614141.123.007",
        "urn:epc:id:itip:4012345.012345.03.02.1",
        "urn:epc:id:sscc:0614141.123456789X",
        "urn:epc:id:gid:1.2.03",
        "urn:epc:id:gid:1.2",
        "urn:epc:id:gid:268435456.1.1",
        "urn:epc:tag:sgtin-96:8.0614141.812345.6789",
        "urn:epc:tag:sgtin-96:3.0614141.812345.06789",
        "urn:epc:tag:sgtin-96:3.0614141.812345.274877906944",
        "urn:epc:tag:sgtin-97:3.0614141.812345.6789",
        "urn:epc:tag:sgtin-96:3.0614141.812345." + "9" * 5000,
        "urn:epc:class:gtin:0614141.812345",
        "urn:epc:idpat:sgtin:*.*.*",
        "urn:epc:raw:96.x3074257BF7194E4000001A85",
        "urn:isbn:9788175257665",
    ],
)
def test_what_breaks_the_standard_is_no_epc(code: str) -> None:
    found = identify(code)
    assert found.errors
    assert (found.unit_key, found.epc_uri, found.epc_hex) == (None, None, None)


@pytest.mark.parametrize(
    ("code", "nearest"),
    [
        ("urn:epc:id:sgtin:0614141.712345.32a/b", "urn:epc:id:sgtin:0614141.712345.32a%2Fb"),
        ("urn:epc:id:giai:0614141.1<2", "urn:epc:id:giai:0614141.1%3C2"),
        ("urn:epc:id:giai:0614141.1%x", "urn:epc:id:giai:0614141.1%25x"),
        ("urn:epc:id:sgtin:0614141.712345.%41", None),
        ("urn:epc:id:sgtin:0614141.712345.a b", None),
        ("URN:EPC:ID:SGTIN:0614141.812345.6789", "urn:epc:id:sgtin:0614141.812345.6789"),
        ("urn:EPC:id:sgtin:0614141.812345.aB/c", "urn:epc:id:sgtin:0614141.812345.aB%2Fc"),
        ("URN:EPC:CLASS:LGTIN:0614141.812345.L1", "urn:epc:class:lgtin:0614141.812345.L1"),
        ("URN:EPC:IDPAT:SGTIN:0614141.812345.*", "urn:epc:idpat:sgtin:0614141.812345.*"),
        ("URN:EPC:TAG:SGTIN-96:3.0614141.812345.6789", "urn:epc:tag:sgtin-96:3.0614141.812345.6789"),
        ("urn:epc:tag:sgtin-198:3.0614141.712345.32a/b", "urn:epc:tag:sgtin-198:3.0614141.712345.32a%2Fb"),
        ("urn:epc:tag:sgtin-96:3.0614141.712345.32a%2Fb", "urn:epc:tag:sgtin-198:3.0614141.712345.32a%2Fb"),
        ("urn:epc:tag:sgtin-96:3.0614141.812345.06789", "urn:epc:tag:sgtin-198:3.0614141.812345.06789"),
        ("urn:epc:tag:sgtin-96:9.0614141.812345.6789", None),
        ("urn:epc:id:sgtin:0614141.8123458.6789", "urn:epc:id:sgtin:0614141.812345.6789"),
        ("urn:epc:id:sgtin:0614141.8123457.6789", None),
        ("urn:epc:id:sscc:0614141.12345678908", "urn:epc:id:sscc:0614141.1234567890"),
        ("urn:epc:id:sgln:0614141.123452.0", "urn:epc:id:sgln:0614141.12345.0"),
        ("urn:epc:tag:sscc-96:3.0614141.12345678908", "urn:epc:tag:sscc-96:3.0614141.1234567890"),
        ("urn:epc:id:sgtin:0614141.12345.6789", None),  # which digit is lost nobody knows
        ("urn:epc:id:sgtin:0614141.812345", None),
        ("urn:epc:id:nothing:0614141.812345", None),
        ("VIN:1M8GDM9AXKP042788", "vin:1M8GDM9AXKP042788"),
        ("IMEI:490154203237518", "imei:490154203237518"),
        ("GTIN:09506000134352/a", "gtin:09506000134352/a"),
        ("IMEI:490154203237519", None),
        ("sgcn:0614141.12345.abc", None),
        ("sscc:0614141.1234567890", "urn:epc:id:sscc:0614141.1234567890"),
    ],
)
def test_what_is_nearly_right_is_told_the_nearest_where_that_is_certain(code: str, nearest: str | None) -> None:
    found = identify(code)
    assert (found.ok, found.errors[0].nearest) == (False, nearest)
    assert nearest is None or identify(nearest).ok


@given(epcs(), st.randoms())
def test_the_nearest_of_an_epc_in_capitals_or_without_escapes_is_the_epc(
    epc: tuple[Scheme, list[str]], chance: Random
) -> None:
    scheme, fields = epc
    right = f"urn:epc:id:{scheme.name}:{join_fields(fields)}"
    head = "".join(chance.choice((letter.upper(), letter)) for letter in f"urn:epc:id:{scheme.name}:")
    bare = right.removeprefix(f"urn:epc:id:{scheme.name}:")
    for letter in '"#&/<>?':
        bare = bare.replace(f"%{ord(letter):02X}", letter)
    found = identify(head + bare)
    assert found.ok if head + bare == right else found.errors[0].nearest == right


def test_classes_and_patterns_name_no_single_unit() -> None:
    lot = identify("urn:epc:class:lgtin:4012345.012345.998877")
    assert (lot.unit_key, lot.class_key, lot.attributes) == (None, "gtin:04012345123456", {"10": "998877"})
    pattern = identify("urn:epc:idpat:sgtin:4012345.012345.*")
    assert (pattern.unit_key, pattern.class_key, pattern.epc_uri) == (None, "gtin:04012345123456", None)
    assert identify("urn:epc:idpat:gid:1.2.*").class_key == "gid:1/2"
    assert identify("urn:epc:idpat:sscc:0614141.1234567890").unit_key == "sscc:106141412345678908"


def test_the_length_of_the_prefix_comes_from_the_input_the_caller_or_a_table() -> None:
    code = "(01)80614141123458(21)6789"
    assert (identify(code).epc_uri, identify(code).epc_hex) == (None, None)
    uri = "urn:epc:id:sgtin:0614141.812345.6789"
    assert identify(code, company_prefix=7).epc_uri == uri
    table = read_prefix_table('{"entry": [{"prefix": "0614141", "gcpLength": 7}, {"prefix": "2", "gcpLength": 0}]}')
    assert identify(code, company_prefix=table).epc_uri == uri
    assert identify("(00)106141412345678908", company_prefix=table).epc_uri == "urn:epc:id:sscc:0614141.1234567890"
    assert identify("(8003)006141411234525678", company_prefix=table).epc_uri == "urn:epc:id:grai:0614141.12345.5678"
    assert identify("(01)82614141123452(21)6789", company_prefix=table).epc_uri is None
    assert read_prefix_table('<entry prefix="0614141" gcpLength="7"/>') == PrefixTable({"0614141": 7})
    assert read_prefix_table('{"entry": [{"gcpLength": 7, "prefix": "0614141"}]}') == PrefixTable({"0614141": 7})
    assert read_prefix_table("0614141,7\nnonsense\n") == PrefixTable({"0614141": 7})


def test_a_short_prefix_counts_as_six_digits_and_a_gtin8_has_eight() -> None:
    assert identify("(01)80614141123458(21)1", company_prefix=4).epc_uri == "urn:epc:id:sgtin:061414.8112345.1"
    assert identify("(01)00000095010939(21)Serial").epc_uri == "urn:epc:id:sgtin:00000950.01093.Serial"


def test_the_smallest_tag_that_holds_the_serial_is_chosen() -> None:
    for serial, bits in (("0", 96), ("274877906943", 96), ("274877906944", 198), ("01", 198), ("A", 198)):
        found = identify(f"(01)80614141123458(21){serial}", company_prefix=7)
        assert found.epc_tag_uri == f"urn:epc:tag:sgtin-{bits}:0.0614141.812345.{serial}"
    assert identify("(01)01234567894560(235)A", company_prefix=7).epc_tag_uri is None


def test_a_gln_with_extension_zero_is_the_gln() -> None:
    plain = identify("(414)9521141123454", company_prefix=7)
    assert plain.epc_uri == "urn:epc:id:sgln:9521141.12345.0"
    assert plain.unit_key == identify("(414)9521141123454(254)0").unit_key == "sgln:9521141123454"
    assert identify("urn:epc:id:sgln:9521141.12345.0").element_string == "(414)9521141123454"
