"""A private PostgreSQL server in a folder: Debian's packages, loopback only, no root, gone with this process."""

import os
import pwd
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from docaxis.local.debian import Tell, fetch, silent
from docaxis.local.ports import free_ports
from docaxis.local.service import Service, ServiceError, kept_secret, tail

_USER = "docaxis"
_STOP_AFTER_S = 20.0
# What a desk may lose in a power cut, never in a crash of the server alone.
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def find_postgres(downloads: Path, tell: Tell = silent) -> tuple[Path, str]:
    """Give the folder of PostgreSQL's programs and the LD_LIBRARY_PATH they need: the system's, else fetched ones."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if system:
        return system[-1].parent, ""
    return fetch_postgres(downloads, tell)


def fetch_postgres(downloads: Path, tell: Tell = silent) -> tuple[Path, str]:
    """Fetch PostgreSQL even where the system has it."""
    wanted = r"postgresql-[0-9]+|postgresql-client-[0-9]+"
    tree = fetch(downloads, "postgresql", ["postgresql"], wanted, tell)
    return max(tree.root.glob("usr/lib/postgresql/*/bin")), tree.library_path()


class PrivatePostgres:
    """One PostgreSQL server with its data, log and password under `folder`."""

    def __init__(
        self,
        folder: Path = Path("var/postgres"),
        *,
        downloads: Path = Path("var/debian"),
        durable: bool = True,
        programs: tuple[Path, str] | None = None,
        tell: Tell = silent,
    ) -> None:
        """Name the server's place; not `durable`: nothing is synced; `programs` is what `find_postgres` gives."""
        self.folder = folder.absolute()
        self.downloads = downloads.absolute()
        self.durable = durable
        self._programs = programs
        self._tell = tell
        self.user = _USER
        self.within: Sequence[str] = ()
        """Words before the server's command, as `nsenter … --` to give it mounts of its own; for the next start."""
        self._service = Service(self.folder)
        self._port = 0
        self._password = ""

    @property
    def password(self) -> str:
        """The superuser's password, made once and kept in the folder."""
        if not self._password:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._password = kept_secret(self.folder / "password")
        return self._password

    @property
    def port(self) -> int:
        """The loopback port; the same for the life of this object, restarts included."""
        if not self._port:
            self._port = free_ports(1)[0]
        return self._port

    @property
    def dsn(self) -> str:
        """The SQLAlchemy address of the database `postgres`."""
        return self.dsn_of("postgres")

    @property
    def running(self) -> bool:
        """Whether the server's processes are there."""
        return self._service.running

    def dsn_of(self, database: str) -> str:
        """Give the SQLAlchemy address (asyncpg) of a database."""
        return f"postgresql+asyncpg://{_USER}:{self.password}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def start(self, timeout_s: float = 60.0) -> None:
        """Start the server (a new one in an empty folder), return once it takes queries; raises `ServiceError`."""
        if self.running:
            return
        programs, libraries = self._programs = self._programs or find_postgres(self.downloads, self._tell)
        data = self.folder / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        as_user = self._as_ordinary_user(programs)
        environment = self._environment(libraries)
        if not (data / "PG_VERSION").exists():
            self._make(programs, as_user, environment, data)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "jit": "off",  # its compiler is a hundred megabytes that no query here earns
        } | ({} if self.durable else _NOT_DURABLE)
        self._tell("starting the private PostgreSQL")
        self._service.start(
            [
                *as_user,
                str(programs / "postgres"),
                "-D",
                str(data),
                *(f"--{key}={value}" for key, value in settings.items()),
            ],
            environment,
            console=self.folder / "postgres.log",
            stop_signal=signal.SIGINT,  # "fast": sessions are ended, data is checkpointed
            stop_after_s=_STOP_AFTER_S,
        )
        self._await_ready(timeout_s)

    def stop(self) -> None:
        """Stop the server in order, by force after 20 s; nothing of it is left."""
        self._service.stop()

    def kill(self) -> None:
        """End the server by SIGKILL, as a power cut would; `start` recovers it."""
        self._service.kill()

    def restart(self) -> None:
        """Stop and start on the same port with the same data."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement as superuser, give psql's unaligned output; raises `ServiceError` in the server's words."""
        programs, libraries = self._programs or find_postgres(self.downloads, self._tell)
        login = ["-h", "127.0.0.1", "-p", str(self.port), "-U", _USER, "-d", database]
        done = subprocess.run(
            [str(programs / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *login, "-c", statement],
            env=self._environment(libraries) | {"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "5"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServiceError(done.stderr.strip())
        return done.stdout.strip()

    def create_database(self, name: str) -> str:
        """Make an empty database and give its SQLAlchemy address."""
        self.sql(f"CREATE DATABASE {_quoted(name)}")
        return self.dsn_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whatever is connected to it."""
        self.sql(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    def _as_ordinary_user(self, programs: Path) -> list[str]:
        """Give the prefix that makes the server run as somebody else than root, which it refuses to be."""
        if os.geteuid() != 0 and not self.within:
            return []
        as_somebody = [*self.within, "unshare", "--user", "--map-user=1000"]
        if subprocess.run([*as_somebody, "true"], capture_output=True, check=False).returncode == 0:
            return as_somebody
        # No user namespaces here (a chroot, a hardened kernel): become `nobody`, who must own the data and reach it.
        nobody = pwd.getpwnam("nobody")
        as_nobody = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        data = self.folder / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        for path in [data, *data.rglob("*")]:
            os.lchown(path, nobody.pw_uid, nobody.pw_gid)
        for needed in (data, programs / "postgres"):
            if (
                subprocess.run([*as_nobody, "test", "-r", str(needed)], capture_output=True, check=False).returncode
                != 0
            ):
                message = f"PostgreSQL refuses to be root, and `nobody` cannot reach {needed}: use an ordinary user"
                raise ServiceError(message)
        return as_nobody

    def _make(self, programs: Path, as_user: list[str], environment: dict[str, str], data: Path) -> None:
        self._tell("making the private PostgreSQL's data folder")
        # In a pipe's stead: whoever was root before may not open /dev/stdin again.
        handed_over = self.folder / "password.initdb"
        handed_over.unlink(missing_ok=True)
        handed_over.touch(mode=0o600)
        handed_over.write_text(self.password + "\n", encoding="ascii")
        if data.exists():
            os.chown(handed_over, data.stat().st_uid, data.stat().st_gid)
        login = ["--auth=scram-sha-256", f"--pwfile={handed_over}", f"--username={_USER}"]
        words = [*login, "--encoding=UTF8", "--locale=C.UTF-8", *([] if self.durable else ["--no-sync"])]
        done = subprocess.run(
            [*as_user, str(programs / "initdb"), "-D", str(data), *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        handed_over.unlink()
        if done.returncode != 0:
            message = f"initdb failed: {done.stderr.strip() or done.stdout.strip()}"
            raise ServiceError(message)

    def _environment(self, libraries: str) -> dict[str, str]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder),
            "TZ": "UTC",
        }
        return environment | ({"LD_LIBRARY_PATH": libraries} if libraries else {})

    def _await_ready(self, timeout_s: float) -> None:
        until = time.monotonic() + timeout_s
        said = ""
        while time.monotonic() < until and self.running:
            try:
                self.sql("SELECT 1")
            except ServiceError as error:
                said = str(error)
                time.sleep(0.05)
            else:
                return
        gone = f"was not ready after {timeout_s:.0f} s" if self.running else "ended by itself"
        self.kill()
        message = f"the private PostgreSQL {gone}: {said}\n{tail(self.folder / 'postgres.log')}"
        raise ServiceError(message)


def _quoted(name: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        message = f"not a plain database name: {name!r}"
        raise ValueError(message)
    return f'"{name}"'
