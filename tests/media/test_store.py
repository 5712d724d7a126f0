import asyncio
import hashlib
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from keshen.media import store as stores
from keshen.media.store import BlobDamaged, BlobMissing, FolderStore, StoreFull


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[stores.BlobStore]:
    if request.param == "folder":
        yield stores.open_store(str(tmp_path / "store"))
        return
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch = pytest.MonkeyPatch()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "keshen",
        "AWS_SECRET_ACCESS_KEY": "keshen",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", endpoint_url=f"http://{host}:{port}").create_bucket(Bucket="house")
    yield stores.open_store("s3://house/media")
    monkeypatch.undo()
    server.stop()


def test_a_blob_has_one_name_and_is_read_by_range(store: stores.BlobStore, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    name = store.put(data)
    assert name == hashlib.sha256(data).hexdigest() == store.put(data)
    assert store.size(name) == len(data)
    assert store.read(name) == data
    assert store.read_range(name, 1_000_000, 77) == data[1_000_000:1_000_077]
    assert asyncio.run(store.aread(name)) == data
    assert asyncio.run(store.aread_range(name, 2_999_990, 10)) == data[-10:]
    assert stores.verify(store, name) == len(data)

    source = tmp_path / "source"
    source.write_bytes(b"head" + data + b"tail")
    assert store.put_file(source, 4, 4 + len(data)) == name
    whole = store.put_file(source)
    with stores.as_file(store, whole, ".bin") as path:
        assert path.suffix == ".bin" and path.read_bytes() == source.read_bytes()
    assert stores.has(store, whole)


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_what_is_not_there_is_said(store: stores.BlobStore, name: str) -> None:
    assert not stores.has(store, name)
    for ask in (store.size, store.read, lambda name: store.read_range(name, 0, 1)):
        with pytest.raises(BlobMissing):
            ask(name)


@given(st.binary(max_size=5000), st.integers(0, 5000), st.integers(1, 5000))
def test_any_range_of_any_blob(tmp_path_factory: pytest.TempPathFactory, data: bytes, start: int, length: int) -> None:
    store = FolderStore(tmp_path_factory.getbasetemp() / "ranges")
    assert store.read_range(store.put(data), start, length) == data[start : start + length]


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    name = store.put(b"as it was")
    path = store.path(name)
    assert path.stat().st_mode & 0o222 == 0
    path.chmod(0o644)
    path.write_bytes(b"as it isn't")
    with pytest.raises(BlobDamaged, match=name):
        stores.verify(store, name)


def test_a_full_disk_keeps_nothing_of_the_new_blob(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    kept = store.put(b"kept")
    source = tmp_path / "source"
    source.write_bytes(bytes(4_000_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, before[1]))
    try:
        with pytest.raises(StoreFull, match="no room left"):
            store.put_file(source)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [kept]
    assert store.read(kept) == b"kept"


def test_leftovers_of_a_writer_that_died_are_swept(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    kept = store.put(b"kept")
    (tmp_path / "incoming-dead").write_bytes(b"half")
    assert store.sweep() == 1
    assert store.read(kept) == b"kept" and not (tmp_path / "incoming-dead").exists()
