"""A house of the tests' own: PostgreSQL, the web process, and a browser that looks at it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from keshen.house import postgres
from tests import asking
from tests.ports import free_port
from tests.site.browser import chromium, new_context
from tests.waiting import until

REPOSITORY = Path(__file__).resolve().parent.parent.parent
STATIC = REPOSITORY / "src" / "keshen" / "house" / "static"
PASSWORD = "keshen-demo-2026"


@dataclass
class House:
    """The web process of a test house, which a test may stop and start."""

    home: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--interface", "asgi", "tests.control.asgi:application",
                "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1", "--no-access-log",
                "--log-level", "warning", "--static-path-route", "/static", "--static-path-mount", str(STATIC),
            ],
            env=self.environment,
            cwd=self.home,
            start_new_session=True,
        )  # fmt: skip
        until(self.answers, "the web process answering")

    def answers(self) -> bool:
        with suppress(httpx.HTTPError):
            return asking.get(f"{self.url}/control/sign-in/").status_code == 200
        return False

    def stop(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)  # its worker too
            self.process.wait()
            self.process = None

    def run(self, *arguments: str) -> str:
        """Run Python in the house; its output."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


def _missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    if not (STATIC / "build" / "manifest.json").exists():
        _missing("the front end is not built: run `make setup-dev`")
    home = Path(tempfile.mkdtemp(prefix="kt-"))
    home.chmod(0o755)
    port = free_port()
    with postgres.open_for(home) as address:
        environment = {
            **os.environ,
            "KESHEN_HOME": str(home),
            "KESHEN_PORT": str(port),
            "KESHEN_URL": f"http://localhost:{port}",
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "keshen.config.settings",
            "KESHEN_DEBUG": "1",
            "PYTHONPATH": str(REPOSITORY),
            "KESHEN_LOG_LEVEL": "WARNING",
        }
        made = House(home, port, environment)
        made.run(str(Path(__file__).with_name("furnish.py")))
        made.start()
        yield made
        made.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Not for the session: while Playwright is open no other test of this process may run a loop."""
    with chromium() as found:
        yield found


@dataclass
class Desk:
    """Somebody signed in at a browser of their own. `broken` collects what the browser complained of."""

    context: BrowserContext
    page: Page
    url: str
    broken: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go there. A page that says that something went wrong is not the page that was asked for."""
        answer = self.page.goto(self.url + path)
        assert answer is None or answer.status < 400, f"{path} answered {answer.status}"
        return self.page

    def post(self, path: str, **data: str) -> int:
        """Post as the page's own scripts would; the status."""
        token = self.page.locator("meta[name=csrf-token]").get_attribute("content")
        return self.page.request.post(
            self.url + path, form=data, headers={"X-CSRFToken": token or "", "Referer": self.url}, max_redirects=0
        ).status


@pytest.fixture
def sit_down(house: House, browser: Browser) -> Iterator:
    """Sign somebody in: `sit_down("editor")`."""
    contexts = []

    def sit(name: str, width: int = 1440, height: int = 900) -> Desk:
        context = new_context(browser, viewport={"width": width, "height": height}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        desk = Desk(context, page, house.url)
        page.on("pageerror", lambda error: desk.broken.append(str(error)))
        page.on(
            "console",
            lambda said: desk.broken.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.goto(house.url + "/control/sign-in/")
        expect(page.locator("[name=username]")).to_be_focused()
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(house.url + "/control/")
        return desk

    yield sit
    for context in contexts:
        context.close()
