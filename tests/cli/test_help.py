"""The command line as a whole: every verb explains itself and stands in the docs, and trouble is one line."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup

from docaxis.cli.nouns import Nouns, load
from docaxis.cli.trouble import CommandError, ExitCode, read_trouble
from docaxis.hub.ports import StoreUnavailable
from tests.cli.conftest import Run

DOCS = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def verbs() -> Iterator[tuple[str, object]]:
    for noun in Nouns.table:
        yield from below(noun.name, load(noun))


def below(name: str, command: object) -> Iterator[tuple[str, object]]:
    if isinstance(command, TyperGroup):
        for verb, one in command.commands.items():
            yield from below(f"{name} {verb}", one)
    else:
        yield name, command


VERBS = dict(verbs())


def section(verb: str) -> str:
    found = re.search(
        rf"^### docaxis {verb}\n(.*?)(?=^##|\Z)", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return found[1] if found else ""


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_shows_an_example(verb: str, run: Run) -> None:
    result = run(*verb.split(), "--help")
    assert result.exit_code == 0
    assert re.search(r"Examples?:", result.stdout)
    assert f"docaxis {verb}" in result.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_option_stands_in_the_docs(verb: str) -> None:
    told = section(verb)
    assert told, f"docs/cli.md has no section `### docaxis {verb}`"
    options = [name for param in VERBS[verb].params for name in param.opts if name.startswith("--")]  # type: ignore[attr-defined]
    missing = [name for name in options if name != "--help" and f"`{name}" not in told]
    assert not missing


def test_the_docs_hold_no_verb_that_is_gone() -> None:
    documented = re.findall(r"^### docaxis (.+)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert documented == list(VERBS)


def test_help_loads_no_noun() -> None:
    program = (
        "import sys\n"
        "from docaxis.cli import app\n"
        "try: app(['--help'], prog_name='docaxis')\n"
        "except SystemExit: pass\n"
        "heavy = {'cryptography', 'lxml', 'sqlalchemy', 'aiormq', 'aiohttp', 'pydantic_settings'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(noun.name in done.stdout for noun in Nouns.table)


def test_a_misspelt_noun_gets_a_hint(run: Run) -> None:
    result = run("pakage")
    assert result.exit_code == ExitCode.USAGE
    assert "Did you mean 'package'?" in result.stderr


def test_version(run: Run) -> None:
    assert run("--version").stdout.startswith("docaxis ")


def test_a_missing_file_is_not_found(run: Run) -> None:
    result = run("package", "show", "nowhere.edxml")
    assert result.exit_code == ExitCode.NOT_FOUND
    assert result.stderr.count("\n") == 1


def test_expected_trouble_has_its_code() -> None:
    unavailable = read_trouble(StoreUnavailable("down"))
    assert unavailable is not None
    assert unavailable.code is ExitCode.UNAVAILABLE
    refused = CommandError("no", ExitCode.REFUSED)
    assert read_trouble(refused) is refused
    assert read_trouble(RuntimeError("a fault of ours")) is None


def test_a_closed_pipe_ends_quietly() -> None:
    verb = [sys.executable, "-m", "docaxis", "route", "explain", "--from", "G22", "--to", "LIST.PROVINCES"]
    with subprocess.Popen(verb, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_a_locale_without_vietnamese_letters_is_no_trouble() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    verb = [sys.executable, "-m", "docaxis", "route", "explain", "--from", "G22", "--to", "H41"]
    done = subprocess.run(verb, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "Ủy ban nhân dân" in done.stdout.decode()
