"""A web server on the test's own data, and Debian's Chromium on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.waiting import LIMIT

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What may change when nothing but the colours of a page do."""


class Server(ThreadedWSGIServer):
    """Leaves open the connection that the test lives on."""

    def _close_connections(self) -> None:
        pass


class ServerThread(LiveServerThread):
    server_class = Server


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server that sees what the test has not committed."""
    connection = connections["default"]
    connection.inc_thread_sharing()
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    server = ServerThread("localhost", StaticFilesHandler, connections_override={"default": connection})
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://{server.host}:{server.port}"
    finally:
        server.terminate()
        for signal in signals:
            signal.connect(close_old_connections)
        connection.dec_thread_sharing()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium; its absence is a loud skip, and a failure in CI."""
    found = os.environ.get("KESHEN_CHROMIUM") or shutil.which("chromium")
    if not found:
        message = "there is no Chromium: run `make test` as root, or install Debian's chromium"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    # Playwright's loop runs in this thread, and Django must not mistake the fixtures for asynchronous code
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            expect.set_options(timeout=LIMIT * 1000)
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"], timeout=LIMIT * 1000)
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A context whose pages wait for what is asked of them for as long as a busy machine may need."""
    made = browser.new_context(**options)
    made.set_default_timeout(LIMIT * 1000)
    return made


def violations(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    """What axe finds serious or critical, a line each with the first place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text() + ";0")  # through the debugger: the page's own policy stays in force
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} ({one['nodes'][0]['failureSummary'][:200]})"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
