"""A desk whose figures are made up."""

from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from docaxis.web.operator.ports import OPERATION
from tests.web.operator.rows import FakeOperation


@pytest.fixture
def operation() -> FakeOperation:
    return FakeOperation()


@pytest.fixture
def desk_ports(operation: FakeOperation) -> Mapping[web.AppKey[Any], Any]:
    return {OPERATION: operation}
