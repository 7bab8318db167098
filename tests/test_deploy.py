"""The units and the image start what the command line has, and copy what is there."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from docaxis.cli.nouns import Nouns, load

ROOT = Path(__file__).resolve().parents[1]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
IMAGE = (ROOT / "deploy" / "container" / "Containerfile").read_text(encoding="utf-8")


def is_command(words: list[str]) -> bool:
    """Whether these are a noun, a verb and options that the verb has."""
    noun, verb, *rest = words
    found = next((load(one) for one in Nouns.table if one.name == noun), None)
    command = getattr(found, "commands", {}).get(verb)
    options = {option for one in getattr(command, "params", ()) for option in one.opts}
    return command is not None and {one for one in rest if one.startswith("-")} <= options


def setting(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def test_there_is_a_unit_for_each_kind_of_process():
    assert [unit.name for unit in UNITS] == ["docaxis-hub.service", "docaxis-web.service"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_and_may_write_little(unit):
    (start,) = setting(unit, "ExecStart")
    program, *words = start.split()
    assert program.endswith("/docaxis")
    assert is_command(words)
    assert words[0] == unit.stem.removeprefix("docaxis-")
    assert setting(unit, "ProtectSystem") == ["strict"]
    assert setting(unit, "CapabilityBoundingSet") == [""]
    (writable,) = setting(unit, "ReadWritePaths")
    assert writable.split()[0] == "/var/lib/docaxis"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_knows_every_setting(unit, tmp_path):
    judge = shutil.which("systemd-analyze")
    if judge is None:
        pytest.skip("no systemd-analyze here")
    # Where it lies is the operator's: any program that is there will do for the judge.
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(encoding="utf-8")))
    judged = subprocess.run([judge, "verify", copy], capture_output=True, text=True, check=False, timeout=60)
    about = [line for line in judged.stderr.splitlines() if unit.name in line]
    assert (judged.returncode, about) == (0, [])


def test_the_image_copies_what_is_there_and_starts_a_command():
    copied = [
        one
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", IMAGE, re.MULTILINE)
        for one in line.split()
    ]  # fmt: skip
    assert copied
    assert [one for one in copied if not (ROOT / one).exists()] == []
    commands = [json.loads(one) for one in re.findall(r"^CMD (\[.*\])$", IMAGE, re.MULTILINE)]
    assert commands
    assert all(is_command(words) for words in commands)
    assert re.search(r"^USER docaxis$", IMAGE, re.MULTILINE)


def test_a_misspelt_command_is_none():
    assert is_command(["web", "serve", "--config", "x"])
    assert not is_command(["web", "served"])
    assert not is_command(["web", "serve", "--configuration", "x"])
