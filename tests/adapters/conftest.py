"""A stand-in hub on a fresh vhost."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.standin import StandInHub


@pytest.fixture
async def hub(vhost: str) -> AsyncIterator[StandInHub]:
    """The stand-in, started."""
    standin = StandInHub(vhost)
    await standin.start()
    yield standin
    await standin.stop()
