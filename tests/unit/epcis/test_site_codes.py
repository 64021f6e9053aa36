"""What EPCIS events call a site: codes in a site table, found again in whichever form an event writes them."""

from pathlib import Path
from typing import Any

import pytest

from jobs.site_table import Site, read_sites
from pipeline.capture.epcis.site_codes import SiteCodes, codes_in
from pipeline.capture.epcis.things import Place, Things, code_of
from pipeline.errors import RulesWrong

GLN = "0614141007776"
SGLN, LINK = "urn:epc:id:sgln:0614141.00777.0", f"https://id.gs1.org/414/{GLN}"
OWN = "https://shops.example.com/oslo"


def a_table(folder: Path, *rows: str) -> Path:
    file = folder / "sites.csv"
    file.write_text("\n".join(["name,latitude,longitude,kind,codes", *rows]) + "\n", encoding="utf-8")
    return file


def test_codes_of_a_site_are_read_and_stand_beside_its_name(tmp_path: Path) -> None:
    sites = read_sites(a_table(tmp_path, f"oslo,59.9,10.7,shop,{GLN} {OWN}", "bergen,,,shop,"))
    assert sites == [Site("oslo", 59.9, 10.7, "shop", (GLN, OWN)), Site("bergen", None, None, "shop")]


@pytest.mark.parametrize("code", [GLN, SGLN, LINK])
@pytest.mark.parametrize("written", [SGLN, LINK])
def test_a_site_is_found_in_whatever_form_it_was_loaded(code: str, written: str) -> None:
    things = Things("https://ledger.example/", {code_of(code): "oslo"})
    assert things.place(written) == Place("oslo", None)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("oslo,,,shop,0614141007777", "row 2: code '0614141007777': no GLN, SGLN or other URI"),
        ("oslo,,,shop,nonsense", "no GLN, SGLN or other URI"),
        ("oslo,,,shop,urn:epc:id:sgln:0614141.007.0", "no GLN, SGLN or other URI"),
        (f"oslo,,,shop,{GLN}\nbergen,,,shop,{SGLN}", f"row 3: code '{SGLN}' is already that of 'oslo'"),
    ],
)
def test_a_code_that_names_no_place_or_two_sites_is_refused_by_its_row(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(RulesWrong) as refused:
        read_sites(a_table(tmp_path, row))
    assert fault in str(refused.value)


def test_a_site_that_is_loaded_again_has_the_codes_of_the_last_time() -> None:
    first: list[dict[str, Any]] = [
        {"name": "oslo", "codes": [GLN, OWN]},
        {"name": "bergen", "codes": ["urn:x:bergen"]},
        {"name": "bodo"},
    ]
    assert codes_in([first, [{"name": "oslo", "codes": ["urn:x:oslo"]}]]) == {
        "urn:x:bergen": "bergen",
        "urn:x:oslo": "oslo",
    }
    assert codes_in([first, [{"name": "bergen"}]]) == {code_of(GLN): "oslo", OWN: "oslo"}


def test_codes_are_asked_for_again_after_a_second() -> None:
    asked, now = [], [0.0]

    def read() -> dict[str, str]:
        asked.append(now[0])
        return {GLN: "oslo"}

    codes = SiteCodes(read, clock=lambda: now[0])
    for now[0] in (0.0, 0.5, 0.9, 1.1, 1.2):
        assert codes.now() == {GLN: "oslo"}
    assert asked == [0.0, 1.1]
