"""Addresses with the password that a file holds; secrets come by file or by environment only."""

from pathlib import Path
from urllib.parse import quote, urlunsplit

from pydantic import SecretStr

from docaxis.config.section import ConfigError
from docaxis.domain.urls import split_url


def secret_url(url: SecretStr, password_file: Path | None) -> str:
    """Return a URL with the password of password_file put in, where one is named; raises ConfigError."""
    return with_password(url.get_secret_value(), password_file)


def with_password(url: str, password_file: Path | None) -> str:
    """Return a plain URL with the password that password_file holds at this moment; raises ConfigError."""
    if password_file is None:
        return url
    password = read_password(password_file)
    parts = split_url(url)
    user = parts.username or "docaxis"
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}"))


def read_password(file: Path) -> str:
    """Return the password that a file holds, without the white space around it; raises ConfigError."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
