"""Before the web process answers, the house's address says that the house is opening."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree

import pytest

from keshen.config import doorman
from tests.ports import free_port


async def _ask(port: int, request: bytes) -> tuple[str, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    head, _between, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


def test_every_address_is_answered_and_says_when_to_come_again() -> None:
    async def scene() -> None:
        port = free_port()
        async with doorman.doorman("127.0.0.1", port):
            status, headers, body = await _ask(port, b"GET /kk/2026/01/x-1 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert status == "HTTP/1.1 503 Service Unavailable"
            assert headers["Retry-After"] == "3" and headers["Content-Length"] == str(len(body))
            page = body.decode()
            for words in ("Кешен ашылып жатыр", 'lang="ru"', "Кешен открывается", "Keshen is opening"):
                assert words in page
            assert "<script" not in page and "style=" not in page
            status, _headers, body = await _ask(port, b"GET /healthz HTTP/1.1\r\n\r\n")
            assert status.startswith("HTTP/1.1 503") and body == b'{"status": "opening"}'
            status, _headers, body = await _ask(port, b"HEAD / HTTP/1.1\r\n\r\n")
            assert status.startswith("HTTP/1.1 503") and body == b""
            status, headers, body = await _ask(port, b"GET /static/house/opening.css HTTP/1.1\r\n\r\n")
            assert status == "HTTP/1.1 200 OK" and headers["Content-Type"].startswith("text/css") and body
            status, _headers, body = await _ask(port, b"GET /static/house/mark.svg HTTP/1.1\r\n\r\n")
            assert ElementTree.fromstring(body).tag.endswith("svg")
        with pytest.raises(OSError):
            await _ask(port, b"GET / HTTP/1.1\r\n\r\n")

    asyncio.run(scene())


@pytest.mark.parametrize("request_", [b"\r\n\r\n", b"\xff\xfe\r\n\r\n", b"x" * 40_000])
def test_nonsense_ends_nothing(request_: bytes) -> None:
    async def scene() -> None:
        port = free_port()
        async with doorman.doorman("127.0.0.1", port):
            await asyncio.gather(_ask(port, request_), return_exceptions=True)
            status, _headers, _body = await _ask(port, b"GET / HTTP/1.1\r\n\r\n")
            assert status.startswith("HTTP/1.1 503")

    asyncio.run(scene())


def test_the_web_process_can_take_the_same_port_before_the_doorman_leaves() -> None:
    async def scene() -> None:
        port = free_port()
        async with doorman.doorman("127.0.0.1", port):
            server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", port, reuse_port=True)
            server.close()
            await server.wait_closed()

    asyncio.run(scene())
