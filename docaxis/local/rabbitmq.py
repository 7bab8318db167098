"""A private RabbitMQ node in a folder: Debian's packages, loopback only, no root, gone when this process is gone."""

import http.client
import json
import os
import signal
import subprocess
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from docaxis.local.amqp_login import amqp_login_works
from docaxis.local.debian import Tell, fetch, silent
from docaxis.local.ports import free_ports
from docaxis.local.service import Service, ServiceError, kept_secret, tail

_ERL_PATCH = ("ROOTDIR=/usr/lib/erlang\n", 'ROOTDIR="${DOCAXIS_ERLANG:-/usr/lib/erlang}"\n')
# No busy waiting of idle schedulers (two cores are shared with the hub), distribution on loopback only.
_ERL_ARGUMENTS = "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
_STOP_AFTER_S = 15.0


def find_rabbitmq(downloads: Path, tell: Tell = silent) -> Path:
    """Give the root folder that holds usr/lib/rabbitmq: the system's, else one fetched under `downloads`."""
    if any(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server")):
        return Path("/")
    root = fetch(downloads, "rabbitmq", ["rabbitmq-server"], r"rabbitmq-server|erlang-(?!.*hipe)[a-z0-9-]+", tell).root
    # Debian's erl has its root folder written in, and ERL_ROOTDIR does nothing there.
    for script in [root / "usr/lib/erlang/bin/erl", *root.glob("usr/lib/erlang/erts-*/bin/erl")]:
        text = script.read_text(encoding="utf-8")
        if _ERL_PATCH[0] in text:
            patched = script.with_name(f"erl.{os.getpid()}")
            patched.write_text(text.replace(*_ERL_PATCH), encoding="utf-8")
            patched.chmod(0o755)
            patched.rename(script)
    return root


class PrivateRabbitMQ:
    """One RabbitMQ node with its data, log and password under `folder`, with quorum queues and the management API."""

    def __init__(
        self,
        folder: Path = Path("var/rabbitmq"),
        *,
        downloads: Path = Path("var/debian"),
        settings: Mapping[str, str] | None = None,
        advanced_config: str = "[].",
        tell: Tell = silent,
    ) -> None:
        """Name the node's place; `settings` go into rabbitmq.conf, `advanced_config` is advanced.config."""
        self.folder = folder.absolute()
        self.downloads = downloads.absolute()
        self.settings = dict(settings or {})
        self.advanced_config = advanced_config
        self.user = "docaxis"
        self.node_name = "docaxis@localhost"
        self._tell = tell
        self._service = Service(self.folder)
        self._ports: list[int] = []
        self._password = ""

    @property
    def password(self) -> str:
        """The administrator's password, made once and kept in the folder."""
        if not self._password:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._password = kept_secret(self.folder / "password")
        return self._password

    @property
    def amqp_port(self) -> int:
        """The loopback port of AMQP; the same for the life of this object, restarts included."""
        return self._all_ports()[0]

    @property
    def management_port(self) -> int:
        """The loopback port of the management API; the same for the life of this object."""
        return self._all_ports()[1]

    @property
    def epmd_port(self) -> int:
        """The loopback port of Erlang's port mapper, by which other Erlang programs find the node."""
        return self._all_ports()[2]

    @property
    def amqp_url(self) -> str:
        """The administrator's AMQP address on the default vhost."""
        return self.amqp_url_of("/")

    @property
    def management_url(self) -> str:
        """The management API's address, without user and password and without a slash at the end."""
        return f"http://127.0.0.1:{self.management_port}"

    @property
    def running(self) -> bool:
        """Whether the node's processes are there."""
        return self._service.running

    def amqp_url_of(self, vhost: str, user: str = "", password: str = "") -> str:
        """Give the AMQP address of a vhost, for the administrator or another user."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}" if user else f"{self.user}:{self.password}"
        return f"amqp://{login}@127.0.0.1:{self.amqp_port}/{quote(vhost, safe='')}"

    def start(self, timeout_s: float = 90.0) -> None:
        """Start the node and return once AMQP takes the login and the management API answers; raises `ServiceError`."""
        if self.running:
            return
        root = find_rabbitmq(self.downloads, self._tell)
        for part in ("home", "mnesia", "log", "config"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        (self.folder / "home").chmod(0o700)  # the Erlang cookie is in it
        # erl and the disk monitor break on a space or a diacritic in any path, so they see ASCII symlinks only.
        scratch = self._service.make_scratch({"node": self.folder, "root": root})
        self._write_config()
        self._tell("starting the private RabbitMQ")
        node = scratch / "node"
        server = max((scratch / "root/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
        self._service.start(
            ["/bin/sh", str(server)],
            self._environment(scratch / "root", node),
            console=self.folder / "log/console.log",
            stop_signal=signal.SIGTERM,
            stop_name="beam.smp",
            stop_after_s=_STOP_AFTER_S,
        )
        self._await_ready(timeout_s)

    def stop(self) -> None:
        """Stop the node in order, by force after 15 s; nothing of it is left."""
        self._service.stop()

    def kill(self) -> None:
        """End the node by SIGKILL, as a power cut would; `start` brings it back with its durable data.

        A quorum queue declared less than a second before stays without a leader for ever: RabbitMQ 3.10 saves its
        directory of such queues every 500 ms only.
        """
        self._service.kill()

    def restart(self) -> None:
        """Stop and start on the same ports with the same data."""
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

    def management(self, method: str, path: str, body: object = None) -> object:
        """Ask the management API as administrator and give its JSON answer; `path` begins with /api.

        Raises `ServiceError` for an answer of 400 or above, `OSError` when nobody answers.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.management_port, timeout=10)
        token = b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            message = f"{method} {path}: {answer.status} {data[:200].decode(errors='replace')}"
            raise ServiceError(message)
        return json.loads(data) if data else None

    def create_vhost(self, name: str) -> str:
        """Make a vhost that the administrator may use and give its AMQP address."""
        self.management("PUT", f"/api/vhosts/{quote(name, safe='')}", {})
        rights = {"configure": ".*", "write": ".*", "read": ".*"}
        self.management("PUT", f"/api/permissions/{quote(name, safe='')}/{self.user}", rights)
        return self.amqp_url_of(name)

    def delete_vhost(self, name: str) -> None:
        """Delete a vhost with its queues."""
        self.management("DELETE", f"/api/vhosts/{quote(name, safe='')}")

    def evaluate(self, erlang: str) -> str:
        """Evaluate an Erlang expression on the running node, as `rabbitmqctl eval` does; raises `ServiceError`."""
        program = find_rabbitmq(self.downloads, self._tell) / "usr/lib/erlang/bin/erl_call"
        environment = {"ERL_EPMD_PORT": str(self.epmd_port), "HOME": str(self.folder / "home")}
        argv = [str(program), "-sname", self.node_name, "-e"]
        done = subprocess.run(
            argv, input=f"{erlang}.\n", env=environment, text=True, capture_output=True, timeout=20, check=False
        )
        if done.returncode or not done.stdout.startswith("{ok, "):
            message = f"{erlang}: {done.stdout}{done.stderr}"
            raise ServiceError(message)
        return done.stdout.strip().removeprefix("{ok, ").removesuffix("}")

    def _all_ports(self) -> list[int]:
        if not self._ports:
            self._ports = free_ports(4)
        return self._ports

    def _write_config(self) -> None:
        amqp, management, _, _ = self._all_ports()
        settings = {
            "listeners.tcp.1": f"127.0.0.1:{amqp}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": str(management),
            "default_user": self.user,
            "default_pass": self.password,
            "disk_free_limit.absolute": "50MB",
            "raft.wal_max_size_bytes": str(64 * 1024 * 1024),  # the default, 512 MiB, is held in memory too
            "log.console": "false",
        } | self.settings
        config = self.folder / "rabbitmq.conf"
        config.touch(mode=0o600)
        config.write_text("".join(f"{key} = {value}\n" for key, value in settings.items()), encoding="utf-8")
        (self.folder / "advanced.config").write_text(self.advanced_config + "\n", encoding="utf-8")
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n", encoding="ascii")

    def _environment(self, root: Path, node: Path) -> dict[str, str]:
        distribution = self._all_ports()[3]
        libraries = (
            ":".join(str(folder) for folder in root.glob("usr/lib/*-linux-gnu*")) if root.resolve() != Path("/") else ""
        )
        return {
            "HOME": f"{node}/home",
            "LANG": "C.UTF-8",
            "PATH": f"{root}/usr/lib/erlang/bin:/usr/bin:/bin",
            "DOCAXIS_ERLANG": f"{root}/usr/lib/erlang",
            "RABBITMQ_NODENAME": self.node_name,
            "RABBITMQ_MNESIA_BASE": f"{node}/mnesia",
            "RABBITMQ_LOG_BASE": f"{node}/log",
            "RABBITMQ_CONFIG_FILE": f"{node}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{node}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{node}/enabled_plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{node}/none.conf",
            "RABBITMQ_PID_FILE": f"{node}/pid",
            "RABBITMQ_FEATURE_FLAGS_FILE": f"{node}/feature_flags",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{node}/config",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERL_ARGUMENTS,
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP": f"{node}/log/erl_crash.dump",
        } | ({"LD_LIBRARY_PATH": libraries} if libraries else {})

    def _await_ready(self, timeout_s: float) -> None:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            if not self.running:
                break
            with suppress(OSError, ServiceError, http.client.HTTPException):
                self.management("GET", "/api/whoami")
                if amqp_login_works(self.amqp_port, self.user, self.password):
                    return
            time.sleep(0.1)
        gone = "ended by itself" if not self.running else f"was not ready after {timeout_s:.0f} s"
        self.kill()
        said = tail(self.folder / "log/console.log") or tail(self.folder / f"log/{self.node_name}.log")
        message = f"the private RabbitMQ {gone}; its logs are in {self.folder / 'log'}\n{said}"
        raise ServiceError(message)
