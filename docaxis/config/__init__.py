"""The configuration: `config.toml` → a validated model; environment variables `DOCAXIS__SECTION__KEY` go before the file.

Every key, its unit and its default stand in `config.example.toml`; a test compares the two. Secrets come by file or by
environment only.
"""

from docaxis.config.hub import DeadlinesSection, RoutingSection, StoreSection
from docaxis.config.pages import ApiSection, OidcSection, WebSection
from docaxis.config.reading import ENVIRONMENT_PREFIX, Config, load_config
from docaxis.config.secrets import read_password, secret_url, with_password
from docaxis.config.section import ConfigError

__all__ = [
    "ENVIRONMENT_PREFIX",
    "ApiSection",
    "Config",
    "ConfigError",
    "DeadlinesSection",
    "OidcSection",
    "RoutingSection",
    "StoreSection",
    "WebSection",
    "load_config",
    "read_password",
    "secret_url",
    "with_password",
]
