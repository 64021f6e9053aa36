"""The few places where a statement's text is changed, so that chDB answers as a server would."""

from pathlib import Path

from pipeline.local.clickhouse.questions import Question
from pipeline.local.clickhouse.quoting import quoted
from pipeline.local.clickhouse.statement import Statement
from pipeline.local.clickhouse.views import ANALYST_VIEWS, CLIENT_QUERY_ID, PROCESSES
from pipeline.warehouse.tokens import Token, tokens_of

Edit = tuple[int, int, bytes]


def shown_as_a_server_does(question: Question) -> str:
    """Return the statement's text where `system.processes` and KILL QUERY speak of the ids that clients gave."""
    text, verb = question.statement.text, question.statement.verb
    replaced = {"processes": PROCESSES}
    if question.is_analyst:
        replaced |= ANALYST_VIEWS
    if verb == "KILL" or b"system" in text.lower():
        tokens = list(tokens_of(text))
        edits = [edit for table, view in replaced.items() for edit in _table_edits(tokens, table, view)]
        if verb == "KILL":
            edits += _column_edits(tokens, "query_id", CLIENT_QUERY_ID)
        text = _edited(text, edits)
    return text.decode()


def read_from_file(statement: Statement, path: Path) -> str:
    """Put `file()` over the body in the place of `input()`, which chDB accepts and then inserts nothing."""
    text, call = statement.text, statement.input_call
    if call is not None and statement.format is not None:
        structure = b", " + call.structure if call.structure else b""
        source = b"file(%s, %s%s)" % (quoted(str(path)).encode(), quoted(statement.format).encode(), structure)
        text = _edited(text, [(call.start, call.end, source)])
    return text.decode()


def _table_edits(tokens: list[Token], table: str, view: str) -> list[Edit]:
    return [
        (tokens[at].start, tokens[at + 2].end, view.encode())
        for at in range(len(tokens) - 2)
        if [_name(token) for token in tokens[at : at + 3]] == ["system", ".", table]
    ]


def _column_edits(tokens: list[Token], column: str, expression: str) -> list[Edit]:
    """A name behind an opening brace is that of a query parameter, not of a column."""
    pairs = zip([None, *tokens], tokens, strict=False)
    return [
        (token.start, token.end, expression.encode())
        for before, token in pairs
        if _name(token) == column and not (before is not None and before.is_sign("{"))
    ]


def _name(token: Token) -> str | None:
    return "." if token.is_sign(".") else token.name


def _edited(text: bytes, edits: list[Edit]) -> bytes:
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text
