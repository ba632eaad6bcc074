"""A real Chromium for tests: nothing from other hosts, and no error unnoticed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

NAMES = ["chromium", "chromium-browser", "google-chrome"]
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
QUIET = ["gpu", "quic", "background-networking", "component-update", "sync"]
FLAGS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]


def require_browser() -> None:
    """Skip the calling module where something is missing, but never with CI set."""
    if "CI" in os.environ:
        return
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt install chromium", allow_module_level=True)
    for package in ("playwright", "axe_playwright_python"):
        reason = "needs pip install -r tests/browser/requirements.txt"
        pytest.importorskip(package, reason=reason)


@contextmanager
def watched_page(
    browser, width: int = 1280, timeout=10_000, harmless="", **options
) -> Iterator:
    """Yield a new page; at the end, fail if it met an error or asked another host.

    An error in the console that begins with the words of `harmless` is passed over.
    """
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(timeout)
    problems = []

    def note(problem: str, is_problem: bool = True) -> None:
        if is_problem and not (harmless and problem.startswith(harmless)):
            problems.append(problem)

    def guard(route) -> None:
        if urlsplit(route.request.url).hostname in (None, "localhost", "127.0.0.1"):
            route.continue_()
        else:
            note(f"asked another host: {route.request.url}")
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.on("pageerror", lambda error: note(f"error: {error}"))
    page.on("console", lambda m: note(f"console: {m.text}", m.type == "error"))
    page.on("response", lambda r: note(f"status {r.status}: {r.url}", r.status >= 400))
    withdrawn = "net::ERR_ABORTED"  # by the page itself
    failed = "requestfailed"
    page.on(failed, lambda r: note(f"{failed}: {r.url}", r.failure != withdrawn))
    yield page
    context.close()
    assert not problems, "\n".join(problems)
