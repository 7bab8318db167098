"""Messages about changes on the control queue: believed by the hub's signature only, handed over once."""

import json
from pathlib import Path

import pytest

from adapters.client import Client
from adapters.delivery import SetAside
from docaxis.trust.jws import sign_detached
from tests.adapters.self_signed import new_seal
from tests.adapters.standin import ENDPOINT, StandInHub

pytestmark = pytest.mark.broker


async def test_changes_are_verified_and_handed_over_once(hub: StandInHub, tmp_path: Path):
    body = json.dumps({"endpoint": ENDPOINT, "first": 3, "next": 9, "changes": [{"id": "4-a"}]}).encode()
    taken, aside = [], []

    async def change(message, octets) -> None:
        taken.append((message["next"], octets))

    async def refuse(one: SetAside) -> None:
        aside.append(one.reason)

    async def write(_delivery) -> None:
        raise AssertionError

    strange = json.dumps({"endpoint": "other", "changes": []}).encode()
    wrong = (
        (body, sign_detached(body, new_seal())),
        (body + b" ", ""),
        (strange, sign_detached(strange, hub.seal)),
        (b"[1]", sign_detached(b"[1]", hub.seal)),
        (b"{", sign_detached(b"{", hub.seal)),
    )
    await hub.tell_changes(body)
    for octets, signature in wrong:
        await hub.tell_changes(octets, signature)
    await hub.tell_changes(body)
    async with Client(hub.settings(state_dir=tmp_path)) as client:
        await client.receive_waiting(write, refuse, change=change)
    assert taken == [(9, body)]
    assert len(aside) == len({octets for octets, _ in wrong}) == 5
    assert await hub.depth("control") == 0
