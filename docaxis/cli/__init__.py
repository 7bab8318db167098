"""The command line: one noun a file, loaded only when it is named, so that `docaxis --help` stays quick.

Data goes to standard output and talk to standard error. Exit codes: `docaxis/cli/trouble.py`.
"""

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from docaxis import __version__
from docaxis.cli.nouns import Noun, Nouns

Nouns.table = (
    Noun("demo", "docaxis.cli.demo:demo", "Play a whole exchange on a private broker, good and bad documents."),
    Noun("hub", "docaxis.cli.hub:app", "Run the hub."),
    Noun("web", "docaxis.cli.web:app", "Run the pages."),
    Noun("db", "docaxis.cli.db:app", "Make and change the audit store's schema."),
    Noun("package", "docaxis.cli.package:app", "Build, sign, show, unpack and verify packages; needs no hub."),
    Noun("send", "docaxis.cli.exchange:send", "Send packages as a connected endpoint."),
    Noun("inbox", "docaxis.cli.exchange:inbox", "Fetch what has arrived for an endpoint."),
    Noun("status", "docaxis.cli.status:app", "Report a status of a received document."),
    Noun("reply", "docaxis.cli.flows:reply", "Send the answer to a received document."),
    Noun("recall", "docaxis.cli.flows:recall", "Take a sent document back, from all addressees or from some."),
    Noun("update", "docaxis.cli.flows:update", "Send the update of a document: content, addressees or both."),
    Noun("replace", "docaxis.cli.flows:replace", "Send a document in the place of earlier ones."),
    Noun("receipts", "docaxis.cli.receipts:receipts", "Show who got a document, and what became of it."),
    Noun("documents", "docaxis.cli.clerk:documents", "Find documents: by words, by number, unfinished, refused."),
    Noun("overdue", "docaxis.cli.clerk:overdue", "List what is overdue and still not done."),
    Noun("stats", "docaxis.cli.stats:stats", "Show figures of the exchange, and where targets stand."),
    Noun("agency", "docaxis.cli.agency:app", "Import and look up agencies."),
    Noun("endpoint", "docaxis.cli.endpoint:app", "Connect systems of agencies to the hub."),
    Noun("subscription", "docaxis.cli.subscription:app", "Tell systems of every change."),
    Noun("person", "docaxis.cli.person:app", "Accounts of the pages."),
    Noun("route", "docaxis.cli.route:app", "Explain where a document would go, and why."),
    Noun("pki", "docaxis.cli.pki:app", "A certificate authority for development."),
)

app = typer.Typer(
    cls=Nouns,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""
    A hub for signed official documents: verify, route, deliver, prove.

    \b
    Examples:
      docaxis demo --once
      docaxis package verify letter.edxml --anchors certs/anchors --crls certs/crls
      docaxis route explain --from G22 --to LIST.PROVINCES
      docaxis receipts G22,2026/01/05,12/QĐ-TTg
    """,
    epilog="""\b
    Exit codes: 0 done, 1 failed, 2 wrong use, 3 not found, 4 verification failed, 5 refused by policy,
    69 broker or database unavailable, 75 cannot be told yet, 130 interrupted.
    """,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"docaxis {__version__}")
        raise typer.Exit


@app.callback()
def docaxis(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Take the options that stand before every noun."""


def main() -> None:
    """Run the command line of this process."""
    for stream in (sys.stdout, sys.stderr):
        # Whatever the locale says: a Vietnamese name must not end a command, nor a file name that is no UTF-8.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(prog_name="docaxis")
    except KeyboardInterrupt:
        sys.exit(130)
