"""`docaxis db upgrade|current`: the schema of the audit store."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make and change the audit store's schema.", no_args_is_help=True)

ConfigFile = Annotated[Path, typer.Option(help="The configuration file.")]


@app.command()
def upgrade(config: ConfigFile = Path("config.toml")) -> None:
    """Run the migrations that are missing.

    Example: docaxis db upgrade --config config.toml
    """
    from docaxis.backends import migrate
    from docaxis.config import load_config, secret_url

    store = load_config(config).store
    url = secret_url(store.url, store.password_file)
    asyncio.run(migrate.upgrade(url))
    typer.echo(f"schema {asyncio.run(migrate.current(url))}")


@app.command()
def current(config: ConfigFile = Path("config.toml")) -> None:
    """Show the schema's revision and the newest one known.

    Example: docaxis db current --config config.toml
    """
    from docaxis.backends import migrate
    from docaxis.config import load_config, secret_url

    store = load_config(config).store
    typer.echo(f"{asyncio.run(migrate.current(secret_url(store.url, store.password_file)))} of {migrate.head()}")


@app.command()
def grant(
    writer: Annotated[str, typer.Option(help="The PostgreSQL role that hub processes log in as.")],
    reader: Annotated[str, typer.Option(help="The role that only reads: pages, statistics, auditors.")],
    config: ConfigFile = Path("config.toml"),
) -> None:
    """Grant two existing PostgreSQL roles what they need and no more; run as the schema's owner, after each upgrade.

    Example: docaxis db grant --writer docaxis_hub --reader docaxis_read --config owner.toml
    """
    from docaxis.backends import grants
    from docaxis.config import load_config, secret_url

    store = load_config(config).store
    asyncio.run(grants.grant(secret_url(store.url, store.password_file), writer, reader))
    typer.echo(f"granted: {writer} writes, {reader} reads")
