"""Loopback ports that nothing listens on."""

import random
import socket
from contextlib import suppress

# Below Linux's ephemeral range (32768…60999), so that no outgoing connection takes the port before its server binds it.
_FIRST, _LAST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """Give `count` different TCP ports on 127.0.0.1 that are free at this moment; raises `OSError`."""
    found: list[int] = []
    for candidate in random.sample(range(_FIRST, _LAST), k=2_000):
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind(("127.0.0.1", candidate))
            found.append(candidate)
        if len(found) == count:
            return found
    message = f"found {len(found)} of {count} free loopback ports between {_FIRST} and {_LAST}"
    raise OSError(message)
