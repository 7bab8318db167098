"""Sets the stage in a folder: a free place, broker, keys, registry, hub, agencies; and takes everything down again."""

import asyncio
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

from adapters.settings import BrokerSettings, EndpointSettings, HubSettings, SigningSettings
from docaxis.domain.calendar import VIETNAM
from docaxis.local.debian import Tell
from docaxis.local.demo.agencies import Agency
from docaxis.local.demo.cast import BY_BROWSER, PLAYERS, VISITOR, Player
from docaxis.local.demo.certificates import HUB, Certificates
from docaxis.local.demo.endpoints import Access, SecretsFile, provision, register, shipped_directory
from docaxis.local.demo.facts import count_runs
from docaxis.local.demo.files import toml_text, write_private
from docaxis.local.demo.ledger import Ledger
from docaxis.local.demo.people import settle
from docaxis.local.demo.place import free_place, from_thread, start_afresh
from docaxis.local.demo.served import Served
from docaxis.local.demo.targets import write_targets
from docaxis.local.ports import free_ports
from docaxis.local.rabbitmq import PrivateRabbitMQ
from docaxis.local.service import ServiceError
from docaxis.trust.anchors import TrustStore
from docaxis.trust.certificate import load_trust

_INLINE_LIMIT_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller asks for: the folder, and a broker and a store of his own (empty: private, SQLite)."""

    folder: Path
    downloads: Path
    broker_url: str = ""
    management_url: str = ""
    store_url: str = ""


class Stage:
    """An asynchronous context; after it no process and no port is left, and the folder makes the next run quick.

    Inside it the hub is ready; the pages are on their way, so who needs them awaits `web.ready()`.
    """

    def __init__(self, wanted: Wanted, ledger: Ledger, tell: Tell) -> None:
        self.folder, self._lock = free_place(wanted.folder.absolute())
        self.certificates = Certificates(self.folder)
        self.directory = shipped_directory()
        self.agencies: dict[str, Agency] = {}
        self.series = 0
        self._settings_of: dict[str, EndpointSettings] = {}
        self._trust: TrustStore | None = None
        self.http_port, self.metrics_port, self.web_port, self.web_metrics_port = free_ports(4)
        self.store_url = wanted.store_url or f"sqlite+aiosqlite:///{self.folder / 'docaxis.db'}"
        self.config = self.folder / "config.toml"
        logs = self.folder / "log"
        self.hub = Served("hub", self.folder / "hub", self.config, logs / "hub.jsonl", self.health_url)
        web_health = f"http://127.0.0.1:{self.web_metrics_port}"
        self.web = Served("web", self.folder / "web", self.config, logs / "web.jsonl", web_health)
        self.web_endpoints = self.folder / "web-endpoints"
        self._wanted = wanted
        self._ledger = ledger
        self._tell = tell
        self._broker: PrivateRabbitMQ | None = None
        self._starting: asyncio.Future[None] | None = None

    @property
    def health_url(self) -> str:
        """Return where `/readyz` and `/metrics` are."""
        return f"http://127.0.0.1:{self.metrics_port}"

    @property
    def blob_url(self) -> str:
        """Return where endpoints bring and fetch large octets."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def web_url(self) -> str:
        """Return where the pages are."""
        return f"http://localhost:{self.web_port}"

    async def __aenter__(self) -> Self:
        """Set everything up; raises ServiceError, and what broker and store say."""
        try:
            await self._set_up()
        except BaseException:
            await self._take_down()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take everything down."""
        await self._take_down()

    async def _set_up(self) -> None:
        for name in ("hub", "web", "log", "endpoints"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        # Inboxes of an earlier run would only confuse who looks around; the store keeps the whole history.
        shutil.rmtree(self.folder / "agencies", ignore_errors=True)
        if not self._wanted.broker_url:
            # The broker takes longest, so all that does not need it is done meanwhile.
            self._broker = PrivateRabbitMQ(
                self.folder / "rabbitmq", downloads=self._wanted.downloads, tell=from_thread(self._tell)
            )
            self._broker.amqp_url  # noqa: B018 - chooses the ports before two threads want to know them
            self._starting = asyncio.get_running_loop().run_in_executor(None, start_afresh, self._broker)
        await asyncio.to_thread(self.certificates.prepare)
        kept = SecretsFile(self.folder / "secrets.json")
        accesses = await register(self.store_url, kept, self.directory)
        await settle(self.store_url)
        self.series = await count_runs(self.store_url)
        broker_url, management_url = self._addresses()
        self._write_config(broker_url)
        await self._broker_starts()
        # The hub waits for its broker by itself; both together are up sooner than one after the other.
        self._tell("starting the hub and the pages")
        self.hub.start()
        self.web.start()
        if self._starting is not None:
            await asyncio.shield(self._starting)
        await provision(broker_url, management_url, accesses)
        self._tell(f"connecting {len(accesses)} agencies")
        await self._open_agencies(broker_url, accesses)
        await self.hub.ready()

    async def _broker_starts(self) -> None:
        """Return once the broker's process is there: the first time it is downloaded before."""
        if self._broker and self._starting:
            while not (self._broker.running or self._starting.done()):  # noqa: ASYNC110 - a process rings no bell
                await asyncio.sleep(0.05)

    def _addresses(self) -> tuple[str, str]:
        """Return broker and management address, both with user and password."""
        if self._broker is None:
            return self._wanted.broker_url, self._wanted.management_url
        parts = urlsplit(self._broker.management_url)
        login = f"{self._broker.user}:{quote(self._broker.password, safe='')}@{parts.netloc}"
        return self._broker.amqp_url, urlunsplit(parts._replace(netloc=login))

    def _write_config(self, broker_url: str) -> None:
        targets = self.folder / "targets.csv"
        write_targets(targets, datetime.now(VIETNAM).date())
        tables: dict[str, dict[str, Any]] = {
            "hub": {"name": "docaxis-demo", "state_dir": str(self.folder / "state")},
            "broker": {"url": broker_url},
            "store": {"url": self.store_url},
            "seal": dict(zip(("key_file", "certificate_file"), map(str, self.certificates.files(HUB)), strict=True)),
            "trust": {
                "anchors_dir": str(self.certificates.pki / "anchors"),
                "intermediates_dir": str(self.certificates.pki / "intermediates"),
                "crls_dir": str(self.certificates.pki / "crls"),
                "refresh_s": 2,
            },
            "limits": {"inline_limit_bytes": _INLINE_LIMIT_BYTES},
            # What waits for a missing attachment is looked at every second here, every minute in life.
            "intake": {"deferred_retry_s": 1, "sweep_interval_s": 0.5},
            # A timed dispatch is late after three seconds here, after half an hour in life; of so short a time a busy
            # machine takes a good share, and the addressee's delay stays the addressee's all the same.
            "deadlines": {"immediate_timed_minutes": 0.05, "hub_away_share": 1.0},
            "http": {"port": self.http_port, "metrics_port": self.metrics_port},
            "web": {
                "port": self.web_port,
                "metrics_port": self.web_metrics_port,
                "endpoints_dir": str(self.web_endpoints),
                "targets_file": str(targets),
                "test_data": True,
                "unsafe_demo_sign_in": True,
            },
        }
        write_private(self.config, toml_text(tables))

    async def _open_agencies(self, broker_url: str, accesses: dict[str, Access]) -> None:
        trust = await asyncio.to_thread(
            load_trust, self.certificates.pki / "anchors", None, self.certificates.pki / "crls"
        )
        senders = {player.endpoint: player.organ_id for player in reversed(PLAYERS)}
        for access in accesses.values():
            organ_id = senders.get(access.endpoint, "")
            settings = self._settings(broker_url, access, organ_id)
            if access.endpoint == VISITOR.endpoint:
                self._write_endpoint(self.folder / "endpoints", access, VISITOR, broker_url)
            if access.endpoint == BY_BROWSER.endpoint:
                self._write_endpoint(self.web_endpoints, access, BY_BROWSER, broker_url)
                continue
            self._settings_of[access.endpoint] = settings
            self._trust = trust
            self._begin(access.endpoint)
        listening = [self.agencies[endpoint] for endpoint in senders]
        async with asyncio.timeout(30):
            while not all([await agency.listens() for agency in listening]):  # noqa: ASYNC110 - the broker is asked
                await asyncio.sleep(0.05)

    def _begin(self, endpoint: str) -> Agency:
        settings = self._settings_of[endpoint]
        agency = self.agencies[endpoint] = Agency(settings, self._ledger, self._trust if settings.signing else None)
        agency.open(sends=settings.signing is not None)
        return agency

    async def close_agency(self, endpoint: str) -> None:
        """Switch a system off: what is sent to it stands in its inbox."""
        await self.agencies[endpoint].close()

    async def open_agency(self, endpoint: str) -> None:
        """Switch it on again, with the journal that it had."""
        self._begin(endpoint)

    def _settings(self, broker_url: str, access: Access, organ_id: str) -> EndpointSettings:
        login = f"{access.endpoint}:{quote(access.password, safe='')}"
        state = self.folder / "agencies" / access.endpoint
        return EndpointSettings(
            access.endpoint,
            access.queue_token,
            BrokerSettings(as_user(broker_url, login)),
            HubSettings(self.blob_url, self.certificates.identity(HUB).chain[:1], access.token),
            SigningSettings(organ_id, *self.certificates.files(organ_id)) if organ_id else None,
            state if organ_id else None,
        )

    def _write_endpoint(self, place: Path, access: Access, player: Player, broker_url: str) -> None:
        """Write an endpoint.toml, with which `docaxis send` or the pages speak for it while the demonstration runs."""
        folder = place / access.endpoint
        folder.mkdir(parents=True, exist_ok=True)
        write_private(folder / "password", access.password + "\n")
        write_private(folder / "token", access.token + "\n")
        key, certificate = self.certificates.files(player.organ_id)
        tables = {
            "endpoint": {"id": access.endpoint, "queue_token": access.queue_token},
            "broker": {"url": as_user(broker_url, access.endpoint), "password_file": "password"},
            "hub": {
                "url": self.blob_url,
                "certificate_file": str(self.certificates.files(HUB)[1]),
                "token_file": "token",
            },
            "signing": {"organ_id": player.organ_id, "key_file": str(key), "certificate_file": str(certificate)},
            "state": {"dir": "state"},
        }
        write_private(folder / "endpoint.toml", toml_text(tables))

    async def _take_down(self) -> None:
        """End agencies, hub and broker, in this order; once begun it is finished, whatever signals come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await asyncio.gather(*(agency.close() for agency in self.agencies.values()), return_exceptions=True)
        await asyncio.gather(asyncio.to_thread(self.web.stop), asyncio.to_thread(self.hub.stop))
        if self._broker is not None:
            # All that counts is on the disk by now. SIGKILL saves the six seconds that the management plugin takes.
            await asyncio.to_thread(self._broker.kill)
            if self._starting is not None:
                with suppress(ServiceError, OSError):
                    await self._starting
                await asyncio.to_thread(self._broker.kill)
        os.close(self._lock)


def as_user(broker_url: str, login: str) -> str:
    """Return an AMQP address with another user, or `user:password`."""
    parts = urlsplit(broker_url)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))
