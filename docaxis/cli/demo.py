"""`docaxis demo`: a whole exchange on a private broker, with everything that is set up for it."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    once: Annotated[bool, typer.Option("--once", help="End by itself; exit status 0: all as expected.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
    folder: Annotated[Path, typer.Option(help="Where everything is kept; delete it to begin anew.")] = Path("var/demo"),
    broker_url: Annotated[
        str,
        typer.Option(
            envvar="DOCAXIS__BROKER__URL",
            show_envvar=False,
            help="A RabbitMQ of your own (amqp://USER:PASSWORD@HOST/VHOST), best an empty vhost; else a private one.",
        ),
    ] = "",
    management_url: Annotated[
        str,
        typer.Option(
            envvar="DOCAXIS__BROKER__MANAGEMENT_URL",
            show_envvar=False,
            help="Its management API, with a user who may make users (http://USER:PASSWORD@HOST:15672).",
        ),
    ] = "",
    store_url: Annotated[str, typer.Option(help="A database of your own (postgresql://…); else SQLite.")] = "",
) -> None:
    """Play a whole exchange over real AMQP: the hub, 53 connected agencies, good and bad documents, and a comparison.

    Example: docaxis demo --once --json
    """
    from docaxis.local.demo.run import run_demo

    if broker_url and not management_url:
        raise typer.BadParameter("a broker of your own needs --management-url too, to make the agencies' users")
    downloads = folder.absolute().parent / "debian"
    code = run_demo(
        folder=folder,
        downloads=downloads,
        broker_url=broker_url,
        management_url=management_url,
        store_url=store_url,
        once=once,
        as_json=json,
    )
    raise typer.Exit(code)
