"""The verb `clickhouse`: the embedded ClickHouse server, by itself."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from jobs.output import note
from pipeline.errors import LocalStackUnusable
from pipeline.local.home import StackHome
from pipeline.local.ports import LOOPBACK
from pipeline.settings import Settings, load_settings

app = typer.Typer(add_completion=False)

USUAL_PORT = 8123

FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Where it keeps its data; default HOME/clickhouse.")
]
HostOption = Annotated[str, typer.Option("--host", help="The address it listens on.")]
PortOption = Annotated[
    int | None, typer.Option("--port", min=1, max=65535, help="Default: that of CLICKHOUSE_URL, else 8123.")
]


@app.command()
def clickhouse(folder: FolderOption = None, host: HostOption = LOOPBACK, port: PortOption = None) -> None:
    """Serve ClickHouse's HTTP interface until SIGTERM.

    The users are `ledger`, who writes, and `analyst`, who reads; passwords come from CLICKHOUSE_PASSWORD and
    CLICKHOUSE_ANALYST_PASSWORD, else from the home's secrets.json, where they are generated at first use.
    """
    try:
        from pipeline.local.clickhouse import User, serve  # noqa: PLC0415  chDB takes long to load: not for --help
    except ImportError as error:
        message = "The embedded ClickHouse needs the extra `local`: pip install 'scanledger[local]'."
        raise LocalStackUnusable(message) from error
    settings = _with_passwords(load_settings())
    users = {
        settings.clickhouse_user: User(settings.clickhouse_password.get_secret_value()),
        settings.clickhouse_analyst_user: User(
            settings.clickhouse_analyst_password.get_secret_value(), is_readonly=True
        ),
    }
    data = folder or settings.home / "clickhouse"
    chosen = port or urlsplit(settings.clickhouse_url).port or USUAL_PORT
    note(f"ClickHouse on http://{host}:{chosen}, data in {data}")
    serve(data, host, chosen, users)


def _with_passwords(settings: Settings) -> Settings:
    if settings.clickhouse_password.get_secret_value() and settings.clickhouse_analyst_password.get_secret_value():
        return settings
    home = StackHome(settings.home)
    home.create()
    home.passwords()
    return load_settings()
