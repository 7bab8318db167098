"""A web endpoint as it lies on the server: one folder each, with its settings and the key that seals its packages.

`endpoints_dir/ID/endpoint.toml` is what every adapter has; its `[signing]` names key and certificate in the same folder.
"""

from dataclasses import dataclass, field
from pathlib import Path

import structlog

from adapters.sender_key import SenderKey, load_sender_key
from adapters.settings import EndpointSettings, SettingsError, read_settings

log = structlog.get_logger(__name__)

SETTINGS_FILE = "endpoint.toml"
KEY_FILE = "agency.key.pem"
REQUEST_FILE = "agency.csr.pem"
CERTIFICATE_FILE = "agency.cert.pem"


@dataclass(frozen=True, slots=True)
class WebEndpoint:
    """Settings and key of one agency's web endpoint; version changes with the files."""

    settings: EndpointSettings
    key: SenderKey = field(repr=False)
    state_dir: Path
    version: tuple[int, ...]

    @property
    def organ_id(self) -> str:
        """Return the agency that it sends for."""
        return self.key.organ_id


def read_endpoint(folder: Path) -> WebEndpoint:
    """Read a web endpoint's folder; raises SettingsError, also while its certificate is not installed yet."""
    version = version_of(folder)
    settings = read_settings(folder / SETTINGS_FILE)
    if settings.signing is None:
        raise SettingsError(f"{folder / SETTINGS_FILE}: [signing]: missing")
    state_dir = settings.state_dir or folder / "state"
    return WebEndpoint(settings, load_sender_key(settings.signing), state_dir, version)


def version_of(folder: Path) -> tuple[int, ...]:
    """Return when each file of a folder was written, so that a new certificate is seen."""
    names = (SETTINGS_FILE, KEY_FILE, CERTIFICATE_FILE)
    return tuple(file.stat().st_mtime_ns if (file := folder / name).exists() else 0 for name in names)


def folders(endpoints_dir: Path) -> tuple[Path, ...]:
    """Return the folders of all web endpoints by name, whether they can be used yet or not."""
    if not endpoints_dir.is_dir():
        return ()
    return tuple(sorted(one for one in endpoints_dir.iterdir() if (one / SETTINGS_FILE).is_file()))


class Shelf:
    """All web endpoints of a folder, read again where their files have changed; one that cannot be read is told once."""

    def __init__(self, endpoints_dir: Path) -> None:
        """Take the folder; nothing is read yet."""
        self._folder = endpoints_dir
        self._read: dict[Path, WebEndpoint] = {}
        self._told: dict[Path, str] = {}

    def read(self) -> dict[str, WebEndpoint]:
        """Return the usable web endpoints by agency; blocks for some file reads."""
        found: dict[Path, WebEndpoint] = {}
        try:
            there = folders(self._folder)
        except OSError as error:
            log.warning("folder of the web endpoints not read; the last ones stay", reason=error.strerror)
            there = tuple(self._read)
        for folder in there:
            held = self._read.get(folder)
            try:
                unchanged = held if held is not None and held.version == version_of(folder) else None
                found[folder] = unchanged or read_endpoint(folder)
                self._told.pop(folder, None)
            except (SettingsError, OSError) as error:
                if self._told.get(folder) != str(error):
                    log.warning("web endpoint not usable", folder=folder.name, reason=str(error))
                    self._told[folder] = str(error)
        self._read = found
        return {one.organ_id: one for one in found.values()}
