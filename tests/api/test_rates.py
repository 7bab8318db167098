"""One endpoint may ask so much in a minute, and is told how much is left; others are not held up by it."""

from pathlib import Path

import pytest

from docaxis.config import Config
from tests.api.conftest import Exchange
from tests.web.conftest import config_in


@pytest.fixture
def desk_config(tmp_path: Path) -> Config:
    return config_in(tmp_path, {"DOCAXIS__API__REQUESTS_PER_MINUTE": "3"})


async def test_who_asks_too_much_is_told_to_wait(exchange: Exchange) -> None:
    answers = [await exchange.sender.get("/endpoints/self") for _ in range(8)]
    # A minute may end within the test: then three more are taken.
    refused = [one for one in answers if one.status == 429]
    assert len(refused) >= 2
    assert refused[0].code == "API.TOO_MANY"
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert refused[0].headers["RateLimit"].startswith('"endpoint";r=0;t=')
    assert refused[0].headers["RateLimit-Policy"] == '"endpoint";q=3;w=60'
    assert (await exchange.receiver.get("/endpoints/self")).status == 200
