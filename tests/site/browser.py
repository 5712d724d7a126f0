"""A web server on the test's own data, and Debian's Chromium on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, sync_playwright

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


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
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def violations(page: Page) -> list[str]:
    """What axe finds serious or critical, a line each with the first place."""
    page.evaluate(AXE.read_text() + ";0")  # through the debugger: the page's own policy stays in force
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES)
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} ({one['nodes'][0]['failureSummary'][:200]})"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
