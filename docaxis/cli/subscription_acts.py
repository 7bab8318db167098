"""What `docaxis subscription` does on the configured database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from docaxis.backends import migrate
from docaxis.backends.database import Database
from docaxis.backends.subscriptions import SqlSubscriptions
from docaxis.backends.webhook_address import problem_of
from docaxis.cli.database import check_file, opened_registry, read_config
from docaxis.cli.output import hush_libraries, print_json, print_line, print_table, tell
from docaxis.cli.trouble import CommandError, ExitCode
from docaxis.config import Config, secret_url
from docaxis.hub.ids import new_id
from docaxis.hub.notifier import NotTaken
from docaxis.hub.subscription import Subscription, write_message
from docaxis.trust.jws import sign_detached
from docaxis.wiring.configured import broker_of, read_seal
from docaxis.wiring.notifying import carriers_of, webhook_settings


@asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[SqlSubscriptions]:
    url = secret_url(config.store.url, config.store.password_file)
    check_file(url)
    if await migrate.current(url) != migrate.head():
        raise CommandError("the schema is not up to date: `docaxis db upgrade` first")
    database = Database(url, pool_size=1)
    try:
        yield SqlSubscriptions(database)
    finally:
        await database.close()


async def add(config_file: Path, endpoint: str, url: str | None, *, from_start: bool) -> None:
    """Subscribe an endpoint, by AMQP where there is no address; print the id."""
    config = read_config(config_file)
    if url is not None and (problem := problem_of(url, webhook_settings(config))):
        raise CommandError(f"{url}: {problem}", ExitCode.REFUSED)
    async with opened_registry(config) as registry:
        if await registry.endpoint(endpoint) is None:
            raise CommandError(f"{endpoint}: no such endpoint", ExitCode.NOT_FOUND)
    async with _opened(config) as subscriptions:
        there, _ = await subscriptions.all()
        kind, url = ("webhook", url) if url is not None else ("amqp", "")
        if same := next((one for one in there if (one.endpoint, one.kind, one.url) == (endpoint, kind, url)), None):
            raise CommandError(f"{endpoint}: subscribed already, {same.subscription_id.hex}", ExitCode.REFUSED)
        now = datetime.now(UTC)
        added = await subscriptions.add(new_id(now), endpoint, kind, url, now, from_start=from_start)
    print_line(added.subscription_id.hex)
    tell(f"from entry {added.next_index} of the log; `docaxis subscription test` tries it")


async def show(config_file: Path, *, as_json: bool) -> None:
    """Print every subscription."""
    async with _opened(read_config(config_file)) as subscriptions:
        found, size = await subscriptions.all()
    if as_json:
        for one in found:
            print_json(_describe(one, size))
        return
    columns = ("id", "endpoint", "kind", "url", "behind", "failures", "failing since", "disabled", "last error")
    rows = [
        (
            one.subscription_id.hex, one.endpoint, one.kind, one.url, max(0, size - one.next_index), one.failures,
            _moment(one.failing_since) or "", _moment(one.disabled_at) or "", one.last_error,
        )
        for one in found
    ]  # fmt: skip
    print_table(columns, rows)


async def try_out(config_file: Path, named: str) -> None:
    """Send one message without changes; raises CommandError where it was not taken."""
    hush_libraries()
    config = read_config(config_file)
    async with _opened(config) as subscriptions:
        one = _find((await subscriptions.all())[0], named)
    async with opened_registry(config) as registry:
        endpoint = await registry.endpoint(one.endpoint)
    token = endpoint.queue_token if endpoint and not endpoint.disabled_at else None
    body = write_message(config.hub.name, one, (), one.told_index, datetime.now(UTC))
    async with AsyncExitStack() as stack:
        carriers = carriers_of(stack, config, broker_of(config), lambda _: token)
        try:
            await carriers[one.kind].deliver(one, body, sign_detached(body, read_seal(config)))
        except NotTaken as error:
            raise CommandError(f"not taken: {error}", ExitCode.UNAVAILABLE) from None
    tell("taken" if one.kind == "webhook" else "confirmed by the broker")


async def change(
    config_file: Path, named: str, verb: str, *, from_now: bool = False, from_index: int | None = None
) -> None:
    """Disable, enable (from a place in the log, perhaps) or remove a subscription."""
    async with _opened(read_config(config_file)) as subscriptions:
        found, size = await subscriptions.all()
        key = _find(found, named).subscription_id
        if from_index is not None and from_index > size:
            raise CommandError(f"the log has {size} entries", ExitCode.USAGE)
        if verb == "disable":
            await subscriptions.disable(key, datetime.now(UTC))
        elif verb == "enable":
            await subscriptions.enable(key, size if from_now else from_index)
        else:
            await subscriptions.remove(key)


def _find(found: Sequence[Subscription], named: str) -> Subscription:
    try:
        wanted = UUID(named).hex
    except ValueError:
        wanted = named.lower()
    matching = [one for one in found if one.subscription_id.hex.startswith(wanted)]
    if not wanted or len(matching) != 1:
        several = "several begin so" if matching else "no such subscription"
        raise CommandError(f"{named}: {several}", ExitCode.NOT_FOUND)
    return matching[0]


def _describe(one: Subscription, size: int) -> dict[str, object]:
    return {
        "id": one.subscription_id.hex,
        "endpoint": one.endpoint,
        "kind": one.kind,
        "url": one.url,
        "created_at": _moment(one.created_at),
        "next_index": one.next_index,
        "behind": max(0, size - one.next_index),
        "failures": one.failures,
        "failing_since": _moment(one.failing_since),
        "next_try_at": _moment(one.next_try_at),
        "disabled_at": _moment(one.disabled_at),
        "last_error": one.last_error,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
