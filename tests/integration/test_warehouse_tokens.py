"""Our lexer beside ClickHouse's own, which the embedded server can be asked for."""

import ast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.tokens import tokens_of

PIECES = (
    *("SELECT", "a", "_b1", "$x", "`q;`", "`q``r`", '"d\\"e"', "'s;'", "'it''s'", "'\\''", "''"),
    *("-- c;\n", "// c;\n", "# c;\n", "#! c;\n", "/* c; */", "/* a /* b */ c */"),
    *("$$ h; $$", "$t$ h $$ $t$", "‘u;’", "“v;”", "1", "1e5", "0x1F", "1_0", "x'41'"),
    *(
        " ",
        "\n",
        "\t",
        ";",
        ",",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        ".",
        "=",
        "<=",
        "||",
        "->",
        "::",
        "?",
        "@@",
        "*",
        "/",
        "-",
    ),
)
STRINGS = ("StringLiteral", "HereDoc")


def theirs(warehouse: Warehouse, sql: str) -> list[tuple[str, str]]:
    """Return the words, names and strings ClickHouse sees, or nothing where it sees an error."""
    text = warehouse.raw_query("SELECT tokenizeQuery({sql:String})", "TSVRaw", {"sql": sql}).decode()
    found: list[tuple[str, str]] = []
    for start, end, kind in ast.literal_eval(text):
        if kind.startswith("Error"):
            return []
        piece = sql.encode()[start:end].decode()
        if kind == "BareWord" and not piece[0].isdigit():  # behind a dot it calls 1e5 a word; a name it is not
            found.append(("word", piece))
        elif kind == "QuotedIdentifier":
            found.append(("quoted", piece))
        elif kind == "Semicolon":
            found.append(("sign", piece))
        elif kind in STRINGS:
            found.append(("string", piece[1:] if piece[0] in "xXbB" else piece))
    return found


def ours(sql: str) -> list[tuple[str, str]]:
    tokens = [(token.kind, token.text.decode("utf-8", "replace")) for token in tokens_of(sql.encode())]
    return [(kind, text) for kind, text in tokens if kind in ("word", "quoted", "string") or text == ";"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
def test_both_lexers_see_the_same_words_names_strings_and_semicolons(warehouse: Warehouse, pieces: list[str]) -> None:
    sql = " ".join(pieces)
    if expected := theirs(warehouse, sql):
        seen = [token for token in ours(sql) if token not in (("word", "x"), ("word", "b"))]
        assert seen == [token for token in expected if token not in (("word", "x"), ("word", "b"))]
