"""Tables that analysts do not read: who is behind a pseudonym, and what the process tells of itself and of others."""

from collections.abc import Sequence
from typing import Final

from pipeline.local.clickhouse.engine import Engine
from pipeline.local.clickhouse.failures import ACCESS_DENIED, QueryError
from pipeline.local.clickhouse.quoting import quoted

_PERSONS: Final = "persons"
_PERSONS_TOLD: Final = "Not enough privileges: the table persons may not be read. (ACCESS_DENIED)"
_THROWN: Final = 395
SYSTEM: Final = "system"
STANDING_FOR: Final = "scanledger_interface"
"""The database of the views that the interface itself puts in the place of system tables; see views.py."""
# What tools ask for to know the tables, the types and the functions; a table that a later version brings is not here.
_SYSTEM_TEXT: Final = """
    aggregate_function_combinators build_options clusters codecs collations columns completions constraints contributors
    current_roles data_skipping_index_types data_skipping_indices data_type_families database_engines databases
    dictionaries dictionary_layouts documentation enabled_roles formats functions keywords licenses macros
    merge_tree_settings numbers numbers_mt one primes privileges projections quota_usage settings settings_changes
    table_engines table_functions tables time_zones tokenizers unicode zeros zeros_mt
"""
_SYSTEM_TABLES: Final = frozenset(_SYSTEM_TEXT.split())


def is_of_persons(name: str) -> bool:
    """Tell whether a table's name is that of the persons behind pseudonyms, in whatever database."""
    return name.rpartition(".")[2] == _PERSONS


def is_of_process(name: str) -> bool:
    """Tell whether a table's name is that of a system table that no tool asks for, or of a view that stands for one."""
    *before, table = name.split(".")
    return STANDING_FOR in (*before, table) or (before[-1:] == [SYSTEM] and table not in _SYSTEM_TABLES)


def filters(engine: Engine) -> str:
    """Return the value of `additional_table_filters` that stops a read of persons by whatever view it comes."""
    rows: Sequence[Sequence[str]] = engine.rows(
        f"SELECT DISTINCT database FROM system.tables WHERE name = {quoted(_PERSONS)}"  # noqa: S608
    )
    stop = quoted(f"throwIf(1, {quoted(_PERSONS_TOLD)})")
    pairs = ", ".join(f"{quoted(f'{row[0]}.{_PERSONS}')}: {stop}" for row in rows)
    return f"{{{pairs}}}"


def said_plainly(failure: QueryError) -> QueryError:
    """Return what stopped a read of persons in the words of a name that is refused; any other failure as it is."""
    if failure.code == _THROWN and failure.message.startswith(_PERSONS_TOLD):
        return QueryError(ACCESS_DENIED, _PERSONS_TOLD)
    return failure
