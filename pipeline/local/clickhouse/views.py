"""Views in the place of system tables that say other things in chDB than on a server, or too much."""

from typing import Final

from pipeline.local.clickhouse.quoting import quoted
from pipeline.local.clickhouse.safe_settings import SAFE_SETTINGS

# chDB gives every statement an id of its own and takes none: the client's id travels as the log comment.
CLIENT_QUERY_ID: Final = "if(Settings['log_comment'] = '', query_id, Settings['log_comment'])"
PROCESSES: Final = "scanledger_interface.processes"
# Clients ask which settings they may give before they give one.
ANALYST_SETTINGS: Final = "scanledger_interface.analyst_settings"
# Tools ask which tables there are; where these lie on the disk is told to nobody. The names end as the tables' do, so
# that a column may be named with its table's name.
ANALYST_VIEWS: Final = {
    "settings": ANALYST_SETTINGS,
    "tables": "scanledger_interface.tables",
    "databases": "scanledger_interface.databases",
}

_NOWHERE: Final = "'' AS metadata_path"
_MAY_CHANGE = f"match(name, {quoted(f'^({SAFE_SETTINGS.pattern})$')})"
VIEWS: Final = (
    "CREATE DATABASE IF NOT EXISTS scanledger_interface",
    f"CREATE OR REPLACE VIEW {PROCESSES} AS SELECT * REPLACE ({CLIENT_QUERY_ID} AS query_id) FROM system.processes",  # noqa: S608
    f"CREATE OR REPLACE VIEW {ANALYST_SETTINGS} AS "  # noqa: S608
    f"SELECT * REPLACE (if({_MAY_CHANGE}, 0, readonly) AS readonly) FROM system.settings",
    f"CREATE OR REPLACE VIEW {ANALYST_VIEWS['tables']} AS "  # noqa: S608
    f"SELECT * REPLACE (emptyArrayString() AS data_paths, {_NOWHERE}) FROM system.tables",
    f"CREATE OR REPLACE VIEW {ANALYST_VIEWS['databases']} AS "  # noqa: S608
    f"SELECT * REPLACE ('' AS data_path, {_NOWHERE}) FROM system.databases",
)
