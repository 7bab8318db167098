"""The listener for clients that show a certificate: it believes the registered certificates and no authority."""

import asyncio
import ssl
from contextlib import AsyncExitStack

import structlog
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from docaxis.api.v1.openapi import PREFIX
from docaxis.backends.machines.keys import SqlClientKeys
from docaxis.config import ApiSection, ConfigError
from docaxis.hub.ports import StoreUnavailable
from docaxis.web.metrics import METRICS, WebMetrics, count_requests
from docaxis.web.routing import PAGES
from docaxis.wiring.plain_runner import PlainRunner
from docaxis.wiring.start import SHUTDOWN_TIMEOUT_S, background

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0


async def listen_for_certificates(
    stack: AsyncExitStack, api: web.Application, section: ApiSection, keys: SqlClientKeys, metrics: WebMetrics
) -> int:
    """Serve the API until the stack is unwound and return the port; raises ConfigError, StoreUnavailable.

    A certificate that is registered while it runs is believed within seconds. One that is revoked is refused at its next
    request: TLS still lets it in, the API does not.
    """
    context = _context(section)
    believed = await _believe(context, keys, frozenset())
    app = web.Application(middlewares=[count_requests])
    app[METRICS], app[PAGES] = metrics, {}
    app.add_subapp(PREFIX, api)
    runner = PlainRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, section.tls_host, section.tls_port, ssl_context=context).start()
    except OSError as error:
        raise ConfigError(f"api: {section.tls_host}:{section.tls_port}: {error.strerror}") from None
    await background(stack, _keep_believing(context, keys, believed))
    port = int(runner.addresses[0][1])
    log.info("API started for clients with certificates", host=section.tls_host, port=port)
    return port


def _context(section: ApiSection) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Who comes with a signed token needs no certificate; who shows one must hold its key.
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_cert_chain(section.tls_certificate_file or "", section.tls_key_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"api.tls_certificate_file: {error}") from None
    return context


async def _keep_believing(context: ssl.SSLContext, keys: SqlClientKeys, believed: frozenset[str]) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            believed = await _believe(context, keys, believed)
        except StoreUnavailable as error:
            log.warning("registered certificates not read; the last ones stay", error=str(error))


async def _believe(context: ssl.SSLContext, keys: SqlClientKeys, believed: frozenset[str]) -> frozenset[str]:
    """Add the certificates that are registered now, each as an anchor for itself alone."""
    found = {one.key_id: one.public_key for one in await keys.certificates()}
    for key_id in sorted(found.keys() - believed):
        pem = x509.load_der_x509_certificate(found[key_id]).public_bytes(Encoding.PEM)
        context.load_verify_locations(cadata=pem.decode())
    return believed | found.keys()
