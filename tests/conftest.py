"""What every test may ask for; see tests/services.py."""

from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.services"]

# No deadline: two shared cores make any single example slow now and then.
settings.register_profile("docaxis", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("docaxis")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make the report of a test such that it can travel between processes, whatever text the test has thrown and logged."""
    report = yield
    report.sections = [(_sendable(title), _sendable(text)) for title, text in report.sections]
    if report.failed:
        report.longrepr = _sendable(str(report.longrepr))
    return report


def _sendable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
