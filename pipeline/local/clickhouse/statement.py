"""One statement as it came over HTTP: its verb, its format, and where the data of an INSERT begins."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.local.clickhouse.failures import INTO_OUTFILE_NOT_ALLOWED, SYNTAX_ERROR, QueryError
from pipeline.warehouse.tokens import Token, tokens_of

_OPENING, _CLOSING = b"([{", b")]}"


@dataclass(frozen=True, slots=True)
class InputCall:
    """The place of `input('structure')` in an INSERT … SELECT, and the structure as written, quotes included."""

    start: int
    end: int
    structure: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement without the data behind it.

    For an INSERT that brings its data, `text` ends before FORMAT or VALUES, `format` is the input format and `payload`
    the data. Otherwise `text` is whole, `format` the one its FORMAT clause names, and `payload` None.
    `has_extras` tells of totals or extremes behind the rows.
    """

    verb: str
    text: bytes
    format: str | None = None
    payload: bytes | None = None
    input_call: InputCall | None = None
    has_extras: bool = False

    @property
    def sql(self) -> str:
        """The statement as text; `split` has seen to it that it is UTF-8."""
        return self.text.decode()


def split_request(query: bytes, body: bytes) -> Statement:
    """Find the parts of the one statement whose beginning came in the URL and whose rest came in the body.

    Raises:
        QueryError: As `split` does.
    """
    if not query or not body:
        return split(query or body)
    head = split(query)
    if head.payload is None:
        return split(query + b"\n" + body)
    # The usual insert: the body is data as a whole, and is not copied to be looked at.
    return replace(head, payload=head.payload + b"\n" + body if head.payload else body)


def split(text: bytes) -> Statement:
    """Find the parts of one statement.

    Raises:
        QueryError: There is no statement, there are several, it is no UTF-8, or it writes a file on the server.
    """
    statement = _split(text)
    try:
        statement.text.decode()
    except UnicodeDecodeError as error:
        message = f"Syntax error: the statement is not UTF-8 at byte {error.start}. (SYNTAX_ERROR)"
        raise QueryError(SYNTAX_ERROR, message) from None
    return statement


def _split(text: bytes) -> Statement:
    walk = _Walk(text)
    first = next(walk.tokens, None)
    while first is not None and first.is_sign("("):
        first = next(walk.tokens, None)
    if first is None:
        raise QueryError(SYNTAX_ERROR, "Syntax error: Empty query. (SYNTAX_ERROR)")
    if first.is_word("INSERT"):
        return _split_insert(text)
    verb = first.text.decode("utf-8", "replace").upper()
    return _read_to_end(text, Statement(verb, text))


def _split_insert(text: bytes) -> Statement:
    walk = _Walk(text)
    next(walk)
    _skip_target(walk)
    found: InputCall | None = None
    for token in walk:
        if walk.depth == 0 and token.is_word("VALUES") and found is None and not walk.has_select:
            return Statement("INSERT", text[: token.start], "Values", text[token.end :])
        if walk.depth == 0 and token.is_word("FORMAT"):
            name = next(walk, None)
            if name is not None and name.kind == "word":
                payload = text[_data_start(text, name.end) :]
                return Statement("INSERT", text[: token.start], name.text.decode(), payload, found)
        found = found or _input_call(walk, token)
        _refuse_second(walk, token)
    return Statement("INSERT", text, input_call=found)


def _skip_target(walk: "_Walk") -> None:
    """Pass the table's name, which may itself be `format` or `values`."""
    token = next(walk, None)
    while token is not None and token.is_word("INTO", "TABLE", "FUNCTION"):
        token = next(walk, None)
    while token is not None and walk.peek() is not None and walk.peek_is("."):
        next(walk)
        token = next(walk, None)


def _read_to_end(text: bytes, statement: Statement) -> Statement:
    walk = _Walk(text)
    for token in walk:
        if token.is_word("TOTALS", "EXTREMES"):
            statement = replace(statement, has_extras=True)
        if walk.depth:
            continue
        if token.is_word("INTO") and walk.peek_is_word("OUTFILE"):
            raise QueryError(INTO_OUTFILE_NOT_ALLOWED, "INTO OUTFILE is not allowed. (INTO_OUTFILE_NOT_ALLOWED)")
        if token.is_word("FORMAT"):
            statement = _with_format(walk, statement)
        _refuse_second(walk, token)
    return statement


def _with_format(walk: "_Walk", statement: Statement) -> Statement:
    name = walk.peek()
    if name is None or name.kind != "word":
        return statement
    next(walk)
    is_clause = walk.peek() is None or walk.peek_is(";") or walk.peek_is_word("SETTINGS")
    return replace(statement, format=name.text.decode()) if is_clause else statement


def _input_call(walk: "_Walk", token: Token) -> InputCall | None:
    if not (token.is_word("INPUT") and walk.peek_is("(")):
        return None
    next(walk)
    structure = next(walk, None)
    if structure is None or structure.kind != "string":
        closing, written = structure, b""
    else:
        closing, written = next(walk, None), structure.text
    if closing is None or not closing.is_sign(")"):
        raise QueryError(SYNTAX_ERROR, "Syntax error: input() takes one string, the structure. (SYNTAX_ERROR)")
    return InputCall(token.start, closing.end, written)


def _refuse_second(walk: "_Walk", token: Token) -> None:
    if token.is_sign(";") and walk.peek() is not None and not walk.peek_is(";"):
        raise QueryError(SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)")


def _data_start(text: bytes, at: int) -> int:
    """Data begins after the first line break behind the format's name, or after the blanks where there is none."""
    while at < len(text) and text[at : at + 1] in b" \t\f":
        at += 1
    if text[at : at + 1] == b"\r":
        at += 1
    if text[at : at + 1] == b"\n":
        at += 1
    return at


class _Walk(Iterator[Token]):
    """Tokens with one token of look-ahead and the depth of brackets."""

    def __init__(self, text: bytes) -> None:
        self.tokens = tokens_of(text)
        self.depth = 0
        self.has_select = False
        self._ahead: Token | None = None

    def __next__(self) -> Token:
        token = self._ahead if self._ahead is not None else next(self.tokens)
        self._ahead = None
        if token.kind == "sign" and token.text in _OPENING:
            self.depth += 1
        elif token.kind == "sign" and token.text in _CLOSING:
            self.depth -= 1
        elif self.depth == 0 and token.is_word("SELECT", "WITH"):
            self.has_select = True
        return token

    def peek(self) -> Token | None:
        if self._ahead is None:
            self._ahead = next(self.tokens, None)
        return self._ahead

    def peek_is(self, sign: str) -> bool:
        token = self.peek()
        return token is not None and token.is_sign(sign)

    def peek_is_word(self, *words: str) -> bool:
        token = self.peek()
        return token is not None and token.is_word(*words)
