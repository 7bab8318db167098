"""What the API for systems stands on, and its own listener for clients that show a certificate."""

from aiohttp import web

from adapters.lanes import lane_of_package
from docaxis.api.reference import PUBLIC_URL
from docaxis.api.v1.app import api_app
from docaxis.api.v1.openapi import PREFIX
from docaxis.api.v1.ports import ApiPorts, ApiSettings
from docaxis.backends.blobs import FolderBlobs
from docaxis.backends.engine import open_reader
from docaxis.backends.machines.answers import SqlAnswers
from docaxis.backends.machines.changes import MachineChanges
from docaxis.backends.machines.exchange import MachineExchange
from docaxis.backends.machines.figures import AgencyFigures
from docaxis.backends.machines.inbox import Inboxes
from docaxis.backends.machines.ingress import MachineIngress
from docaxis.backends.machines.keys import SqlClientKeys
from docaxis.backends.machines.sending import KeptSender
from docaxis.backends.machines.uploads import FolderUploads, MachineAttachments
from docaxis.backends.registry import Registry
from docaxis.web.metrics import METRICS
from docaxis.wiring.api_tls import listen_for_certificates
from docaxis.wiring.configured import broker_of
from docaxis.wiring.parts import Parts

TLS_PORT = web.AppKey("api_tls_port", int)
"""Where clients with certificates come, where there is such a listener."""
_NAME = "docaxis api"
_READERS = 2


async def put_api(app: web.Application, parts: Parts) -> None:
    """Mount the API beside the pages; raises ConfigError."""
    ports = await _ports(parts)
    app[PUBLIC_URL] = parts.site.public_url
    app.add_subapp(PREFIX, api_app(ports))
    if parts.config.api.tls_certificate_file is not None:
        app[TLS_PORT] = await listen_for_certificates(
            parts.stack, api_app(ports), parts.config.api, SqlClientKeys(parts.database), app[METRICS]
        )


async def _ports(parts: Parts) -> ApiPorts:
    config, database, stack = parts.config, parts.database, parts.stack
    blobs = FolderBlobs(config.hub.state_dir / "blobs")
    broker = broker_of(config)
    sender = KeptSender(broker, _NAME)
    stack.push_async_callback(sender.close)
    inboxes = Inboxes(broker, f"{_NAME} inboxes", database, lambda endpoint: parts.world.tokens().get(endpoint))
    stack.push_async_callback(inboxes.close)
    engine = open_reader(parts.url, _READERS)
    stack.push_async_callback(engine.dispose)
    figures = AgencyFigures(engine, Registry(database.engine), parts.site.directory, parts.clock)
    stack.push_async_callback(figures.close)
    return ApiPorts(
        hub=config.hub.name,
        public_url=parts.site.public_url,
        key=parts.key,
        now=parts.clock,
        directory=parts.site.directory,
        settings=ApiSettings(
            config.limits.package_bytes,
            config.limits.blob_bytes,
            config.api.requests_per_minute,
            config.api.upload_hours,
        ),
        keys=SqlClientKeys(database),
        lists=parts.clerk,
        exchange=await stack.enter_async_context(MachineExchange(parts.url)),
        answers=SqlAnswers(database),
        ingress=MachineIngress(sender, inboxes, database, blobs, lane_of_package, config.limits.inline_limit_bytes),
        changes=MachineChanges(database),
        statistics=figures,
        attachments=MachineAttachments(database, blobs),
        uploads=FolderUploads(database, blobs, config.hub.state_dir / "uploads"),
    )
