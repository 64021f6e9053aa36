"""What the embedded ClickHouse reads out of a statement's text before the engine sees it."""

from pathlib import Path

import pytest

from pipeline.local.clickhouse.failures import QueryError
from pipeline.local.clickhouse.parameters import Parameters
from pipeline.local.clickhouse.questions import Question
from pipeline.local.clickhouse.rewriting import read_from_file, shown_as_a_server_does
from pipeline.local.clickhouse.statement import split


def a_question(sql: str, *, is_analyst: bool = False) -> Question:
    parameters = Parameters(query="", query_id="q", database=None, default_format=None, session=None)
    return Question(split(sql.encode()), parameters, is_analyst, is_get=False)


@pytest.mark.parametrize(
    ("sql", "text", "name", "payload"),
    [
        ("INSERT INTO t FORMAT CSV\n1,2", "INSERT INTO t ", "CSV", "1,2"),
        ("INSERT INTO t FORMAT CSV 1,2", "INSERT INTO t ", "CSV", "1,2"),
        ("INSERT INTO t FORMAT CSV  \r\n 1,2", "INSERT INTO t ", "CSV", " 1,2"),
        ("INSERT INTO t FORMAT CSV\n\n1", "INSERT INTO t ", "CSV", "\n1"),
        ("INSERT INTO t(a)VALUES(1)", "INSERT INTO t(a)", "Values", "(1)"),
        ("insert into t values (1);", "insert into t ", "Values", " (1);"),
        ("INSERT INTO values VALUES (1)", "INSERT INTO values ", "Values", " (1)"),
        ("INSERT INTO db.format FORMAT TSV\n1", "INSERT INTO db.format ", "TSV", "1"),
        (
            "INSERT INTO TABLE FUNCTION f('values', 1) VALUES (1)",
            "INSERT INTO TABLE FUNCTION f('values', 1) ",
            "Values",
            " (1)",
        ),
        (
            'INSERT INTO t (`values`, "format") FORMAT Native\n;;\'',
            'INSERT INTO t (`values`, "format") ',
            "Native",
            ";;'",
        ),
    ],
)
def test_the_data_of_an_insert_begin_behind_its_format(sql: str, text: str, name: str, payload: str) -> None:
    statement = split(sql.encode())
    assert (statement.text, statement.format, statement.payload) == (text.encode(), name, payload.encode())


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t SELECT 1",
        "INSERT INTO t SELECT values FROM u",
        "INSERT INTO t WITH 1 AS x SELECT x",
        "INSERT INTO t SELECT 'FORMAT CSV' -- FORMAT CSV",
    ],
)
def test_an_insert_from_a_select_has_no_data(sql: str) -> None:
    assert split(sql.encode()).payload is None


@pytest.mark.parametrize(
    ("sql", "verb", "name"),
    [
        ("SELECT 1", "SELECT", None),
        ("-- x\n  select 1 format JSON", "SELECT", "JSON"),
        ("SELECT 1 FORMAT JSON SETTINGS a = 1", "SELECT", "JSON"),
        ("SELECT 1 FORMAT JSON;", "SELECT", "JSON"),
        ("SELECT format FROM t", "SELECT", None),
        ("SELECT 'FORMAT JSON'", "SELECT", None),
        ("SELECT (SELECT 1 FORMAT JSON)", "SELECT", None),
        ("((SELECT 1)) FORMAT CSV", "SELECT", "CSV"),
        ("SHOW TABLES FORMAT CSV", "SHOW", "CSV"),
    ],
)
def test_verb_and_output_format_are_those_of_the_statement(sql: str, verb: str, name: str | None) -> None:
    statement = split(sql.encode())
    assert (statement.verb, statement.format) == (verb, name)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("", 62),
        ("  -- only a comment", 62),
        ("SELECT 1; SELECT 2", 62),
        ("INSERT INTO t SELECT 1; DROP TABLE t", 62),
        ("INSERT INTO t SELECT * FROM input(a) FORMAT CSV\n1", 62),
        ("SELECT 1 INTO OUTFILE 'x'", 358),
        ("SELECT 1 INTO /* */ OUTFILE 'x'", 358),
    ],
)
def test_what_is_not_one_statement_or_writes_a_file_is_refused(sql: str, code: int) -> None:
    with pytest.raises(QueryError) as refused:
        split(sql.encode())
    assert refused.value.code == code


def test_semicolons_at_the_end_and_in_texts_are_no_second_statement() -> None:
    for sql in ("SELECT 1;", "SELECT 1 ; ;\n", "SELECT ';', 1 AS `;` -- ;\n"):
        assert split(sql.encode()).verb == "SELECT"


def test_input_becomes_a_file_of_the_same_structure() -> None:
    sql = "INSERT INTO t SELECT a FROM input('a Array(Tuple(x Int8, `y` String))') WHERE a > 1 FORMAT Avro\nbody"
    statement = split(sql.encode())
    assert read_from_file(statement, Path("/spool/it's")) == (
        "INSERT INTO t SELECT a FROM file('/spool/it\\'s', 'Avro', 'a Array(Tuple(x Int8, `y` String))') WHERE a > 1 "
    )
    assert statement.payload == b"body"


def test_a_column_called_input_is_no_call() -> None:
    statement = split(b"INSERT INTO t SELECT input, 'input(' FROM u FORMAT CSV\n")
    assert statement.input_call is None


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT * FROM system.processes", "SELECT * FROM scanledger_interface.processes"),
        ('SELECT 1 FROM `system` . "processes" AS p', "SELECT 1 FROM scanledger_interface.processes AS p"),
        ("SELECT 'system.processes'", "SELECT 'system.processes'"),
        ("SELECT * FROM system.settings", "SELECT * FROM system.settings"),
        ("KILL QUERY WHERE user = 'a'", "KILL QUERY WHERE user = 'a'"),
    ],
)
def test_only_the_tables_of_running_queries_are_shown_differently(sql: str, shown: str) -> None:
    assert shown_as_a_server_does(a_question(sql)) == shown


def test_a_kill_asks_for_the_client_s_id_but_leaves_parameters_alone() -> None:
    text = shown_as_a_server_does(a_question("KILL QUERY WHERE query_id = {query_id:String} SYNC"))
    assert text.startswith("KILL QUERY WHERE if(Settings['log_comment']")
    assert text.endswith("= {query_id:String} SYNC")


@pytest.mark.parametrize("name", ["system.settings", '"system".`settings`', "“system”.“settings”"])
def test_an_analyst_reads_which_settings_may_be_given(name: str) -> None:
    text = shown_as_a_server_does(a_question(f"SELECT name FROM {name}", is_analyst=True))
    assert text == "SELECT name FROM scanledger_interface.analyst_settings"
