"""`docaxis subscription`: tell systems of every change, by webhook or on their control queue."""

import asyncio
from typing import Annotated

import typer

from docaxis.cli.options import DEFAULT_CONFIG, ConfigFile
from docaxis.cli.output import JsonOption

app = typer.Typer(no_args_is_help=True, help="Tell systems of every change.")

Named = Annotated[
    str, typer.Argument(metavar="ID", help="As `list` shows it; its beginning is enough.", show_default=False)
]


@app.command()
def add(
    endpoint: Annotated[str, typer.Argument(help="Whose documents it is told of.", show_default=False)],
    *,
    webhook: Annotated[str | None, typer.Option(metavar="URL", help="Post messages to this address.")] = None,
    amqp: Annotated[bool, typer.Option("--amqp", help="Put messages into the endpoint's control queue.")] = False,
    from_start: Annotated[
        bool, typer.Option("--from-start/--from-now", help="Begin with the first entry of the log, or with the next.")
    ] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Subscribe an endpoint to the changes of documents that it sent or received; prints the subscription's id.

    \b
    Examples:
      docaxis subscription add nghe-an --webhook https://van-ban.example/changes
      docaxis subscription add nghe-an --amqp --from-start
    """  # noqa: D301
    if (webhook is None) != amqp:
        raise typer.BadParameter("either --webhook URL or --amqp")
    from docaxis.cli import subscription_acts

    asyncio.run(subscription_acts.add(config, endpoint, webhook, from_start=from_start))


@app.command("list")
def list_subscriptions(*, config: ConfigFile = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List the subscriptions: how far each is behind the log, since when it fails and why.

    \b
    Example:
      docaxis subscription list --json
    """  # noqa: D301
    from docaxis.cli import subscription_acts

    asyncio.run(subscription_acts.show(config, as_json=as_json))


@app.command("test")
def try_out(subscription: Named, *, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Send a signed message without changes, once, and say what came of it; the subscription stays as it is.

    \b
    Example:
      docaxis subscription test 0199a3
    """  # noqa: D301
    from docaxis.cli import subscription_acts

    asyncio.run(subscription_acts.try_out(config, subscription))


@app.command()
def disable(subscription: Named, *, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Let a subscription rest where it stands.

    \b
    Example:
      docaxis subscription disable 0199a3
    """  # noqa: D301
    from docaxis.cli import subscription_acts

    asyncio.run(subscription_acts.change(config, subscription, "disable"))


@app.command()
def enable(
    subscription: Named,
    *,
    from_now: Annotated[bool, typer.Option("--from-now", help="Skip what it was not told of.")] = False,
    from_index: Annotated[
        int | None, typer.Option("--from", metavar="INDEX", min=0, help="Tell again from this entry of the log.")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Go on where a subscription stopped, or from another place in the log.

    \b
    Examples:
      docaxis subscription enable 0199a3
      docaxis subscription enable 0199a3 --from 120500
    """  # noqa: D301
    if from_now and from_index is not None:
        raise typer.BadParameter("either --from-now or --from INDEX")
    from docaxis.cli import subscription_acts

    asyncio.run(subscription_acts.change(config, subscription, "enable", from_now=from_now, from_index=from_index))


@app.command()
def remove(subscription: Named, *, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Forget a subscription.

    \b
    Example:
      docaxis subscription remove 0199a3
    """  # noqa: D301
    from docaxis.cli import subscription_acts

    asyncio.run(subscription_acts.change(config, subscription, "remove"))
