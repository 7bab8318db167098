"""`docaxis hub serve`: one hub process."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Run the hub.", no_args_is_help=True)


@app.callback()
def hub() -> None:
    """Run the hub."""


@app.command()
def serve(
    config: Annotated[Path, typer.Option(help="The configuration file.")] = Path("config.toml"),
) -> None:
    """Serve until SIGTERM or Ctrl-C, then drain: take nothing new, finish what was taken.

    Example: docaxis hub serve --config config.toml
    """
    from docaxis.config import load_config
    from docaxis.wiring import serve as serve_hub

    serve_hub(load_config(config))
