"""An IMAP server (RFC 9051, the little that reading needs) on loopback, with one mailbox that a test fills."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """Mails by UID. `era` is the UIDVALIDITY: a new one makes every UID mean something else."""

    port: int = 0
    era: int = 1
    mails: dict[int, bytes] = field(default_factory=dict)
    fetched: list[int] = field(default_factory=list)


@contextmanager
def imap(name: str, password: str) -> Iterator[Mailbox]:
    box = Mailbox()

    class Session(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def handle(self) -> None:
            self.say("* OK ready")
            while line := self.rfile.readline().decode().strip():
                tag, _space, rest = line.partition(" ")
                verb, _space, arguments = rest.partition(" ")
                if verb.upper() == "UID":
                    verb, _space, arguments = arguments.partition(" ")
                answer = getattr(self, f"do_{verb.lower()}", None)
                said = answer(arguments) if answer else "BAD unknown"
                self.say(f"{tag} {said}")
                if verb.upper() == "LOGOUT":
                    return

        def do_capability(self, _arguments: str) -> str:
            self.say("* CAPABILITY IMAP4rev1")
            return "OK done"

        def do_login(self, arguments: str) -> str:
            given = [part.strip('"') for part in arguments.split(" ")]
            return "OK done" if given == [name, password] else "NO wrong name or password"

        def do_examine(self, arguments: str) -> str:
            if arguments != '"INBOX"':
                return "NO there is no such mailbox"
            self.say(f"* {len(box.mails)} EXISTS")
            self.say(f"* OK [UIDVALIDITY {box.era}] UIDs valid")
            return "OK [READ-ONLY] done"

        def do_search(self, arguments: str) -> str:
            least = int(re.fullmatch(r"UID (\d+):\*", arguments)[1])  # type: ignore[index]
            # `n:*` always means at least the last one (RFC 9051, 6.4.4)
            found = [uid for uid in sorted(box.mails) if uid >= least] or sorted(box.mails)[-1:]
            self.say("* SEARCH " + " ".join(map(str, found)))
            return "OK done"

        def do_fetch(self, arguments: str) -> str:
            uid = int(arguments.partition(" ")[0])
            data = box.mails[uid]
            if "SIZE" in arguments:
                self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(data)})")
            else:
                box.fetched.append(uid)
                self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(data)}}}\r\n".encode() + data + b")\r\n")
            return "OK done"

        def do_logout(self, _arguments: str) -> str:
            self.say("* BYE")
            return "OK done"

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield box
        server.shutdown()
