"""Playlists and segments of the air against nginx sending the same bytes from files, each by processor second."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench._air import fetch, free_port, house, per_cpu_second, program, running, serving, tell

BASE = "/air/jibek-joly/v720/"

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
    live = f"{BASE}index.m3u8"
    with house() as environment:
        with serving(environment, web=True) as (port, pid):
            web = per_cpu_second(port, pid, live)
        with serving(environment) as (port, pid):
            playlist = fetch(port, live)
            segment = BASE + [line for line in playlist.decode().splitlines() if not line.startswith("#")][-1]
            stored = fetch(port, segment)
            ours = per_cpu_second(port, pid, live)
            ours_segments = per_cpu_second(port, pid, segment, connections=4)
            if binary is not None:
                with nginx(binary, {}, behind=port) as (front, front_pid):
                    cached = per_cpu_second(front, front_pid, live)
    tell("playlists by processor second, of the house's web process", web, "1/s")
    if binary is None:
        tell("playlists by processor second", ours, "1/s")
        tell("segments by processor second", ours_segments, "1/s")
        return
    with nginx(binary, {"index.m3u8": playlist, "segment.m4s": stored}) as (port, pid):
        theirs = per_cpu_second(port, pid, "/index.m3u8")
        theirs_segments = per_cpu_second(port, pid, "/segment.m4s", connections=4)
    for name, value, against, reference in (
        ("playlists by processor second", ours, "nginx, same bytes", theirs),
        ("playlists by processor second", ours, "nginx with a cache of a second before us", cached),
        (
            f"segments of {len(stored) // 1024} kB by processor second",
            ours_segments,
            "nginx, same bytes",
            theirs_segments,
        ),
    ):
        tell(name, value, "1/s", against=against, reference=round(reference), ratio=round(value / reference, 3))


if __name__ == "__main__":
    main()
