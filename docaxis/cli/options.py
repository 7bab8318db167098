"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_CONFIG = Path("config.toml")

ConfigFile = Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration file.")]
SettingsFile = Annotated[Path, typer.Option("--settings", metavar="FILE", help="The endpoint's settings.")]
