"""What an analyst may ask, judged on the tree that ClickHouse's own parser makes of the text, never on the text.

`SET readonly = 1` stops writes and most table functions, but lets through INTO OUTFILE, KILL QUERY, `file()` and
`sleep()` as scalar functions, and files named where a table is expected. So a statement passes only if every kind of
statement, function and name in its tree is listed here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

from chdb.state.sqlitelike import Connection

from pipeline.local.clickhouse.engine import Engine
from pipeline.local.clickhouse.failures import ACCESS_DENIED, BAD_ARGUMENTS, READONLY, QueryError, failed
from pipeline.local.clickhouse.functions import AllowedFunctions
from pipeline.local.clickhouse.questions import Question
from pipeline.local.clickhouse.quoting import quoted, quoted_name
from pipeline.local.clickhouse.statement import Statement
from pipeline.local.clickhouse.withheld import STANDING_FOR, SYSTEM, is_of_persons, is_of_process
from pipeline.warehouse.tokens import tokens_of

_STATEMENTS: Final = ("SelectWithUnionQuery", "ExplainQuery", "ShowTablesQuery", "ShowColumnsQuery", "ShowIndexesQuery")
# Kinds that parseQueryToJSON does not know; their EXPLAIN AST may have nothing but names in it.
_NAMING: Final = re.compile(
    r"(Exists(Table|View|Database|Dictionary)Query|ShowCreate(Table|View|Database)Query|DescribeQuery|ShowFunctions"
    r"|ShowEngineQuery)\b"
)
_NAMES_ONLY: Final = re.compile(r"\s+(TableExpression|(Table)?Identifier)\b")
# Functions whose second argument may be a table's name.
_MEMBERSHIP: Final = re.compile(r"(global)?(not)?(null)?in(ignoreset)?")
_NAME: Final = re.compile(r"[\w .$:#()@+*,=<>-]*")
_TABLE_FUNCTIONS: Final = (
    *("numbers", "numbers_mt", "zeros", "zeros_mt", "generateseries", "generate_series"),
    *("values", "sqlstandardvalues", "view", "null"),
)
Node = dict[str, Any]


def judge(engine: Engine, question: Question) -> None:
    """Let a statement pass, or say what in it an analyst may not use.

    Raises:
        QueryError: Something is not listed (497), or the text is no single statement (62).
    """
    _judge_text(question)
    text, values = question.statement.sql, question.parameters.values
    connection = engine.connect()
    try:
        tree = _tree(connection, _described_select(question.statement) or text)
        if tree is None:
            _judge_naming(connection, text, values)
            return
    finally:
        connection.close()
    _judge_tree(tree, AllowedFunctions.of(engine), values)


def _judge_text(question: Question) -> None:
    """Judge what the tree does not tell."""
    if question.statement.verb == "INSERT":
        raise QueryError(READONLY, "Cannot execute query in readonly mode. (READONLY)")
    if question.parameters.database in (SYSTEM, STANDING_FOR):
        _deny(f"the database {question.parameters.database}, but for system.tables and its like,")
    names = (token for token in tokens_of(question.statement.text) if token.kind == "quoted")
    if any(b"\\" in name.text for name in names):
        _deny("a backslash in a name")  # what stands for the tables of `system` is found by their names as written


def _judge_tree(tree: Node, functions: AllowedFunctions, values: Mapping[str, str]) -> None:
    if tree["type"] not in _STATEMENTS:
        _deny(f"statements of the kind {tree['type']}")
    if tree["type"] == "ExplainQuery" and tree.get("query", tree)["type"] not in _STATEMENTS:
        _deny("EXPLAIN of anything but a SELECT")
    options = tree.get("settings") if tree["type"] == "ExplainQuery" else None
    for node in _nodes(tree):
        if node["type"] == "SetQuery" and node is not options:
            _deny("SETTINGS within a statement")  # of a subquery they hold even where readonly = 1
        _judge_node(node, functions, values)
        _judge_tables(node, values)


def _tree(connection: Connection, text: str) -> Node | None:
    """Parse without running, in a function's argument: nothing in the text can end it or go before it."""
    escaped = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\x00", "\\0")
    try:
        answer = connection.query("SELECT parseQueryToJSON({q:String})", "TSVRaw", params={"q": escaped})
    except RuntimeError as error:
        failure = failed(error)
        if failure.code == BAD_ARGUMENTS and "does not support JSON serialization" in failure.message:
            return None
        message = re.sub(r": In scope SELECT parseQueryToJSON.*(?=\. \()", "", failure.message, flags=re.DOTALL)
        raise QueryError(failure.code, message) from error
    tree: Node = json.loads(answer.data())
    return tree


def _described_select(statement: Statement) -> str | None:
    """Return the SELECT that a DESCRIBE is about: it is analysed, which already runs what is constant in it."""
    if statement.verb not in ("DESCRIBE", "DESC"):
        return None
    tokens = list(tokens_of(statement.text))[1:]
    if tokens and tokens[0].is_word("TABLE"):
        tokens = tokens[1:]
    is_only_brackets = len(tokens) > 1 and tokens[0].is_sign("(") and tokens[-1].is_sign(")")
    return statement.text[tokens[0].start :].decode() if is_only_brackets else None


def _judge_naming(connection: Connection, text: str, values: Mapping[str, str]) -> None:
    """Judge the names in a statement, those that come as parameters included."""
    for name, value in values.items():
        connection.query(f"SET {quoted_name('param_' + name)} = {quoted(value)}")
    explained: str = connection.query(f"EXPLAIN AST\n{text}", "TSVRaw").data()
    first, *rest = explained.splitlines()
    if not _NAMING.match(first):
        _deny(f"statements of the kind {first.split()[0]}")
    for line in rest:
        if line and not _NAMES_ONLY.match(line):
            _deny(f"{line.strip()} in a statement of the kind {first.split()[0]}")
        _judge_name(line)
        name = line.split()[-1] if line.split() else ""
        if is_of_persons(name) or is_of_process(name):
            _deny(f"the table {name}")


def _judge_node(node: Node, functions: AllowedFunctions, values: Mapping[str, str]) -> None:
    kind, name = node["type"], str(node.get("name", ""))
    if node.get("out_file") is not None:
        _deny("INTO OUTFILE")
    if "table_function" in node and node["table_function"]["name"].lower() not in _TABLE_FUNCTIONS:
        _deny(f"the table function {node['table_function']['name']}")
    if kind == "Function" and not functions.allow(name) and name.lower() not in _TABLE_FUNCTIONS:
        _deny(f"the function {name}")
    if kind == "ColumnsApplyTransformer" and node.get("func_name") and not functions.allow(node["func_name"]):
        _deny(f"the function {node['func_name']}")
    if kind == "QueryParameter" and node.get("param_type") == "Identifier":
        kind, name = "Identifier", values.get(name, "")
    if kind in ("Identifier", "TableIdentifier"):
        _judge_name(name)
        if functions.know(name) and not functions.allow(name):
            _deny(f"the function {name}, even by its name alone")


def _judge_tables(node: Node, values: Mapping[str, str]) -> None:
    kind = node["type"]
    tables = [node] if kind == "TableIdentifier" else []
    if kind == "Function" and _MEMBERSHIP.fullmatch(str(node.get("name", "")).lower()):
        arguments = node.get("arguments", {}).get("children", [])
        tables = [one for one in arguments[1:] if one["type"] == "Identifier"]
    for table in tables:
        name = _full_name(table, values)
        if is_of_persons(name) or is_of_process(name):
            _deny(f"the table {name}")
        if name.startswith(f"{SYSTEM}.") and "children" in table:
            _deny(f"a parameter for the name {name}")  # it is told by its text which view stands for it
    if kind in ("ShowColumnsQuery", "ShowIndexesQuery") and is_of_persons(str(node.get("table", ""))):
        _deny("the table persons")
    if kind == "Identifier" and is_of_process(name := _full_name(node, values)):
        _deny(f"the table {name}")  # wherever it stands: an alias of it may be used as a table


def _full_name(node: Node, values: Mapping[str, str]) -> str:
    """Return the name of an identifier, its parameters filled in."""
    given = iter([values.get(str(child["name"]), "") for child in node.get("children", [])])
    parts = node.get("name_parts") or [node.get("name", "")]
    return ".".join(part or next(given, "") for part in parts)


def _judge_name(name: str) -> None:
    """In some places a name is opened as a file; none of ours needs a slash."""
    if not _NAME.fullmatch(name):
        _deny(f"the name {name.strip()!r}")


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, dict):
        if "type" in value:
            yield value
        for part in value.values():
            yield from _nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _nodes(part)


def _deny(what: str) -> NoReturn:
    raise QueryError(ACCESS_DENIED, f"Not enough privileges: {what} may not be used. (ACCESS_DENIED)")
