"""Fixtures of the tests in a real browser, which run only where slow tests do."""

import pytest

from chromium import launch


def pytest_ignore_collect(config) -> bool | None:
    """Leave out this folder by default, whether a browser is installed or not."""
    return True if config.option.markexpr == "not slow" else None


@pytest.fixture(scope="session")
def browser():
    with launch() as browser:
        yield browser
