"""What signing in and accounts stand on."""

from datetime import timedelta

import structlog
from aiohttp import web

from docaxis.backends.people.accounts import SqlAccounts
from docaxis.backends.people.changes import SqlPeopleChanges
from docaxis.backends.people.oidc import OidcClient
from docaxis.backends.people.passkeys import SqlPasskeys
from docaxis.backends.people.passwords import Passwords
from docaxis.backends.people.provider import Provider
from docaxis.backends.people.reading import PeopleReading
from docaxis.backends.people.sessions import SqlSessions
from docaxis.hub.rounds import again_and_again
from docaxis.web.people.ports import ACCOUNTS, CHANGES, PASSKEYS, PROVIDER, RULES, SESSIONS, SignInRules
from docaxis.web.people.sign_in import TRIES
from docaxis.web.people.tries import Tries
from docaxis.wiring.parts import Parts
from docaxis.wiring.start import background

log = structlog.get_logger(__name__)

DEMO_LOGINS = ("van-thu-bo", "van-thu-xa", "kiem-tra", "van-hanh", "quan-tri")
"""Whom the demonstration lets anybody be: clerks of a ministry and of a commune, auditor, operator, administrator."""
_FORGET_EVERY_S = 600.0
_READERS = 4


async def put_people(app: web.Application, parts: Parts) -> None:
    """Put the ports of the area in; sessions that are over are deleted every few minutes."""
    section = parts.config.web
    reading = PeopleReading(parts.url, _READERS)
    parts.stack.push_async_callback(reading.close)
    sessions = SqlSessions(parts.database, reading)
    rules = SignInRules(
        key=parts.key,
        idle=timedelta(minutes=section.idle_minutes),
        longest=timedelta(hours=section.session_hours),
        proxy_hops=section.proxy_hops,
        demo_logins=DEMO_LOGINS if section.unsafe_demo_sign_in and section.test_data else (),
    )
    if rules.demo_logins:
        log.warning("ANYBODY MAY SIGN IN WITHOUT A PASSWORD: web.unsafe_demo_sign_in is on", logins=rules.demo_logins)
    app[SESSIONS] = sessions
    app[ACCOUNTS] = SqlAccounts(parts.database, reading, Passwords())
    app[PASSKEYS] = SqlPasskeys(parts.database, reading)
    app[CHANGES] = SqlPeopleChanges(parts.database)
    app[RULES] = rules
    app[TRIES] = Tries()
    if parts.config.oidc.issuer:
        provider = Provider(parts.config.oidc)
        parts.stack.push_async_callback(provider.close)
        app[PROVIDER] = OidcClient(provider, parts.config.oidc.login_claim)

    async def forget() -> None:
        await sessions.forget(parts.clock(), rules.idle)

    said = "sessions that are over not deleted yet"
    await background(parts.stack, again_and_again(forget, _FORGET_EVERY_S, log, waits=said, failed=said))
