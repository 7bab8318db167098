"""What a table of the configuration is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MIB = 1024 * 1024

Count = Annotated[int, Field(gt=0)]
Minutes = Annotated[float, Field(gt=0, le=100_000)]
Port = Annotated[int, Field(ge=0, le=65535)]


class ConfigError(Exception):
    """The configuration cannot be used; the text names each key and what is wrong with it."""


class Section(BaseModel):
    """A table of the file; unknown keys are errors, since a misspelt key would silently do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
