"""Suspects are tried in a process of their own: what ends it is found, what does not goes on."""

import os
import struct
import subprocess
import sys

import pytest

from docaxis.hub import trial
from docaxis.hub.trial import find_killers
from tests.simulator import Country


async def test_good_bad_and_senseless_bodies_all_survive() -> None:
    country = Country()
    package = country.signed(country.envelope())
    assert await find_killers([package, b"", b"<a/>", package[:-9], os.urandom(2000)]) == set()


async def test_the_one_that_ends_its_reader_is_named_and_the_others_survive(monkeypatch: pytest.MonkeyPatch) -> None:
    # Every process dies at the second body it reads: of five, the second and the fourth are at fault.
    monkeypatch.setenv("DOCAXIS_FAILPOINT", "tried:2")
    assert await find_killers([b"<a/>"] * 5) == {1, 3}


async def test_a_reader_that_does_not_come_further_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PATIENCE_S", 0.001)
    assert await find_killers([b"<a/>"]) == {0}


def test_the_reader_tells_of_each_body() -> None:
    told = b"".join(struct.pack(">Q", len(body)) + body for body in (b"<a/>", b"nothing"))
    reader = subprocess.run(
        [sys.executable, "-m", "docaxis.hub.trial"], input=told, capture_output=True, timeout=60, check=True
    )
    assert reader.stdout == b".."


def test_the_reader_whose_hub_has_died_ends_without_a_word() -> None:
    reader = subprocess.Popen(
        [sys.executable, "-m", "docaxis.hub.trial"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert reader.stdin
    assert reader.stdout
    assert reader.stderr
    reader.stdout.close()
    with reader.stdin as pipe:
        pipe.write(struct.pack(">Q", 4) + b"<a/>")
    assert (reader.stderr.read(), reader.wait(60)) == (b"", 0)
    reader.stderr.close()
