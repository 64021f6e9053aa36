"""Splitting SQL files, and the lexer beneath."""

import pytest

from pipeline.warehouse.statements import split_statements
from pipeline.warehouse.tokens import tokens_of


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("", []),
        (" ;; \n; ", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; SELECT 2", ["SELECT ';'", "SELECT 2"]),
        (r"SELECT 'it\';s'; SELECT 2", [r"SELECT 'it\';s'", "SELECT 2"]),
        ("SELECT 'it'';s'; SELECT 2", ["SELECT 'it'';s'", "SELECT 2"]),
        ("SELECT 1 AS `a;b`; SELECT 2", ["SELECT 1 AS `a;b`", "SELECT 2"]),
        ('SELECT 1 AS "a;b"; SELECT 2', ['SELECT 1 AS "a;b"', "SELECT 2"]),
        ("SELECT $x$ ; $$ $x$; SELECT 2", ["SELECT $x$ ; $$ $x$", "SELECT 2"]),
        ("-- no; statement\nSELECT 1 -- end;\n; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT /* a; /* b; */ c; */ 1; SELECT 2", ["SELECT /* a; /* b; */ c; */ 1", "SELECT 2"]),
        ("# a; comment\nSELECT 1", ["SELECT 1"]),
        ("SELECT ‘a;b’; SELECT 2", ["SELECT ‘a;b’", "SELECT 2"]),
    ],
)
def test_only_a_semicolon_between_statements_divides(sql: str, statements: list[str]) -> None:
    assert split_statements(sql) == statements


def test_an_unclosed_quote_in_a_long_text_takes_no_time() -> None:
    text = b"SELECT '" + b"a\\'b''" * 100_000
    assert next(iter(tokens_of(text))).text == b"SELECT"
    assert len(list(tokens_of(b"SELECT 'never closed"))) == 4


def test_a_name_is_read_without_its_quotes() -> None:
    names = [token.name for token in tokens_of(rb'a `b``c` "d\"e" 1 . ')]
    assert names == ["a", "b`c", 'd"e', None, None]


def test_bytes_that_are_no_text_are_signs() -> None:
    assert {token.kind for token in tokens_of(bytes(range(128, 256)))} == {"sign"}
