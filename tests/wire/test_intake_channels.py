"""The other ways in, each against a real server on loopback: FTP, SFTP, an object store, mail, another Keshen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import asyncssh
import pytest
from django.test import Client

from keshen.newsroom.models import Quarantine
from keshen.wire.intake import looking, sourcing
from keshen.wire.intake.channels import Message, listing, mail
from keshen.wire.intake.channels.base import Spec
from keshen.wire.intake.models import IncomingItem, Source
from tests import asking
from tests.waiting import LIMIT
from tests.wire.house import House
from tests.wire.imap import Mailbox, imap
from tests.wire.sources import entries, feed, web


def look(source: Source) -> list[str]:
    looked = looking.look_at(source.pk, now=True)
    assert looked is not None
    assert not looked.problem, looked.problem
    source.refresh_from_db()
    return [each.outcome for each in looked.received]


def problem(source: Source) -> str:
    looked = looking.look_at(source.pk, now=True)
    assert looked is not None
    source.refresh_from_db()
    return looked.problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.rss").write_text(feed(entries()[0]))
    (tmp_path / ".b.rss.part").write_text(feed(entries()[1]))
    return tmp_path


def test_only_what_is_new_or_changed_is_fetched() -> None:
    there = [listing.File("b", "1", 1, 2), listing.File("a", "1", 1, 1), listing.File("c.tmp", "1", 1)]
    first = listing.take(Spec("s", ""), there, str.encode)
    assert [message.name for message in first.messages] == ["a", "b"]
    again = Spec("s", "", cursor=first.cursor)
    assert listing.take(again, there, str.encode).messages == []
    changed = [listing.File("a", "2", 1, 3), listing.File("huge", "1", 1 << 40)]
    third = listing.take(again, changed, str.encode)
    assert [message.name for message in third.messages] == ["a"] and third.refused[0].name == "huge"
    assert set(third.cursor["seen"]) == {"a", "huge"}


def test_ftp(house: House, folder: Path) -> None:
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer

    authorizer = DummyAuthorizer()
    authorizer.add_user("wire", "secret", str(folder))
    handler = type("Handler", (FTPHandler,), {"authorizer": authorizer})
    server = ThreadedFTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"timeout": 0.05}, daemon=True).start()
    try:
        port = server.socket.getsockname()[1]
        address = f"ftp://127.0.0.1:{port}/"
        source, _key = sourcing.add_source(house.chief, "FTP", "ftp", address, username="wire", secret="secret")
        assert look(source) == ["new"] and look(source) == []
        (folder / "c.rss").write_text(feed(*entries()))
        assert sorted(look(source)) == ["known", "new", "new"]
        sourcing.change(house.chief, source, secret="wrong")
        assert "refuses" in problem(source) and source.state == "active"
    finally:
        server.close_all()


@pytest.fixture
def ssh(folder: Path) -> Iterator[tuple[int, str]]:
    """An SFTP server in a loop of its own; its port and its public key."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    class Door(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("wire", "secret")

    async def serve() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[key], server_factory=Door,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder)),
        )  # fmt: skip

    server = asyncio.run_coroutine_threadsafe(serve(), loop).result(LIMIT)
    yield server.get_port(), key.export_public_key().decode().strip()
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)


def test_sftp_takes_files_only_from_the_server_agreed(house: House, folder: Path, ssh: tuple[int, str]) -> None:
    port, key = ssh
    wanted = {"username": "wire", "secret": "secret", "settings": {"host_key": key}}
    source, _key = sourcing.add_source(house.chief, "SFTP", "sftp", f"sftp://127.0.0.1:{port}/", **wanted)
    assert look(source) == ["new"] and look(source) == []
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    sourcing.change(house.chief, source, settings={"host_key": other})
    assert "another key" in problem(source) and source.state == "paused"
    with pytest.raises(sourcing.Mistaken, match="key"):
        sourcing.add_source(house.chief, "No key", "sftp", f"sftp://127.0.0.1:{port}/", username="a", secret="b")


def test_an_object_store(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.server import ThreadedMotoServer
    from obstore.store import S3Store

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        keys = {"access_key_id": "key", "secret_access_key": "secret", "region": "us-east-1"}
        asking.put(f"{endpoint}/feeds", headers={"Authorization": "AWS4-HMAC-SHA256 Credential=key/x/us-east-1/s3/x"})
        bucket = S3Store("feeds", endpoint=endpoint, client_options={"allow_http": True}, **keys)
        bucket.put("dala/a.rss", feed(entries()[0]).encode())
        bucket.put("elsewhere/b.rss", feed(entries()[1]).encode())
        wanted = {"username": "key", "secret": "secret", "settings": {"endpoint": endpoint}}
        source, _key = sourcing.add_source(house.chief, "S3", "store", "s3://feeds/dala", **wanted)
        assert look(source) == ["new"] and look(source) == []
        bucket.put("dala/c.rss", feed(entries()[2]).encode())
        assert look(source) == ["new"]
    finally:
        server.stop()


def letter(subject: str, text: str, *attachments: tuple[str, bytes]) -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"], made["Message-ID"] = subject, "bureau@example.org", f"<{len(text)}@example.org>"
    made.set_content(text)
    for name, data in attachments:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with imap("desk", "secret") as box:
        yield box


def test_mail_and_its_attachments_each_once(house: House, mailbox: Mailbox) -> None:
    sea, saiga = entries()[1], entries()[0]
    mailbox.mails[7] = letter(sea.title, sea.text, ("feed.rss", feed(saiga).encode()))
    source, _key = sourcing.add_source(
        house.chief, "Mail", "mail", f"imap://127.0.0.1:{mailbox.port}/INBOX", username="desk", secret="secret"
    )
    assert look(source) == ["new", "new"] and look(source) == []
    assert set(IncomingItem.objects.values_list("headline", flat=True)) == {sea.title, saiga.title}
    mailbox.mails[9] = letter(entries()[2].title, entries()[2].text)
    assert look(source) == ["new"] and mailbox.fetched == [7, 9]
    mailbox.era = 2  # the server counts anew: what came is known all the same
    assert set(look(source)) == {"known"}
    sourcing.change(house.chief, source, secret="wrong")
    assert "wrong name" in problem(source) and source.state == "active"


def test_a_thousand_attachments_are_no_more_than_fifty() -> None:
    data = letter("Many", "Words", *((f"{number}.txt", b"text") for number in range(1000)))
    messages, refused = mail.taken_apart(data, 3)
    assert len(messages) == 51 and "1000" in refused[0].reason
    assert all("/" not in message.name for message in messages)


def test_mail_in_a_strange_alphabet_is_not_lost() -> None:
    data = b"Subject: x\r\nContent-Type: text/plain; charset=x-unknown\r\n\r\nS\xf6zder"
    [message], _refused = mail.taken_apart(data, 1)
    assert isinstance(message, Message) and b"zder" in message.data


def test_another_keshen_is_followed_by_number(house: House, client: Client, settings) -> None:
    texts = [house.publish(entry.title) for entry in entries()[:2]]
    pages = {"first": client.get("/wire/all.xml?limit=200")}
    number = pages["first"].headers["Keshen-Sequence"]
    house.publish(entries()[2].title)
    house.kill(texts[0].story)
    pages["next"] = client.get(f"/wire/all.xml?limit=200&after={number}")
    last = pages["next"].headers["Keshen-Sequence"]
    pages["last"] = client.get(f"/wire/all.xml?limit=200&after={last}")
    settings.KESHEN_AUTHORITY = "another.example"
    with web() as other:
        known = {None: "first", number: "next", last: "last"}

        def answer(request):
            after = request.path.partition("after=")[2] or None
            page = pages[known[after]]
            return 200, {"Keshen-Sequence": page.headers["Keshen-Sequence"]}, page.content

        other.answer = answer
        source, _key = sourcing.add_source(house.chief, "Kazinform", "keshen", f"{other.url}/wire/all.xml")
        assert look(source) == ["new", "new"]
        assert sorted(look(source)) == ["new", "update"]
        assert look(source) == []
    taken_back = IncomingItem.objects.get(withdrawn=True)
    assert taken_back.updates.headline == texts[0].working.headline and taken_back.updates.state == "replaced"
    assert not Quarantine.objects.exists()


def test_a_message_with_a_bad_mail_part_costs_no_other(house: House, mailbox: Mailbox) -> None:
    mailbox.mails[1] = letter(entries()[0].title, entries()[0].text, ("broken.json", b'{"uri": '))
    source, _key = sourcing.add_source(
        house.chief, "Mail", "mail", f"imap://127.0.0.1:{mailbox.port}/", username="desk", secret="secret"
    )
    assert sorted(look(source)) == ["new", "quarantined"]
