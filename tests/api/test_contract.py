"""A stranger's tool reads the document, asks whatever it allows, and finds every answer as the document says."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi import checks as openapi_checks

from docaxis.api.reference import document_of
from docaxis.api.v1.app import OPERATIONS
from docaxis.config import Config
from tests.api.conftest import Exchange
from tests.web.conftest import config_in
from tests.web.desk import ORIGIN

EXAMPLES = 4
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
CHECKS = [
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]


@pytest.fixture
def desk_config(tmp_path: Path) -> Config:
    return config_in(
        tmp_path,
        {"DOCAXIS__API__REQUESTS_PER_MINUTE": "1000000", "DOCAXIS__BROKER__URL": "amqp://nobody@127.0.0.1:1/"},
    )


@pytest.mark.slow
async def test_answers_are_as_the_document_says(exchange: Exchange) -> None:
    base = str(exchange.desk.client.make_url("/api/v1"))
    document = document_of(ORIGIN) | {"servers": [{"url": base}]}
    asked = await asyncio.to_thread(ask_everything, exchange, document, base)
    assert asked.keys() == {one.name for one in OPERATIONS}
    # Without a broker nothing can be submitted; whatever else is asked is answered.
    assert {name for name, statuses in asked.items() if 503 in statuses} <= {"submit", "acknowledge", "stats"}
    assert not [name for name, statuses in asked.items() if 500 in statuses]


def ask_everything(exchange: Exchange, document: dict[str, Any], base: str) -> dict[str, set[int]]:
    """Ask every operation some times, as the document allows; return the statuses by operation."""
    asked: dict[str, set[int]] = {}
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr] # the document is valid
        asked[operation.definition.raw["operationId"]] = ask_operation(exchange, operation, base)
    return asked


def ask_operation(exchange: Exchange, operation: Any, base: str) -> set[int]:
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        response = case.call(base_url=base, headers={"Authorization": f"Bearer {exchange.sender.token()}"})
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    ask()
    return statuses
