"""The operator's area of the pages: its ports over the open database, the broker and the files of the hub."""

from aiohttp import web

from docaxis.backends.operator.broker import BrokerLook, kind_of
from docaxis.backends.operator.certificates import CertificateEnds, Signers
from docaxis.backends.operator.configuration import shown
from docaxis.backends.operator.directory_acts import DirectoryActs
from docaxis.backends.operator.endpoints import Endpoints
from docaxis.backends.operator.figures import OperatorFigures
from docaxis.backends.operator.proposals import Proposals
from docaxis.backends.operator.quarantine import Quarantine
from docaxis.backends.operator.release import Ingress
from docaxis.backends.operator.sampler import Sampler
from docaxis.backends.registry import Registry
from docaxis.config import Config, secret_url
from docaxis.web.operator.ports import CONFIGURATION, DIRECTORY_ACTS, OPERATION, PROPOSALS, QUARANTINE
from docaxis.wiring.configured import broker_of, vhost_of
from docaxis.wiring.parts import Parts
from docaxis.wiring.start import background

_NAME = "docaxis web"


async def put_operator(app: web.Application, parts: Parts) -> None:
    """Put the ports in; the looking begins when the application does, and ends with the process."""
    config, stack, database = parts.config, parts.stack, parts.database
    broker = broker_of(config)
    directory = parts.world.snapshot.directory
    app[CONFIGURATION] = shown(config)
    app[DIRECTORY_ACTS] = DirectoryActs(database, (directory.levels, directory.branches), parts.clock)
    app[PROPOSALS] = Proposals(database, config.trust.anchors_dir, parts.clock)
    quarantine = Quarantine(parts.url, database, Ingress(broker, _NAME), parts.clock)
    app[QUARANTINE] = await stack.enter_async_context(quarantine)
    figures = await stack.enter_async_context(OperatorFigures(parts.url, pool_size=2))
    signers = await stack.enter_async_context(Signers(parts.url))
    trust = config.trust
    sampler = Sampler(
        broker=BrokerLook(broker, _NAME, _management_url(config), vhost_of(config)),
        broker_view=kind_of(broker.url),
        figures=figures,
        endpoints=Endpoints(Registry(database.engine), figures),
        certificates=CertificateEnds(
            config.seal.certificate_file, trust.anchors_dir, trust.intermediates_dir, trust.crls_dir
        ),
        signers=signers,
        folder=config.hub.state_dir,
        clock=parts.clock,
    )
    app[OPERATION] = sampler

    async def begin(_: web.Application) -> None:
        await background(stack, sampler.run())

    app.on_startup.append(begin)


def _management_url(config: Config) -> str | None:
    section = config.broker
    return secret_url(section.management_url, section.password_file) if section.management_url else None
