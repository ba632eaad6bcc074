"""A real Chromium for tests: nothing from other hosts, and no error unnoticed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])),
    None,
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET = ["background-networking", "component-update", "sync"]


def require_browser() -> None:
    """Skip the calling module where something is missing, but never with CI set."""
    if "CI" in os.environ:
        return
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt install chromium", allow_module_level=True)
    reason = "needs pip install -r tests/browser/requirements.txt"
    pytest.importorskip("playwright", reason=reason)
    pytest.importorskip("axe_playwright_python", reason=reason)


@contextmanager
def launch() -> Iterator:
    """Yield a running Chromium."""
    from playwright.sync_api import sync_playwright

    arguments = [*FLAGS, *(f"--disable-{name}" for name in QUIET)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=arguments, headless=True
        )
        yield browser
        browser.close()


@contextmanager
def watched_page(browser, **options) -> Iterator:
    """Yield a new page; at the end, fail if it met an error or asked another host."""
    context = browser.new_context(**options)
    context.set_default_timeout(10_000)
    problems = []

    def guard(route):
        if urlsplit(route.request.url).hostname in (None, "localhost", "127.0.0.1"):
            route.continue_()
        else:
            problems.append(f"asked another host: {route.request.url}")
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on(
        "console",
        lambda message: (
            problems.append(f"console: {message.text}")
            if message.type == "error"
            else None
        ),
    )
    page.on(
        "requestfailed",
        lambda request: (
            problems.append(f"failed: {request.url} {request.failure}")
            if request.failure != "net::ERR_ABORTED"  # withdrawn by the page itself
            else None
        ),
    )
    page.on(
        "response",
        lambda response: (
            problems.append(f"status {response.status}: {response.url}")
            if response.status >= 400
            else None
        ),
    )
    yield page
    context.close()
    assert not problems, "\n".join(problems)
