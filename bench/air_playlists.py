"""Playlists and segments of the air against nginx sending the same bytes from files, each by processor second."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench._air import air, fetch, free_port, per_cpu_second, program, running, tell

CONFIG = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=100;
  types {{ application/vnd.apple.mpegurl m3u8; video/mp4 m4s; }}
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  proxy_cache_path {folder}/cache keys_zone=held:1m; proxy_http_version 1.1; proxy_set_header Connection "";
  upstream air {{ server 127.0.0.1:{behind}; keepalive 8; }}
  server {{ listen 127.0.0.1:{port}; root {folder}/www; add_header Cache-Control "public, max-age=1";
    location /air/ {{ proxy_pass http://air; proxy_cache held; proxy_cache_valid 200 1s; proxy_cache_lock on; }} }}
}}
"""


@contextmanager
def nginx(binary: str, files: dict[str, bytes], behind: int = 1) -> Iterator[tuple[int, int]]:
    """nginx with some files, and with a cache of one second before what listens on the port `behind`."""
    with tempfile.TemporaryDirectory(prefix="kb-nginx-") as name:
        folder, port = Path(name), free_port()
        (folder / "www").mkdir()
        for file, data in files.items():
            (folder / "www" / file).write_bytes(data)
        user = "user root;" if folder.owner() == "root" else ""
        (folder / "conf").write_text(CONFIG.format(folder=folder, port=port, user=user, behind=behind))
        with running([binary, "-c", str(folder / "conf"), "-p", name], port) as process:
            yield port, process.pid


def main() -> None:
    binary = program("nginx", "nginx-light", "playlists, against nginx")
    with air() as (port, pid):
        base = "/air/jibek-joly/v720/"
        playlist = fetch(port, f"{base}index.m3u8")
        segment = [line for line in playlist.decode().splitlines() if not line.startswith("#")][-1]
        stored = fetch(port, base + segment)
        ours = per_cpu_second(port, pid, f"{base}index.m3u8")
        ours_segments = per_cpu_second(port, pid, base + segment, connections=4, depth=1)
        if binary is not None:
            with nginx(binary, {}, behind=port) as (front, front_pid):
                cached = per_cpu_second(front, front_pid, f"{base}index.m3u8")
    if binary is None:
        tell("playlists by processor second", ours, "1/s")
        tell("segments by processor second", ours_segments, "1/s")
        return
    with nginx(binary, {"index.m3u8": playlist, "segment.m4s": stored}) as (port, pid):
        theirs = per_cpu_second(port, pid, "/index.m3u8")
        theirs_segments = per_cpu_second(port, pid, "/segment.m4s", connections=4, depth=1)
    for name, value, reference in (
        ("playlists by processor second", ours, theirs),
        ("playlists by processor second, behind a cache of a second", cached, theirs),
        (f"segments of {len(stored) // 1024} kB by processor second", ours_segments, theirs_segments),
    ):
        ratio = round(value / reference, 3)
        tell(name, value, "1/s", against="nginx, same bytes", reference=round(reference), ratio=ratio)
    tell("playlists, ours to nginx with a cache of a second", ours / cached, "")


if __name__ == "__main__":
    main()
