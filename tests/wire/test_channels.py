"""Each channel to a real peer: a server of that protocol, run by somebody else's library."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.server import ThreadedMotoServer
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import ThreadedFTPServer

from keshen.wire import actions
from keshen.wire.channels import registry
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.pump import Pump
from tests import asking
from tests.ports import free_port
from tests.waiting import LIMIT
from tests.wire.house import House


def drain() -> None:
    asyncio.run(Pump(send_seconds=LIMIT).drain())


def due_now() -> None:
    Delivery.objects.update(next_at=None)
    Subscriber.objects.update(paused_until=None, lease_until=None)


def add(house: House, url: str, **options: str) -> Subscriber:
    return actions.add_subscriber(house.chief, "Client", house.product, "ninjs", url, options)[0]


def state(subscriber: Subscriber) -> list[str]:
    return [row.state for row in Delivery.objects.filter(subscriber=subscriber).order_by("id")]


def carry_a_life(house: House) -> list[tuple[str, str]]:
    """A story published, corrected and killed, each sent; what should have come, in order."""
    text = house.publish("Бірінші")
    drain()
    house.correct(text, "Түзетілген")
    drain()
    house.kill(text.story)
    drain()
    return [("usable", "Бірінші"), ("usable", "Түзетілген"), ("canceled", "Түзетілген")]


def read(contents: list[bytes]) -> list[tuple[str, str]]:
    items = [json.loads(content) for content in contents]
    return [(item["pubStatus"], item["headlines"][0]["value"]) for item in items]


def files(folder: Path) -> list[bytes]:
    """What lies there, in the order of the names; nothing half-written."""
    found = sorted(folder.iterdir())
    assert [path for path in found if path.name.startswith(".")] == []
    assert [int(path.name.partition("-")[0]) for path in found] == list(range(1, len(found) + 1))
    return [path.read_bytes() for path in found]


# --- SFTP


@dataclass
class SshPeer:
    folder: Path
    port: int = 0
    host_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    user_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    signed_in: int = 0

    @property
    def known(self) -> str:
        return self.host_key.export_public_key().decode()

    @contextmanager
    def running(self) -> Iterator[None]:
        peer = self

        class Server(asyncssh.SSHServer):
            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                peer.signed_in += 1
                return (username, password) == ("wire", "right")

        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()

        async def start() -> Any:
            users = asyncssh.import_authorized_keys(peer.user_key.export_public_key().decode())
            return await asyncssh.listen(
                "127.0.0.1",
                peer.port,
                server_factory=Server,
                server_host_keys=[peer.host_key],
                authorized_client_keys=users,
                sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(peer.folder).encode()),
            )

        server = asyncio.run_coroutine_threadsafe(start(), loop).result(LIMIT)
        peer.port = server.get_port()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(server.close)
            asyncio.run_coroutine_threadsafe(server.wait_closed(), loop).result(LIMIT)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


@pytest.fixture
def ssh(scratch: Path) -> Iterator[SshPeer]:
    peer = SshPeer(scratch)
    (scratch / "in").mkdir()
    with peer.running():
        yield peer


def test_sftp_puts_whole_files_in_order(committed_house: House, ssh: SshPeer) -> None:
    url = f"sftp://wire@127.0.0.1:{ssh.port}/in"
    client = add(committed_house, url, host_key=ssh.known, password="right")
    assert (client.channel, client.secret) == ("sftp", "")
    wanted = carry_a_life(committed_house)
    assert read(files(ssh.folder / "in")) == wanted
    assert state(client) == ["delivered"] * 3


def test_sftp_signs_in_with_a_key_and_once_for_many_items(committed_house: House, ssh: SshPeer) -> None:
    key = ssh.user_key.export_private_key().decode()
    add(committed_house, f"sftp://wire@127.0.0.1:{ssh.port}/in", host_key=ssh.known, private_key=key)
    for number in range(3):
        committed_house.publish(f"Тақырып {number}")
    drain()
    assert len(files(ssh.folder / "in")) == 3 and ssh.signed_in == 0


def test_sftp_gives_nothing_to_a_server_with_another_key(committed_house: House, ssh: SshPeer) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    client = add(committed_house, f"sftp://wire@127.0.0.1:{ssh.port}/in", host_key=other, password="right")
    committed_house.publish()
    drain()
    client.refresh_from_db()
    assert client.state == "suspended" and "host_key" in client.reason and ssh.signed_in == 0
    actions.resume(committed_house.chief, client, options={"host_key": ssh.known})
    drain()
    assert state(client) == ["delivered"]


@pytest.mark.parametrize(("path", "password"), [("in", "wrong"), ("nowhere", "right")])
def test_sftp_that_is_refused_suspends_with_the_reason(
    committed_house: House, ssh: SshPeer, path: str, password: str
) -> None:
    url = f"sftp://wire@127.0.0.1:{ssh.port}/{path}"
    client = add(committed_house, url, host_key=ssh.known, password=password)
    committed_house.publish()
    drain()
    client.refresh_from_db()
    assert client.state == "suspended" and client.reason and state(client) == ["queued"]


def test_a_repeated_try_replaces_its_own_file(committed_house: House, ssh: SshPeer) -> None:
    client = add(committed_house, f"sftp://wire@127.0.0.1:{ssh.port}/in", host_key=ssh.known, password="right")
    committed_house.publish()
    drain()
    Delivery.objects.filter(subscriber=client).update(state="queued")
    drain()
    assert len(files(ssh.folder / "in")) == 1 and Delivery.objects.get(subscriber=client).attempts == 2


# --- FTP


def certificate(folder: Path) -> Path:
    """A key and a certificate that signs itself, for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextmanager
def ftp_server(folder: Path, pem: Path | None = None, masquerade: str = "") -> Iterator[int]:
    authorizer = DummyAuthorizer()
    authorizer.add_user("wire", "right", str(folder), perm="elradfmwMT")

    class Handler(TLS_FTPHandler if pem else FTPHandler):  # type: ignore[misc]
        pass

    Handler.authorizer = authorizer
    Handler.masquerade_address = masquerade or None
    if pem:
        Handler.certfile = str(pem)
        Handler.tls_control_required = Handler.tls_data_required = True
    server = ThreadedFTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"timeout": 0.1, "handle_exit": False}, daemon=True)
    thread.start()
    try:
        yield server.address[1]
    finally:
        server.close_all()
        thread.join(5)


def test_ftp_puts_whole_files_and_does_not_follow_the_server_elsewhere(committed_house: House, scratch: Path) -> None:
    (scratch / "in").mkdir()
    # the server says that its data port is at another address, inside somewhere
    with ftp_server(scratch, masquerade="10.9.8.7") as port:
        client = add(committed_house, f"ftp://wire@127.0.0.1:{port}/in", password="right")
        wanted = carry_a_life(committed_house)
    assert read(files(scratch / "in")) == wanted and state(client) == ["delivered"] * 3


def test_ftps_encrypts_and_trusts_only_whom_it_should(committed_house: House, scratch: Path) -> None:
    (scratch / "in").mkdir()
    pem = certificate(scratch)
    with ftp_server(scratch / "in", pem) as port:
        client = add(committed_house, f"ftps://wire@127.0.0.1:{port}/", password="right")
        committed_house.publish()
        drain()
        client.refresh_from_db()
        assert client.state == "suspended" and "certificate" in client.reason
        authority = "-----BEGIN CERTIFICATE" + pem.read_text().partition("-----BEGIN CERTIFICATE")[2]
        actions.resume(committed_house.chief, client, options={"authority": authority})
        drain()
    assert len(files(scratch / "in")) == 1 and state(client) == ["delivered"]


def test_ftp_waits_for_a_dead_server_and_stops_at_a_wrong_password(committed_house: House, scratch: Path) -> None:
    with ftp_server(scratch) as port:
        client = add(committed_house, f"ftp://wire@127.0.0.1:{port}/", password="wrong")
        committed_house.publish()
        drain()
        client.refresh_from_db()
        assert client.state == "suspended" and "530" in client.reason
    actions.resume(committed_house.chief, client, options={"password": "right"})
    drain()
    row = Delivery.objects.get(subscriber=client)
    assert (row.state, row.attempts) == ("queued", 2) and "Connection" in row.tail and row.next_at


# --- mail


class Mailbox:
    def __init__(self) -> None:
        self.came: list[EmailMessage] = []
        self.answer = "250 taken"
        self.recipient = "250 known"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            message = BytesParser(policy=default).parsebytes(envelope.content)
            assert isinstance(message, EmailMessage)
            self.came.append(message)
        return self.answer


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=LIMIT)
    controller.start()
    settings.KESHEN_SMTP_URL = f"smtp://127.0.0.1:{port}"
    settings.KESHEN_MAIL_FROM = "wire@agency.example"
    yield box
    controller.stop()


def test_mail_carries_number_and_state_and_the_item_attached(committed_house: House, mailbox: Mailbox) -> None:
    client = add(committed_house, "mailto:desk@client.example,night@client.example")
    wanted = carry_a_life(committed_house)
    assert read([next(message.iter_attachments()).get_content() for message in mailbox.came]) == wanted
    assert [message["Keshen-Sequence"] for message in mailbox.came] == ["1", "2", "3"]
    assert [message["Subject"] for message in mailbox.came] == ["Бірінші", "Түзетілген", "KILL: Түзетілген"]
    assert mailbox.came[0]["Message-ID"] == "<client-1@agency.example>"
    assert len({message["References"] for message in mailbox.came}) == 1
    assert mailbox.came[0]["To"] == "desk@client.example, night@client.example"
    assert state(client) == ["delivered"] * 3


@pytest.mark.parametrize(
    ("recipient", "answer", "queued", "subscriber"),
    [
        ("550 nobody of that name", "250 taken", "queued", "suspended"),
        ("450 later", "250 taken", "queued", "active"),
        ("250 known", "552 too large", "suspended", "active"),
        ("250 known", "451 later", "queued", "active"),
    ],
)
def test_what_a_mail_server_says_is_understood(
    committed_house: House, mailbox: Mailbox, recipient: str, answer: str, queued: str, subscriber: str
) -> None:
    mailbox.recipient, mailbox.answer = recipient, answer
    client = add(committed_house, "mailto:desk@client.example")
    committed_house.publish()
    drain()
    client.refresh_from_db()
    assert (state(client), client.state) == ([queued], subscriber)


# --- object store


def test_the_object_store_gets_signed_objects(committed_house: House) -> None:
    import obstore
    from obstore.store import S3Store

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        keys = {"access_key_id": "wire", "secret_access_key": "right"}

        assert asking.put(f"{endpoint}/client").status_code == 200
        client = add(committed_house, "s3://client/in", endpoint=endpoint, **keys)
        wanted = carry_a_life(committed_house)
        bucket = S3Store("client", endpoint=endpoint, client_options={"allow_http": True}, **keys)
        names = sorted(entry["path"] for page in obstore.list(bucket, "in") for entry in page)
        assert read([bytes(obstore.get(bucket, name).bytes()) for name in names]) == wanted
        assert state(client) == ["delivered"] * 3
    finally:
        server.stop()


# --- what nobody could use


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ("gopher://client.example/in", {}, "sftp:"),
        ("sftp://wire@127.0.0.1/in", {"password": "x"}, "host_key"),
        ("sftp://wire@127.0.0.1/in", {"host_key": "nonsense", "password": "x"}, "key cannot be read"),
        ("sftp://wire:x@127.0.0.1/in", {"host_key": "ssh-ed25519 AAAA"}, "apart"),
        ("ftp://wire:x@127.0.0.1/in", {}, "apart"),
        ("mailto:nobody", {}, "mailto:desk@"),
        ("s3://bucket/in", {}, "access_key_id"),
        ("https://client.example/in", {"colour": "red"}, "colour"),
    ],
)
def test_an_address_or_option_nobody_could_use_is_refused_with_the_remedy(
    house: House, settings: Any, url: str, options: dict[str, str], words: str
) -> None:
    settings.KESHEN_SMTP_URL = "smtp://127.0.0.1:9"
    with pytest.raises(actions.Mistaken, match=words):
        actions.add_subscriber(house.chief, "Client", house.product, "ninjs", url, options)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("sftp://wire@127.0.0.1/in", {"password": "x"}),
        ("ftp://wire@localhost/in", {}),
        ("s3://bucket/in", {"access_key_id": "a", "secret_access_key": "b", "endpoint": "http://169.254.169.254"}),
    ],
)
def test_private_targets_are_refused_by_every_channel(
    house: House, settings: Any, url: str, options: dict[str, str]
) -> None:
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    if url.startswith("sftp"):
        options = {**options, "host_key": asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()}
    with pytest.raises(actions.Mistaken, match="not a public address"):
        actions.add_subscriber(house.chief, "Client", house.product, "ninjs", url, options)


def test_the_address_is_checked_again_at_each_sending(committed_house: House, settings: Any, ssh: SshPeer) -> None:
    url = f"sftp://wire@127.0.0.1:{ssh.port}/in"
    client = add(committed_house, url, host_key=ssh.known, password="right")
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    committed_house.publish()
    drain()
    row = Delivery.objects.get(subscriber=client)
    assert row.state == "queued" and "not a public address" in row.tail and ssh.signed_in == 0


def test_every_channel_says_what_its_options_are() -> None:
    for channel in registry.CHANNELS.values():
        assert channel.required <= set(channel.options) and str(channel.label)
    # whoever subscribes at the hub chooses its channel; all others are chosen by their address
    assert [channel.name for channel in registry.CHANNELS.values() if not channel.schemes] == ["websub"]
