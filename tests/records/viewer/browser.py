"""A browser for the tests of the page: what it asks for is watched, and faults of its script are failures."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from folkmoot.records.viewer import Shelf, ViewServer
from tests.conftest import absent

ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]

PATIENCE_MS = 20_000
"""How long something may take to show: tests run beside other work."""

Open = Callable[..., Page]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Real Chromium, the machine's or Playwright's own."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as play:
        path = shutil.which("chromium") or play.chromium.executable_path
        if not Path(path).exists():
            absent("Chromium")
        browser = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def serving(folder: Path) -> Iterator[ViewServer]:
    """A server of the records in a folder."""
    server = ViewServer(Shelf([folder]))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


@contextmanager
def opening(browser: Browser) -> Iterator[Open]:
    """A way to open addresses. At the end: nothing but them was asked for, and no script failed."""
    asked: list[str] = []
    faults: list[str] = []
    allowed: set[str] = set()
    pages: list[Page] = []

    def watched(request: Request) -> None:
        asked.append(request.url)

    def go(base: str, hash: str = "", *, wait: str = "h1", **context: Any) -> Page:
        settings: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}} | context
        page = browser.new_page(**settings)
        pages.append(page)
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", watched)
        page.on("pageerror", lambda error: faults.append(str(error)))
        allowed.add(base.partition("#")[0])
        page.goto(base + hash)
        page.wait_for_selector(wait)
        return page

    yield go
    for page in pages:
        assert page.evaluate("window.hacked") is None
        page.context.close()
    assert faults == []
    strays = [url for url in asked if not url.startswith((*allowed, "data:", "blob:"))]
    assert strays == []
