"""Processes by fork behave as those that are started anew: their end, their environment, their words."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.nursery import Born, nursery
from tests.waiting import PATIENCE_S


def main() -> int:
    """Be the program that is started: do as the environment says."""
    print(os.environ["WORDS"], flush=True)
    time.sleep(float(os.environ["SLEEP_S"]))
    return int(os.environ["CODE"])


def start(log_file: Path, words: str = "", sleep_s: float = 0, code: int = 0) -> Born:
    environment = {"WORDS": words, "SLEEP_S": str(sleep_s), "CODE": str(code)}
    return nursery().run(__name__, ["a program"], environment, log_file)


def test_program_ends_with_its_own_code_and_its_words_are_kept(tmp_path: Path) -> None:
    born = start(tmp_path / "log", "những lời này", code=3)
    assert born.wait(PATIENCE_S) == born.poll() == 3
    assert (tmp_path / "log").read_text(encoding="utf-8") == "những lời này\n"


def test_program_runs_until_it_is_killed(tmp_path: Path) -> None:
    one, other = start(tmp_path / "one", sleep_s=60), start(tmp_path / "other", sleep_s=60)
    with pytest.raises(subprocess.TimeoutExpired):
        one.wait(0.05)
    one.kill()
    assert one.wait(PATIENCE_S) == -signal.SIGKILL
    assert other.poll() is None
    other.send_signal(signal.SIGTERM)
    assert other.wait(PATIENCE_S) == -signal.SIGTERM
    # It has ended: a number that may be another's by now gets no signal.
    other.kill()


def test_hub_without_a_configuration_says_so_and_ends(tmp_path: Path) -> None:
    log_file = tmp_path / "log"
    born = nursery().start(tmp_path / "none.toml", os.environ, log_file)
    assert born.wait(PATIENCE_S) not in {0, None}
    assert "none.toml" in log_file.read_text(encoding="utf-8")
    assert "Traceback" not in log_file.read_text(encoding="utf-8")
