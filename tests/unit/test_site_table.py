"""A site table is read whole or refused whole, with the row of every fault."""

from pathlib import Path

import pytest

from jobs.site_table import Site, read_sites
from pipeline.domain.site_table import SiteTable
from pipeline.errors import RulesWrong

HEADER = "name,latitude,longitude,kind"


def a_table(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "sites.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def test_a_good_table_is_read_as_it_stands(tmp_path: Path) -> None:
    file = a_table(tmp_path, "Halle 7,51.5,-0.12,warehouse", "Büro,,,office", '"A, B",-90,180,')
    assert read_sites(file) == [
        Site("Halle 7", 51.5, -0.12, "warehouse"),
        Site("Büro", None, None, "office"),
        Site("A, B", -90.0, 180.0, ""),
    ]


def test_columns_may_stand_in_any_order_after_a_byte_order_mark(tmp_path: Path) -> None:
    file = a_table(tmp_path, "shop,2,1,north,S1", header="\ufeffkind,longitude,latitude,region,name")
    assert read_sites(file) == [Site("S1", 1.0, 2.0, "shop")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",1,2,shop", "no name"),
        ("   ,1,2,shop", "no name"),
        ("S,north,2,shop", "latitude 'north' is no number"),
        ("S,90.1,2,shop", "latitude 90.1 is not between -90 and 90"),
        ("S,nan,2,shop", "latitude nan is not between"),
        ("S,1,-181,shop", "longitude -181 is not between -180 and 180"),
        ("S,1,,shop", "latitude and longitude: both or neither"),
        ("S,1", "latitude and longitude: both or neither"),
        ("first,1,2,shop", "name 'first' is already in row 2"),
        ("S,1,2,shop,more", "more values than columns"),
        ("ä" * 65 + ",1,2,shop", "name of 130 bytes, at most 128"),
    ],
)
def test_a_faulty_row_is_named(tmp_path: Path, row: str, fault: str) -> None:
    file = a_table(tmp_path, "first,1,2,shop", "", row)
    with pytest.raises(RulesWrong, match="nothing was sent") as refused:
        read_sites(file)
    assert f"row 4: {fault}" in str(refused.value)


def test_many_faults_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    with pytest.raises(RulesWrong) as refused:
        read_sites(a_table(tmp_path, *[f"s{number},x,1,shop" for number in range(30)]))
    assert "30 faults" in str(refused.value)
    assert "and 10 more" in str(refused.value)


def test_a_missing_column_and_a_missing_file_say_so(tmp_path: Path) -> None:
    with pytest.raises(RulesWrong, match=r"no column longitude, kind; the header is name,latitude,longitude,kind"):
        read_sites(a_table(tmp_path, "s,1", header="name,latitude"))
    with pytest.raises(RulesWrong, match="cannot be read"):
        read_sites(tmp_path / "nowhere.csv")


def test_bytes_that_are_no_utf8_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "latin1.csv"
    file.write_bytes(HEADER.encode() + b"\nB\xfcro,1,2,office\n")
    with pytest.raises(RulesWrong, match="UTF-8"):
        read_sites(file)


def test_names_are_numbered_as_they_appear_and_keep_their_numbers_however_many_come() -> None:
    table = SiteTable()
    names = [f"site-{n}-{'x' * (n % 40)}".encode() for n in range(5_000)]
    assert [table.number_of(name) for name in names] == list(range(1, 5_001))
    assert [table.number_of(name) for name in names] == list(range(1, 5_001))
    text, starts = table.texts()
    assert [text[starts[n] : starts[n + 1]].tobytes() for n in range(1, 5_001)] == names
