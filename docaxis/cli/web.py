"""`docaxis web serve`: one web process."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Run the pages.", no_args_is_help=True)


@app.callback()
def web() -> None:
    """Run the pages."""


@app.command()
def serve(
    config: Annotated[Path, typer.Option(help="The configuration file.")] = Path("config.toml"),
) -> None:
    """Serve the pages until SIGTERM or Ctrl-C, beside any number of hub processes on the same database.

    Example: docaxis web serve --config config.toml
    """
    from docaxis.config import load_config
    from docaxis.wiring.web import serve_web

    serve_web(load_config(config))
