"""What the user `analyst` may ask the embedded ClickHouse, and the ways out that are shut."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pipeline.local.clickhouse.analyst import _TABLE_FUNCTIONS
from tests.fixtures_clickhouse import EmbeddedClickHouse

ALLOWED = """
SELECT 1
SELECT getSetting('readonly'), getSetting('max_threads')
SELECT * FROM view(SELECT item FROM shop.sold)
SELECT item AS `füllung`, 'ｆｉｌｅ(' FROM shop.sold /* file('x') */ -- INTO OUTFILE
SELECT item, count() AS n FROM shop.sold WHERE at > now() - INTERVAL 1 DAY GROUP BY item ORDER BY n DESC LIMIT 3
SELECT uniqExactIf(item, n > 1), quantiles(0.5, 0.9)(n), argMax(item, n), sumOrNull(n) FROM shop.sold
WITH top AS (SELECT item FROM shop.sold LIMIT 1) SELECT * FROM top
WITH 3 AS k SELECT arrayMap(x -> x + k, [1, 2]), arrayMap(toString, [1])
SELECT * APPLY(toString), COLUMNS('n') APPLY(x -> x + 1) FROM shop.sold
SELECT s.item, row_number() OVER (PARTITION BY item) FROM shop.sold AS s LEFT JOIN shop.sold AS o USING (item)
SELECT CASE WHEN n > 1 THEN 'a' ELSE 'b' END, n BETWEEN 1 AND 2, toYear(at), CAST(n AS String) FROM shop.sold
SELECT * FROM numbers(3)
SELECT * FROM shop.sold WHERE item IN (SELECT item FROM shop.sold) AND n NOT IN (1, 2)
SELECT item FROM shop.sold UNION ALL SELECT 'x' INTERSECT SELECT 'x'
SELECT JSONExtractString('{"a": "b"}', 'a'), splitByChar(',', 'a,b'), cityHash64('x'), greatCircleDistance(1, 2, 3, 4)
SELECT user, database, version FROM (SELECT 1 AS user, 2 AS database, 3 AS version)
SELECT name, value FROM system.settings LIMIT 1
SELECT 'sleep(3)', "item" FROM shop.sold -- file('/etc/passwd')
SHOW TABLES FROM shop
SHOW DATABASES
SHOW COLUMNS FROM sold FROM shop
SHOW CREATE TABLE shop.sold
SHOW CREATE TABLE {db:Identifier}.{sold:Identifier}
DESCRIBE TABLE shop.sold
DESCRIBE TABLE {db:Identifier}.{sold:Identifier}
EXISTS TABLE {db:Identifier}.{sold:Identifier}
SELECT * FROM {db:Identifier}.{sold:Identifier}
SELECT count(DISTINCT item) AS persons FROM shop.sold ORDER BY persons
SELECT tables.name, total_rows FROM system.tables WHERE database = 'shop'
SELECT name, type FROM system.columns WHERE database = 'shop' AND table = 'persons'
SELECT name FROM system.databases
SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop'
DESCRIBE (SELECT item FROM shop.sold)
EXISTS TABLE shop.sold
EXPLAIN SELECT * FROM shop.sold
EXPLAIN PIPELINE SELECT count() FROM shop.sold
EXPLAIN header = 1, actions = 1 SELECT count() FROM shop.sold
""".strip().splitlines()
REFUSED = """
SELECT query FROM scanledger_interface.processes
SELECT query FROM `scanledger_interface`.processes
SELECT query FROM “scanledger_interface”.“processes”
SELECT data_paths FROM scanledger_interface.`tables`
SHOW CREATE TABLE scanledger_interface.processes
DESCRIBE TABLE scanledger_interface.processes
EXISTS TABLE scanledger_interface.processes
SELECT * FROM “system”.“processes”
SELECT file('/etc/passwd')
SELECT FILE('/etc/passwd')
SELECT `file`('/etc/passwd')
SELECT length(file('/etc/passwd')) FROM numbers(1) WHERE file('/etc/passwd') != ''
SELECT * APPLY(file) FROM (SELECT '/etc/passwd')
SELECT * APPLY file FROM (SELECT '/etc/passwd')
SELECT * APPLY(x -> file(x)) FROM (SELECT '/etc/passwd')
SELECT * REPLACE (file('/etc/passwd') AS a) FROM (SELECT 1 AS a)
SELECT arrayMap(file, ['/etc/passwd'])
WITH file AS f SELECT arrayMap(f, ['/etc/passwd'])
SELECT arrayMap(x -> file(x), ['/etc/passwd'])
SELECT (SELECT (SELECT file('/etc/passwd')))
WITH x AS (SELECT file('/etc/passwd')) SELECT * FROM x
SELECT 1 ORDER BY file('/etc/passwd')
SELECT 1 LIMIT length(file('/etc/passwd'))
SELECT sum(1) OVER (PARTITION BY file('/etc/passwd'))
SELECT 1 /* */ UNION ALL SELECT length(file('/etc/passwd'))
SELECT * FROM file('/etc/passwd', 'LineAsString')
SELECT * FROM '/etc/passwd'
SELECT * FROM `/etc/passwd`
SELECT * FROM "default"."/etc/passwd"
SELECT * FROM default.`../../../../../etc/passwd`
SELECT 1 IN `/etc/passwd`
SELECT * FROM {table:Identifier}
SELECT {function:Identifier}
DESCRIBE TABLE file('/etc/passwd', 'LineAsString')
DESCRIBE TABLE `/etc/passwd`
DESCRIBE (SELECT * APPLY(file) FROM (SELECT '/etc/passwd'))
DESCRIBE (SELECT file('/etc/passwd') AS a)
EXPLAIN SELECT file('/etc/passwd')
EXPLAIN QUERY TREE SELECT file('/etc/passwd')
EXPLAIN SYNTAX SELECT * FROM file('/etc/passwd', 'LineAsString')
SHOW TABLES WHERE file('/etc/passwd') != ''
SHOW COLUMNS FROM sold FROM shop WHERE file('/etc/passwd') != ''
SELECT 1 INTO OUTFILE '{outfile}'
SELECT 1 INTO OUTFILE '{outfile}' FORMAT CSV
SELECT * FROM (SELECT 1) INTO OUTFILE '{outfile}' TRUNCATE
SHOW TABLES INTO OUTFILE '{outfile}'
DESCRIBE TABLE shop.sold INTO OUTFILE '{outfile}'
EXPLAIN SELECT 1 INTO OUTFILE '{outfile}'
EXISTS TABLE shop.sold INTO OUTFILE '{outfile}'
SELECT sleep(3)
SELECT sleepEachRow(3)
SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')
SELECT * FROM s3('http://127.0.0.1:1/x', 'CSV')
SELECT * FROM remote('127.0.0.1', 'shop', 'sold')
SELECT * FROM cluster('default', 'shop', 'sold')
SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')
SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')
SELECT * FROM sqlite('/tmp/x', 'a')
SELECT * FROM executable('id', 'LineAsString', 'a String')
SELECT * FROM python(x)
SELECT python('1')
SELECT * FROM eval('SELECT 1')
SELECT * FROM merge('shop', '.*')
SELECT * FROM dictionary('x')
SELECT dictGet('x', 'y', 1)
SELECT joinGet('x', 'y', 1)
SELECT addressToLine(1)
SELECT getServerSetting('max_connections')
SELECT filesystemAvailable()
SELECT * FROM view(SELECT file('/etc/passwd'))
SELECT * FROM mergeTreeIndex('shop', 'sold')
INSERT INTO shop.sold (item) VALUES ('x')
INSERT INTO FUNCTION file('{outfile}', 'CSV') SELECT 1
INSERT INTO shop.sold (item) SELECT 'x'
CREATE TABLE shop.more (a Int8) ENGINE = Memory
CREATE TEMPORARY TABLE more (a Int8)
CREATE FUNCTION f AS (x) -> file(x)
ALTER TABLE shop.sold ADD COLUMN b Int8
ALTER TABLE shop.sold DELETE WHERE 1
DROP TABLE shop.sold
TRUNCATE TABLE shop.sold
RENAME TABLE shop.sold TO shop.gone
OPTIMIZE TABLE shop.sold
DETACH TABLE shop.sold
SYSTEM FLUSH LOGS
SYSTEM SHUTDOWN
BACKUP TABLE shop.sold TO File('{outfile}')
KILL QUERY WHERE 1
SET readonly = 0
SET max_threads = 1
USE shop
SELECT 1 SETTINGS readonly = 0
SELECT 1; DROP TABLE shop.sold
SELECT 1;; DROP TABLE shop.sold
EXPLAIN AST SELECT 1; DROP TABLE shop.sold
(SELECT file('/etc/passwd'))
FROM numbers(1) SELECT file('/etc/passwd')
SELECT 1 FORMAT CSV SETTINGS readonly = 0
EXPLAIN INSERT INTO shop.sold SELECT 'x'
CHECK TABLE shop.sold
GRANT ALL ON *.* TO analyst
ATTACH TABLE x FROM '/tmp' (a Int8) ENGINE = File(CSV)
SELECT catboostEvaluate('/etc/passwd', 1)
SELECT file/* a comment between */('/etc/passwd')
SELECT file -- a comment{newline}('/etc/passwd')
SELECT "file"('/etc/passwd')
SELECT f\u0131le('/etc/passwd')
SELECT \uff46\uff49\uff4c\uff45('/etc/passwd')
SELECT file\u200b('/etc/passwd')
SELECT file\u00a0('/etc/passwd')
SELECT 1 \u037e DROP TABLE shop.sold
SELECT 1 /* /* nested */ */ INTO OUTFILE '{outfile}'
SELECT 1 INTO/**/OUTFILE '{outfile}' AND STDOUT
SELECT 1 UNION ALL (SELECT 2 INTO OUTFILE '{outfile}')
SELECT * FROM (SELECT 1 SETTINGS readonly = 0)
WITH x AS (SELECT 1 SETTINGS max_execution_time = 0, readonly = 2) SELECT * FROM x
SELECT * FROM shop.sold WHERE item IN (SELECT 'x' SETTINGS allow_introspection_functions = 1)
SELECT 1 FORMAT Template SETTINGS format_template_row = '/etc/passwd'
SELECT 1 SETTINGS format_schema = '/etc/passwd:Message' FORMAT Protobuf
SELECT formatRow('Template', 1) SETTINGS format_template_row = '/etc/passwd'
SELECT * FROM shop.sold AS s INNER JOIN file('/etc/passwd', 'LineAsString') AS f ON s.item = f.line
SELECT * FROM shop.sold, url('http://127.0.0.1:1/', 'LineAsString')
SELECT * FROM shop.sold WHERE item IN (SELECT line FROM file('/etc/passwd', 'LineAsString'))
SELECT * FROM shop.sold WHERE EXISTS (SELECT * FROM s3('http://127.0.0.1:1/x', 'CSV'))
WITH RECURSIVE r AS (SELECT file('/etc/passwd') AS a UNION ALL SELECT a FROM r) SELECT * FROM r
WITH (SELECT * FROM file('/etc/passwd', 'LineAsString') LIMIT 1) AS line SELECT line
SELECT arrayFold((a, x) -> concat(a, file(x)), ['/etc/passwd'], '')
SELECT arraySort(x -> sleep(3), [1, 2])
SELECT if(1, file('/etc/passwd'), '')
SELECT CASE WHEN 1 THEN file('/etc/passwd') END
SELECT item FROM shop.sold GROUP BY item HAVING file('/etc/passwd') != ''
SELECT item FROM shop.sold QUALIFY file('/etc/passwd') != ''
SELECT item FROM shop.sold PREWHERE file('/etc/passwd') != ''
SELECT item FROM shop.sold LIMIT 1 BY file('/etc/passwd')
SELECT item FROM shop.sold ARRAY JOIN [file('/etc/passwd')] AS line
SELECT item FROM shop.sold ORDER BY item WITH FILL FROM length(file('/etc/passwd'))
SELECT sum(n) OVER w FROM shop.sold WINDOW w AS (ORDER BY file('/etc/passwd'))
SELECT COLUMNS('n') APPLY(file) FROM shop.sold
SELECT * EXCEPT n REPLACE (sleep(1) AS item) FROM shop.sold
SELECT dictGetOrDefault('x', 'y', 1, 2)
SELECT regionToName(1)
SELECT getMacro('shard')
SELECT evalMLMethod(1, 2)
SELECT aiGenerate('x')
SELECT demangle('_Z3foov')
SELECT currentRequestURL()
SELECT getClientHTTPHeader('authorization')
SELECT joinGetOrNull('x', 'y', 1)
SELECT icebergTruncate(1, 2)
SELECT showCertificate()
SELECT * FROM viewIfPermitted(SELECT 1 ELSE url('http://127.0.0.1:1/', 'LineAsString'))
SELECT * FROM remoteSecure('127.0.0.1', 'shop', 'sold')
SELECT * FROM clusterAllReplicas('default', 'shop', 'sold')
SELECT * FROM loop('shop', 'sold')
SELECT * FROM input('a Int8')
SELECT * FROM generateRandom('a String')
SELECT * FROM fileCluster('default', '/etc/passwd', 'LineAsString')
SELECT * FROM jdbc('x', 'y', 'z')
SELECT * FROM odbc('DSN=x', 'y', 'z')
SELECT * FROM mongodb('127.0.0.1:1', 'a', 'b', 'c', 'd', 'e Int8')
SELECT * FROM redis('127.0.0.1:1', 'a', 'a Int8')
SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', 'CSV', 'a Int8')
SELECT * FROM deltaLake('http://127.0.0.1:1/x')
SELECT * FROM iceberg('http://127.0.0.1:1/x')
SELECT * FROM view(SELECT 1 SETTINGS max_memory_usage = 0)
SELECT * FROM (SELECT getSetting('max_memory_usage') SETTINGS max_memory_usage = 0)
SELECT * FROM (SELECT 1 SETTINGS param_table = '/etc/passwd')
SELECT * FROM (EXPLAIN AST SELECT file('/etc/passwd'))
SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))
SELECT * FROM shop.sold FINAL SETTINGS log_comment = 'of another'
EXPLAIN SELECT 1 SETTINGS readonly = 0
EXPLAIN ESTIMATE SELECT * FROM file('/etc/passwd', 'LineAsString')
EXPLAIN TABLE OVERRIDE mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')
EXPLAIN CREATE TABLE shop.more (a Int8) ENGINE = Memory
CREATE DICTIONARY d (a UInt64) PRIMARY KEY a SOURCE(FILE(path '/etc/passwd' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)
CREATE VIEW shop.v AS SELECT file('/etc/passwd')
CREATE OR REPLACE VIEW shop.v AS SELECT 1
ALTER USER analyst SETTINGS readonly = 0
SET ROLE ALL
SET TRANSACTION SNAPSHOT 1
BEGIN TRANSACTION
UPDATE shop.sold SET n = 1 WHERE 1
DELETE FROM shop.sold WHERE 1
UNDROP TABLE shop.sold
EXCHANGE TABLES shop.sold AND shop.sold
MOVE USER analyst TO local_directory
EXECUTE AS ledger SELECT 1
PARALLEL WITH SELECT 1
COPY shop.sold TO '{outfile}'
RESTORE TABLE shop.sold FROM File('{outfile}')
SYSTEM RELOAD DICTIONARIES
KILL MUTATION WHERE 1
WATCH shop.sold
SELECT hasColumnInTable('default', '/etc/passwd', 'a')
SELECT hasColumnInTable('default', '/etc/nothing', 'a')
SELECT * FROM shop.persons
SELECT person FROM shop.sold LEFT JOIN shop.persons ON item = owner
SELECT * FROM shop.sold, shop.persons
SELECT ('p1', 'Ann') IN shop.persons
SELECT item FROM shop.sold WHERE item GLOBAL NOT IN shop.persons
SELECT 'p1' IN (SELECT owner FROM shop.persons)
WITH who AS (SELECT * FROM shop.persons) SELECT * FROM who
SELECT * FROM view(SELECT * FROM shop.persons)
SELECT * FROM merge('shop', '^persons$')
SELECT * FROM merge('shop', 'named|persons')
SELECT * FROM `shop`.`person\\x73`
SELECT * FROM {db:Identifier}.{persons:Identifier}
SELECT ('p1', 'Ann') IN {db:Identifier}.{persons:Identifier}
SELECT * FROM shop.named
SELECT * FROM shop.named_again
SELECT n FROM shop.counted
SELECT * FROM shop.sold LEFT JOIN shop.named_again ON item = owner
DESCRIBE TABLE shop.persons
DESCRIBE TABLE {db:Identifier}.{persons:Identifier}
DESCRIBE (SELECT * FROM shop.persons)
SHOW CREATE TABLE shop.persons
SHOW CREATE TABLE {db:Identifier}.{persons:Identifier}
SHOW COLUMNS FROM persons FROM shop
SHOW INDEX FROM shop.persons
EXPLAIN SELECT * FROM shop.persons
SELECT * FROM system.processes
SELECT * FROM `system` . "stack_trace"
SELECT 1 IN system.parts
WITH system.parts AS p SELECT 1 IN p
SELECT * FROM system.disks
SELECT * FROM system.{parts:Identifier}
SELECT * FROM {system:Identifier}.{tables:Identifier}
SELECT data_paths FROM `sys\\x74em`.tables
SHOW PROCESSLIST
""".strip().splitlines()
NAMES = {f"param_{name}": name for name in ("sold", "persons", "system", "parts", "tables")} | {"param_db": "shop"}


@pytest.fixture(scope="module")
def analyst(embedded_clickhouse: EmbeddedClickHouse) -> Iterator[httpx.Client]:
    """A client as analyst, beside a table `shop.sold` with two rows."""
    server = embedded_clickhouse
    for sql in (
        "CREATE DATABASE IF NOT EXISTS shop",
        "CREATE OR REPLACE TABLE shop.sold (item String, n Int32, at DateTime) ENGINE = MergeTree ORDER BY item",
        "INSERT INTO shop.sold VALUES ('x', 1, now()), ('y', 2, now())",
        "CREATE OR REPLACE TABLE shop.persons (owner String, person String) ENGINE = MergeTree ORDER BY owner",
        "INSERT INTO shop.persons VALUES ('p1', 'Ann')",
        "CREATE OR REPLACE VIEW shop.named AS SELECT * FROM shop.persons",
        "CREATE OR REPLACE VIEW shop.named_again AS SELECT * FROM shop.named",
        "CREATE OR REPLACE VIEW shop.counted AS SELECT count() AS n FROM shop.persons",
    ):
        assert httpx.post(server.url, content=sql, auth=(server.user, server.password)).status_code == 200
    with httpx.Client(base_url=server.url, auth=(server.analyst, server.analyst_password), timeout=30) as client:
        yield client


def written_out(sql: str, outfile: Path) -> str:
    return sql.replace("{outfile}", str(outfile)).replace("{newline}", "\n")


@pytest.mark.parametrize("sql", ALLOWED)
def test_analysts_may_ask(analyst: httpx.Client, sql: str) -> None:
    response = analyst.post("/", params=NAMES, content=sql)
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("sql", REFUSED)
def test_every_way_out_is_shut(analyst: httpx.Client, sql: str, tmp_path: Path) -> None:
    outfile = tmp_path / "out"
    parameters = {"param_table": "/etc/passwd", "param_function": "file"}
    response = analyst.post("/", params=parameters | NAMES, content=written_out(sql, outfile))
    assert response.status_code != 200
    assert response.headers["x-clickhouse-exception-code"] in ("62", "164", "358", "497")
    assert "root:" not in response.text
    assert "Ann" not in response.text
    assert not outfile.exists()
    assert analyst.post("/", content="SELECT count() FROM shop.sold").text == "2\n"


def test_no_table_function_but_those_that_make_rows_of_nothing_is_let_through(analyst: httpx.Client) -> None:
    """Also one that a later version of the engine brings is refused until somebody lists it."""
    names = analyst.post("/", content="SELECT name FROM system.table_functions FORMAT TSV").text.split()
    assert {"file", "url", "s3", "mysql", "remote", "executable"} <= set(names)
    codes = {
        name: analyst.post("/", content=f"SELECT * FROM {name}('/etc/passwd')").headers["x-clickhouse-exception-code"]
        for name in names
        if name.lower() not in _TABLE_FUNCTIONS
    }
    assert {name: code for name, code in codes.items() if code != "497"} == {"viewIfPermitted": "62"}


def test_every_function_that_reaches_beyond_its_arguments_is_refused(analyst: httpx.Client) -> None:
    """By the engine's own categories, so that none is forgotten."""
    outside = ("Dictionary", "Embedded Dictionary", "Introspection", "Encryption", "Machine Learning", "AI")
    rows = analyst.post(
        "/", content="SELECT name, categories, is_aggregate FROM system.functions FORMAT TSV"
    ).text.splitlines()
    names = [
        name
        for name, categories, aggregate in (row.split("\t") for row in rows)
        if categories in outside and aggregate == "0"
    ]
    assert len(names) > 50
    for name in names:
        response = analyst.post("/", content=f"SELECT `{name}`(1)")
        assert response.headers["x-clickhouse-exception-code"] == "497", name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("readonly", "0"),
        ("allow_ddl", "1"),
        ("dialect", "kusto"),
        ("format_schema", "/etc/passwd"),
        ("output_format_schema", "/never"),
        ("format_template_resultset", "/etc/passwd"),
        ("log_comment", "of another"),
        ("allow_introspection_functions", "1"),
        ("implicit_select", "1"),
    ],
)
def test_settings_that_widen_rights_are_refused(analyst: httpx.Client, name: str, value: str) -> None:
    response = analyst.post("/", params={name: value}, content="SELECT 1")
    assert response.headers["x-clickhouse-exception-code"] == "164"


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        ("max_execution_time", "7", ("0", "0.0000001", "301", "1e9", "-1", "inf", "")),
        ("max_memory_usage", "1000000000", ("0", str(4 * 1024**3 + 1), "100000000000000", "4Ti")),
    ],
)
def test_no_limit_is_lifted(analyst: httpx.Client, name: str, taken: str, refused: tuple[str, ...]) -> None:
    for value in refused:
        response = analyst.post("/", params={name: value}, content=f"SELECT getSetting('{name}')")
        assert response.headers["x-clickhouse-exception-code"] == "452", value
        assert "from 1 to" in response.text
    assert analyst.post("/", params={name: taken}, content=f"SELECT getSetting('{name}')").text == f"{taken}\n"


def test_the_database_of_a_request_opens_no_other_way(analyst: httpx.Client) -> None:
    for database, table in (("system", "tables"), ("system", "parts"), ("shop", "persons")):
        response = analyst.post("/", params={"database": database}, content=f"SELECT * FROM {table}")
        assert response.headers["x-clickhouse-exception-code"] == "497"


def test_where_tables_lie_on_the_disk_is_not_told(
    embedded_clickhouse: EmbeddedClickHouse, analyst: httpx.Client
) -> None:
    for table in ("tables", "databases"):
        rows = analyst.post("/", content=f"SELECT * FROM system.{table} FORMAT TSV").text
        assert "shop" in rows
        assert str(embedded_clickhouse.folder) not in rows


def test_harmless_settings_are_taken(analyst: httpx.Client) -> None:
    parameters = {"max_threads": "1", "max_execution_time": "5", "output_format_json_quote_64bit_integers": "1"}
    response = analyst.post("/", params=parameters, content="SELECT getSetting('max_threads'), 1 FORMAT JSONEachRow")
    assert response.status_code == 200


def test_an_analyst_sees_no_password_and_no_other_s_session(analyst: httpx.Client) -> None:
    for table in ("settings", "build_options"):
        text = analyst.post("/", content=f"SELECT * FROM system.{table} FORMAT TSV").text
        assert "ledger-password" not in text
    response = analyst.post("/", params={"session_id": "s1"}, content="SELECT 1")
    assert response.text == "1\n"
