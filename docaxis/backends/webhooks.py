"""Changes by HTTPS: one POST a message, taken when the answer is 2xx."""

import ssl
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from docaxis import __version__
from docaxis.backends.webhook_address import GuardedResolver, WebhookSettings, problem_of
from docaxis.hub.notifier import NotTaken
from docaxis.hub.subscription import Subscription

SIGNATURE_HEADER = "Docaxis-Signature"
CONNECT_TIMEOUT_S = 5.0


class Webhooks:
    """Posts messages; each on a connection of its own, which is closed whatever the receiver says."""

    def __init__(self, settings: WebhookSettings) -> None:
        """Take the settings; nothing is opened before the first message. OSError, ssl.SSLError for a bad ca_file."""
        self._settings = settings
        self._tls = ssl.create_default_context()
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.ca_file:
            self._tls.load_verify_locations(settings.ca_file)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what is open."""
        await self.close()

    async def close(self) -> None:
        """Close what is open."""
        if self._session:
            await self._session.close()

    async def deliver(self, to: Subscription, body: bytes, signature: str) -> None:
        """Return when the receiver answered 2xx; raises NotTaken. What it answers besides is not read."""
        if problem := problem_of(to.url, self._settings):
            raise NotTaken(problem)
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature}
        try:
            # A redirect would lead where nobody has looked: it counts as a refusal.
            async with self._opened().post(URL(to.url), data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except TimeoutError:
            raise NotTaken("no answer in time") from None
        except aiohttp.ClientConnectorCertificateError as error:
            raise NotTaken(f"its certificate does not hold: {error.certificate_error}") from None
        except aiohttp.ClientConnectorError as error:
            raise NotTaken(error.os_error.strerror or type(error).__name__) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotTaken(type(error).__name__) from None
        if not 200 <= status < 300:  # noqa: PLR2004 - the class of answers that mean success
            raise NotTaken(f"HTTP {status}")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self._tls,
                    resolver=GuardedResolver(self._settings),
                    force_close=True,
                    use_dns_cache=False,
                    limit=0,
                ),
                timeout=aiohttp.ClientTimeout(total=self._settings.timeout_s, sock_connect=CONNECT_TIMEOUT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": f"docaxis/{__version__}"},
                auto_decompress=False,
            )
        return self._session
