"""The effective configuration: every key, and no secret."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from docaxis.backends.operator.configuration import MASK, shown
from docaxis.config import Config, load_config
from tests.web.conftest import config_in
from tests.web.desk import Desk

SECRETS: Mapping[str, str] = {
    "DOCAXIS__BROKER__URL": "amqps://hub:hunter2@broker:5671/docaxis?password=hunter2",
    "DOCAXIS__BROKER__MANAGEMENT_URL": "https://hub:hunter2@broker:15671",
    "DOCAXIS__STORE__URL": "postgresql://writer:hunter2@db/docaxis",
}


@pytest.fixture
def desk_config(tmp_path: Path) -> Config:
    return config_in(tmp_path, SECRETS)


def test_every_key_is_shown_and_addresses_without_their_passwords():
    config = load_config(None, dict(SECRETS))
    sections = {one.name: {key: value for key, value, _ in one.rows} for one in shown(config)}
    assert set(sections) == set(Config.model_fields)
    for name, rows in sections.items():
        assert set(rows) == set(type(getattr(config, name)).model_fields)
    assert sections["broker"]["url"] == f"amqps://hub:{MASK}@broker:5671/docaxis?{MASK}"
    assert sections["store"]["url"] == f"postgresql://writer:{MASK}@db/docaxis"
    assert sections["broker"]["prefetch_normal"] == "400"
    assert "hunter2" not in repr(sections)


async def test_only_administrators_see_it(desk: Desk):
    await desk.sign_in("administrator")
    page = await desk.get("/configuration")
    assert page.status == 200
    assert "inbox_window" in page.text
    assert "hunter2" not in page.text
    assert MASK in page.text
    for role in ("clerk", "auditor", "operator"):
        await desk.sign_in(role)
        assert (await desk.get("/configuration")).status == 404
