"""The desk with one document in place of the database's: `documents` and `web_desk` are what the pages ask."""

from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from docaxis.web.clerk.document_ports import DOCUMENTS
from docaxis.web.desk import DESK
from tests.web.clerk_document.story import SENDER, FakeDesk, FakeDocuments, Story


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def documents(story: Story) -> FakeDocuments:
    return FakeDocuments(story)


@pytest.fixture
def web_desk() -> FakeDesk:
    return FakeDesk(SENDER, "H21", "H15")


@pytest.fixture
def desk_ports(documents: FakeDocuments, web_desk: FakeDesk) -> Mapping[web.AppKey[Any], Any]:
    return {DOCUMENTS: documents, DESK: web_desk}
