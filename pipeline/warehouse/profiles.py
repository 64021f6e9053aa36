"""The three profiles of DDL: as written for one server, embedded or not, and rendered for a cluster.

The migrations are written for one server. On a cluster every table is two: `name_local`, replicated, holds the rows of
its shard; `name`, distributed, is what is asked and written. A unit lives on one shard: rows go by its key's hash.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

from pipeline.errors import SettingsWrong
from pipeline.warehouse.tokens import Token, tokens_of

Profile = Literal["embedded", "server", "cluster"]
_ON_CLUSTER: Final = " ON CLUSTER '{cluster}'"
_REPLICA: Final = "'/clickhouse/tables/{uuid}/{shard}', '{replica}'"
# By the columns a table has: the first that fits.
_SHARDING: Final = (
    (("item", "serial"), "kafkaMurmurHash(if(item = '', serial, concat(item, '/', serial)))"),
    (("key",), "kafkaMurmurHash(key)"),
    (("partition",), "partition"),
    (("owner",), "kafkaMurmurHash(owner)"),
)
_MERGE_TREE: Final = re.compile(r"(\w*MergeTree)(\s*\()?(\s*\))?")


def profile_named(name: str) -> Profile:
    """Return the profile of that name.

    Raises:
        SettingsWrong: There is none.
    """
    for profile in get_args(Profile):
        if profile == name:
            return profile  # type: ignore[no-any-return]
    message = f"CLICKHOUSE_PROFILE must be one of {', '.join(get_args(Profile))}, it is {name!r}."
    raise SettingsWrong(message)


def render(statement: str, profile: Profile) -> list[str]:
    """Return what to run for a statement under a profile."""
    if profile != "cluster":
        return [statement]
    found = _read(statement)
    if found is None:
        return [statement]
    if found.verb == "CREATE" and found.kind == "TABLE":
        return [_local_table(statement, found), _distributed_table(statement, found)]
    if found.kind == "TABLE" and not _is_view(found):
        local = f"{found.name}_local"
        return [_with_name(statement, found, local), _with_name(statement, found, found.name)]
    return [_with_name(statement, found, found.name)]


@dataclass(frozen=True, slots=True)
class _Definition:
    """What a DDL statement defines, and where its name stands."""

    verb: str
    kind: str
    name: str
    start: int
    end: int


def _read(statement: str) -> _Definition | None:
    tokens = list(tokens_of(statement.encode()))
    verb = tokens[0].text.decode().upper() if tokens else ""
    if verb not in ("CREATE", "DROP", "ALTER", "TRUNCATE"):
        return None
    at, kind = 1, ""
    while at < len(tokens) and tokens[at].is_word(
        *(
            "TABLE",
            "VIEW",
            "DATABASE",
            "DICTIONARY",
            "MATERIALIZED",
            "OR",
            "REPLACE",
            "TEMPORARY",
            "IF",
            "NOT",
            "EXISTS",
        )
    ):
        kind = tokens[at].text.decode().upper() if tokens[at].is_word("TABLE", "VIEW", "DATABASE") else kind
        at += 1
    last = at
    while last + 2 < len(tokens) and tokens[last + 1].is_sign("."):
        last += 2
    return _Definition(verb, kind, _text(statement, tokens[at], tokens[last]), tokens[at].start, tokens[last].end)


def _is_view(found: _Definition) -> bool:
    """Tell whether ALTER TABLE speaks of a view, that is of a name beginning with v_: it has no local half."""
    return found.verb == "ALTER" and found.name.rpartition(".")[2].startswith("v_")


def _text(statement: str, first: Token, last: Token) -> str:
    return statement.encode()[first.start : last.end].decode()


def _with_name(statement: str, found: _Definition, name: str) -> str:
    text = statement.encode()
    return (text[: found.start] + name.encode() + _ON_CLUSTER.encode() + text[found.end :]).decode()


def _local_table(statement: str, found: _Definition) -> str:
    renamed = _with_name(statement, found, f"{found.name}_local")
    head, engine, rest = _around_engine(renamed)

    def replicated(match: re.Match[str]) -> str:
        name, opening, closing = match.groups()
        end = ")" if not opening or closing else ", "
        return f"Replicated{name}({_REPLICA}{end}"

    return head + engine + _MERGE_TREE.sub(replicated, rest, count=1)


def _around_engine(statement: str) -> tuple[str, str, str]:
    text = statement.encode()
    for token in tokens_of(text):
        if token.is_word("ENGINE"):
            return text[: token.start].decode(), "ENGINE", text[token.end :].decode()
    return statement, "", ""


def _distributed_table(statement: str, found: _Definition) -> str:
    local = found.name.rpartition(".")[2] + "_local"
    words = {token.name for token in tokens_of(statement.encode(), found.end)}
    sharding = next((rule for columns, rule in _SHARDING if words.issuperset(columns)), "rand()")
    head = statement.encode()[: found.start].decode()
    return (
        f"{head}{found.name}{_ON_CLUSTER} AS {found.name}_local"
        f" ENGINE = Distributed('{{cluster}}', currentDatabase(), '{local}', {sharding})"
    )
