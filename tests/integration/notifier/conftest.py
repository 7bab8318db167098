"""A hub's seal, a history to tell of, and somebody who listens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from docaxis.backends.database import Database
from docaxis.backends.store import SqlStore
from docaxis.hub import notifier as notifier_module
from docaxis.local.pki import DevelopmentAuthority, Issued
from docaxis.trust.seal import Seal, load_seal
from tests.integration.notified import History
from tests.subscriber import Subscriber, subscribed


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentAuthority:
    return DevelopmentAuthority(tmp_path_factory.mktemp("pki")).create()


@pytest.fixture(scope="module")
def hub(authority: DevelopmentAuthority) -> Issued:
    return authority.issue(kind="hub")


@pytest.fixture
def seal(hub: Issued, tmp_path: Path) -> Seal:
    key_file, certificate_file = hub.write(tmp_path / "hub")
    return load_seal(key_file.read_bytes(), certificate_file.read_bytes())


@pytest.fixture
async def history(database: Database, store: SqlStore, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setattr(notifier_module, "RETRY_FIRST_S", 0.1)
    return History(database, store, seal)


@pytest.fixture
async def subscriber(seal: Seal) -> AsyncIterator[Subscriber]:
    async with subscribed([seal.certificate]) as one:
        yield one
