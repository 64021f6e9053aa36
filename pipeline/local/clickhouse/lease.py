"""A connection for one statement, with its settings, database, parameters and rights; nothing of them stays behind."""

from chdb.state.sqlitelike import Connection

from pipeline.local.clickhouse.analyst import judge
from pipeline.local.clickhouse.engine import Engine
from pipeline.local.clickhouse.failures import QueryError, failed
from pipeline.local.clickhouse.questions import Question
from pipeline.local.clickhouse.quoting import quoted, quoted_name
from pipeline.local.clickhouse.safe_settings import ANALYST_LIMITS, refuse_unsafe
from pipeline.local.clickhouse.sessions import Sessions
from pipeline.local.clickhouse.withheld import filters


class Lease:
    """A connection from its preparation to its return: closed, or put back into a session as it was."""

    def __init__(self, engine: Engine, sessions: Sessions, user: str, question: Question) -> None:
        self._engine, self._sessions, self._user, self._question = engine, sessions, user, question
        self._session = question.parameters.session
        self._is_in_session = False
        self._kept: Connection | None = None
        self._restore: list[str] = []
        self.connection: Connection | None = None

    def open(self) -> Connection:
        """Return the connection, ready for the statement.

        Raises:
            QueryError: A setting, the database or a parameter is refused, or the user may not ask this.
        """
        if self._session is not None:
            self._kept = self._sessions.enter(self._user, self._session)
            self._is_in_session = True
            if self._kept is None and self._question.makes_state:
                self._kept = self._engine.connect()
        if self._question.is_analyst:
            judge(self._engine, self._question)
            refuse_unsafe(self._question.parameters.settings)
        self.connection = self._kept or self._engine.connect()
        if self._kept is not None:
            self._restore = self._how_to_restore(self._kept)
        for assignment in self._preparation():
            _run(self.connection, assignment)
        return self.connection

    def close(self) -> None:
        """Give the connection back; a second call does nothing."""
        if self.connection is not None and self._kept is None:
            self.connection.close()
        try:
            self._put_back()
        finally:
            if self._is_in_session and self._session is not None:
                self._sessions.leave(self._user, self._session, self._kept)
            self.connection, self._is_in_session, self._restore = None, False, []

    def _put_back(self) -> None:
        """Undo in a session's connection what was for this statement only; one that cannot be is given up."""
        if self._kept is None:
            return
        try:
            for statement in self._restore:
                _run(self._kept, statement)
        except QueryError:
            self._kept.close()
            self._kept = None

    def _preparation(self) -> list[str]:
        parameters = self._question.parameters
        settings = {**parameters.settings, "log_comment": parameters.query_id}
        if self._question.is_analyst:
            limits = {name: str(most) for name, most in ANALYST_LIMITS.items()}
            settings = {**limits, **settings, "additional_table_filters": filters(self._engine)}
        pairs = [f"{quoted_name(name)} = {quoted(value)}" for name, value in settings.items()]
        pairs += [f"{quoted_name('param_' + name)} = {quoted(value)}" for name, value in parameters.values.items()]
        statements = ["SET " + ", ".join(pairs)]
        if parameters.database:
            statements.append(f"USE {quoted_name(parameters.database)}")
        # The rights come last: nothing gives them back to the connection.
        if self._question.is_analyst:
            statements.append("SET readonly = 1")
        elif self._question.is_get and self._kept is None:
            statements.append("SET readonly = 2")
        return statements

    def _how_to_restore(self, connection: Connection) -> list[str]:
        names = ", ".join(quoted(name) for name in (*self._question.parameters.settings, "log_comment"))
        rows: str = connection.query(
            f"SELECT name, if(changed, concat('\\'', replaceAll(value, '\\'', '\\\\\\''), '\\''), 'DEFAULT')"  # noqa: S608
            f" FROM system.settings WHERE name IN ({names})",
            "TSVRaw",
        ).data()
        pairs = [line.split("\t") for line in rows.splitlines()]
        statements = ["SET " + ", ".join(f"{quoted_name(name)} = {value}" for name, value in pairs)]
        if self._question.parameters.database and self._question.statement.verb != "USE":
            current: str = connection.query("SELECT currentDatabase()", "TSVRaw").data()
            statements.append(f"USE {quoted_name(current.rstrip())}")
        return statements


def _run(connection: Connection, text: str) -> None:
    try:
        connection.query(text)
    except RuntimeError as error:
        raise failed(error) from error
