"""Sources for tests: a web server on loopback that answers as it is told, and feeds that repeat, rewind and rename."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

WORDS = {
    "ақбөкен": "Ғалымдар даладағы киіктерді әуеден санады, биыл олардың саны былтырғыдан көп болып шықты.",
    "каспий": "Каспий теңізінің деңгейі соңғы жылдары төмендеп барады, мамандар оны күн сайын өлшеп отыр.",
    "қобыз": "Алматыда қобыз күйлерінің кеші өтті, оған еліміздің түкпір-түкпірінен күйшілер келді.",
}


@dataclass
class Web:
    """A server whose `answer` says for each request: status, headers, body (bytes, or pieces to send one by one)."""

    url: str = ""
    answer: Callable[[BaseHTTPRequestHandler], tuple[int, dict[str, str], bytes | Iterator[bytes]]] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)

    def says(self, body: bytes | str, status: int = 200, **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _request: (status, {"Content-Type": "application/rss+xml", **named}, data)


@contextmanager
def web(address: str = "127.0.0.1") -> Iterator[Web]:
    made = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
            assert made.answer is not None
            status, headers, body = made.answer(self)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if isinstance(body, bytes):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                for piece in [body] if isinstance(body, bytes) else body:
                    self.wfile.write(piece)
                    self.wfile.flush()
            except OSError:  # the client had enough
                return

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer((address, 0), Handler)
    server.daemon_threads = True
    made.url = f"http://{address}:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Entry:
    """One item of a feed."""

    guid: str
    title: str
    text: str
    date: str = "Mon, 23 Nov 2026 06:00:00 GMT"
    more: str = ""

    def xml(self) -> str:
        return (
            f"<item><guid>{escape(self.guid)}</guid><title>{escape(self.title)}</title><pubDate>{self.date}</pubDate>"
            f"<description>{escape(self.text)}</description>{self.more}</item>"
        )


def feed(*entries: Entry, built: str = "1") -> str:
    items = "".join(entry.xml() for entry in entries)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Дала</title><language>kk</language>'
        f"<lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"
    )


def entries() -> list[Entry]:
    return [Entry(f"g-{name}", f"{name.title()} туралы хабар", text) for name, text in WORDS.items()]
