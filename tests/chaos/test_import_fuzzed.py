"""100,000 spoiled rows and 10,000 spoiled files: bad rows are listed, good ones are taken as if they stood alone."""

import random
from pathlib import Path

import pytest

from tests.chaos.figures import told
from tests.mutated_rows import (
    MAPPINGS,
    Result,
    Row,
    Write,
    a_row,
    as_csv,
    as_ndjson,
    imported,
    spoiled_bytes,
    spoiled_row,
)

ROWS = 100_000
FILES = 10_000
A_FILE = 50
GOOD = [a_row(number) for number in range(A_FILE)]


class Files:
    """Files of rows that are good but where chance spoils them, and what the good ones alone come to."""

    def __init__(self, folder: Path, write: Write) -> None:
        self.chance = random.Random(20_261_126)  # noqa: S311  no secret
        self.write, self.is_json = write, write is as_ndjson
        self.file = folder / ("rows.ndjson" if self.is_json else "rows.csv")
        self.data = write(GOOD)
        self.good = [self._scans_of(which) for which in range(len(MAPPINGS))]

    def import_as(self, which: int, data: bytes) -> Result | None:
        """Import these bytes with one of the mappings."""
        self.file.write_bytes(data)
        return imported(self.file, MAPPINGS[which])

    def spoiled(self, row: Row) -> Row:
        return spoiled_row(row, self.chance, as_json=self.is_json)

    def _scans_of(self, which: int) -> dict[int, tuple[bytes, bytes]]:
        found = self.import_as(which, self.data)
        assert found is not None
        assert len(found.scans) == A_FILE
        return found.scans


@pytest.fixture(params=[as_csv, as_ndjson])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return Files(tmp_path, request.param)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_fifty_thousand_spoiled_rows_are_listed_and_change_no_row_beside_them(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    count = rejected = 0
    with told(capsys) as figures:
        while count < ROWS // 2:
            spoiled = {row for row in range(1, A_FILE + 1) if files.chance.random() < 0.6}
            rows = [files.spoiled(row) if number in spoiled else row for number, row in enumerate(GOOD, 1)]
            which = files.chance.randrange(len(MAPPINGS))
            found = files.import_as(which, files.write(rows))
            assert found is not None, rows
            assert found.counts.rows == A_FILE
            assert found.rejected.keys() <= spoiled
            assert all(found.scans[row] == scan for row, scan in files.good[which].items() if row not in spoiled)
            count, rejected = count + len(spoiled), rejected + len(found.rejected)
        figures.tell(f"{count:,} spoiled rows of {files.file.suffix}, {rejected:,} rejected,")
    assert rejected > count / 10


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_five_thousand_spoiled_files_are_read_or_refused_with_a_sentence(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    refused, numbers = 0, {line: number for number, line in enumerate(files.data.split(b"\n"), 1) if line}
    with told(capsys) as figures:
        for _ in range(FILES // 2):
            spoiled, which = spoiled_bytes(files.data, files.chance), files.chance.randrange(len(MAPPINGS))
            found = files.import_as(which, spoiled)
            if found is None:
                refused += 1
            elif files.is_json:  # of CSV, nobody knows where the row of a quote too many ends
                lines = (line for line in spoiled.split(b"\n") if line.strip())
                untouched = [(row, numbers[line]) for row, line in enumerate(lines, 1) if line in numbers]
                assert all(found.scans[row] == files.good[which][number] for row, number in untouched), spoiled
        figures.tell(f"{FILES // 2:,} spoiled files of {files.file.suffix}, {refused:,} refused whole,")
    assert 0 < refused < FILES // 4
