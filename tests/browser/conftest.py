"""Fixtures of the tests in a real browser, which run only where slow tests do."""

import os
from pathlib import Path

import pytest

from chromium import CHROMIUM, FLAGS


def pytest_ignore_collect(config) -> bool | None:
    """Leave out this folder by default, whether a browser is installed or not."""
    return True if config.option.markexpr == "not slow" else None


def pytest_collection_modifyitems(items) -> None:
    """Begin with JupyterLab, which takes longest: no worker then waits at the end."""
    items.sort(key=lambda item: item.path.stem != "test_lab")


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        env = os.environ | {
            "FONTCONFIG_FILE": str(Path(__file__).with_name("fonts.conf"))
        }
        launch = playwright.chromium.launch
        browser = launch(executable_path=CHROMIUM, args=FLAGS, env=env)
        yield browser
        browser.close()
