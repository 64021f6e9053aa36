"""ClickHouse's lexer as far as statements need it: where words, names, strings and comments begin and end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

Kind = Literal["word", "quoted", "string", "number", "sign"]

# Possessive repeats (`++`, `*+`): an unclosed quote in a long text must not be tried in every way.
_TOKEN = re.compile(
    rb"""
      (?P<skip>   \s++ | (?: -- | // | \#[ !] ) [^\n]*+ )
    | (?P<comment> /\* )
    | (?P<heredoc> \$(?P<tag>\w*+)\$ .*? \$(?P=tag)\$ )
    | (?P<string> '(?: [^'\\]++ | \\. | '' )*+' | \xe2\x80\x98 .*? \xe2\x80\x99 )
    | (?P<quoted> "(?: [^"\\]++ | \\. | "" )*+" | `(?: [^`\\]++ | \\. | `` )*+`
                | \xe2\x80\x9c .*? \xe2\x80\x9d )
    | (?P<word>   [A-Za-z_$] [\w$]*+ )
    | (?P<number> [0-9] [\w.]*+ )
    | (?P<sign>   . )
    """,
    re.VERBOSE | re.DOTALL,
)
_TYPOGRAPHIC = "\N{LEFT DOUBLE QUOTATION MARK}".encode()
_COMMENT_EDGE = re.compile(rb"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Token:
    """One token and its place in the text."""

    kind: Kind
    start: int
    end: int
    text: bytes

    def is_word(self, *keywords: str) -> bool:
        """Tell whether this is one of these keywords, whatever its case."""
        return self.kind == "word" and self.text.decode().upper() in keywords

    def is_sign(self, sign: str) -> bool:
        """Tell whether this is that punctuation mark."""
        return self.kind == "sign" and self.text == sign.encode()

    @property
    def name(self) -> str | None:
        """The identifier this token spells, without its quotes, or None where it is none."""
        if self.kind == "word":
            return self.text.decode()
        if self.kind == "quoted":
            if self.text.startswith(_TYPOGRAPHIC):
                return self.text[len(_TYPOGRAPHIC) : -len(_TYPOGRAPHIC)].decode("utf-8", "replace")
            return re.sub(r"\\(.)|([`\"])\2", r"\1\2", self.text[1:-1].decode("utf-8", "replace"))
        return None


def tokens_of(text: bytes, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of a text one by one, so that data behind a statement is never looked at.

    Comments and blanks are left out; a quote that is never closed comes as a sign, which the engine will refuse.
    """
    at = start
    while (match := _TOKEN.match(text, at)) is not None:
        at = match.end()
        kind = match.lastgroup
        if kind == "comment":
            at = _end_of_comment(text, at)
        elif kind != "skip":
            kind = "string" if kind == "heredoc" else kind
            yield Token(cast(Kind, kind), match.start(), at, match.group())


def _end_of_comment(text: bytes, at: int) -> int:
    """Comments nest in ClickHouse; one that is never closed takes the rest of the text."""
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(text, at)
        if edge is None:
            return len(text)
        depth += 1 if edge.group() == b"/*" else -1
        at = edge.end()
    return at
