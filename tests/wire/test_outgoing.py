from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from keshen.house import outgoing


class Redirecting(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_only_public_addresses_are_public(address: str, expected: bool) -> None:
    assert outgoing.public(ipaddress.ip_address(address)) is expected


def test_a_private_target_is_refused_in_any_spelling(settings, server: int) -> None:
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    with outgoing.client() as client:
        for host in ("localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"):
            with pytest.raises(httpx.ConnectError, match="not a public address"):
                client.get(f"http://{host}:{server}/")


def test_a_private_target_is_reached_when_allowed_and_redirects_are_not_followed(settings, server: int) -> None:
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = True
    with outgoing.client() as client:
        assert client.get(f"http://localhost:{server}/").status_code == 200
        assert client.get(f"http://localhost:{server}/away").status_code == 302


def test_a_name_with_one_private_address_among_public_ones_is_refused(settings, monkeypatch) -> None:
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    found = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("192.168.0.1", 80))]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(outgoing.Refused, match=r"192\.168\.0\.1"):
        outgoing.check_url("https://client.example/in")


@pytest.mark.parametrize("url", ["ftp://example.org/", "file:///etc/passwd", "example.org", "https://a:b@example.org/"])
def test_what_is_not_a_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        outgoing.check_url(url)
