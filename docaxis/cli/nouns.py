"""The group of all commands: loads a noun when it is used, and turns expected trouble into one line and an exit code."""

# ruff: noqa: ANN401 - the library keeps its types to itself

from difflib import get_close_matches
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

from docaxis.cli.trouble import CommandError, ExitCode, read_trouble


class Noun(NamedTuple):
    """A command of the first level: where its code is (`module:attribute`, an app or a function), and one line of help."""

    name: str
    target: str
    summary: str


class Nouns(TyperGroup):
    """The commands of `table`, in its order."""

    table: ClassVar[tuple[Noun, ...]] = ()

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the library's signature
        """Return the names without loading anything."""
        return [noun.name for noun in self.table]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the library's signature
        """Load a command; None for a name that is none."""
        noun = next((noun for noun in self.table if noun.name == cmd_name), None)
        return None if noun is None else load(noun)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the library's signature
        """List the commands from the table, so that help loads none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(noun.name, noun.summary) for noun in self.table])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is named; a misspelt one gets the nearest as a hint."""
        if args and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.list_commands(ctx))
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; expected trouble ends it with one line on standard error."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            raise  # the library ends quietly when the reader of our output has gone
        except Exception as error:
            trouble = read_trouble(error)
            if trouble is None:
                raise
            typer.echo(f"docaxis: {trouble}", err=True)
            raise typer.Exit(int(trouble.code)) from None


def load(noun: Noun) -> Any:
    """Load a noun's code; raises CommandError where this installation lacks it."""
    module_name, _, attribute = noun.target.partition(":")
    try:
        target = getattr(import_module(module_name), attribute)
    except ModuleNotFoundError as error:
        missing = error.name or module_name
        raise CommandError(
            f"{noun.name} is not part of this installation: {missing} is missing", ExitCode.FAILED
        ) from error
    if not isinstance(target, typer.Typer):
        single = typer.Typer()
        single.command(noun.name)(target)
        target = single
    target.rich_markup_mode = None
    target._add_completion = False  # noqa: SLF001 - one way to complete, on the whole program
    command = get_command(target)
    command.name = noun.name
    return command
