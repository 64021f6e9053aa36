"""Splitting a file of SQL into its statements."""

from pipeline.warehouse.tokens import tokens_of


def split_statements(sql: str) -> list[str]:
    """Return the statements of a text, without the semicolons between them and the comments around them.

    A semicolon in a string, a quoted name, a heredoc or a comment divides nothing.
    """
    text = sql.encode()
    statements: list[str] = []
    start = end = None
    for token in tokens_of(text):
        if token.is_sign(";"):
            if start is not None:
                statements.append(text[start:end].decode())
            start = None
        else:
            start, end = token.start if start is None else start, token.end
    if start is not None:
        statements.append(text[start:end].decode())
    return statements
