"""Connections to addresses that people typed in: only to public ones, and to the very address that was checked.

A name is resolved once for each connection, every address it has is checked, and the connection goes to one of those,
so that a name cannot answer differently between the check and the use. Redirects are not followed and the
environment's proxies are not used, since either would lead around the check. `KESHEN_ALLOW_PRIVATE_TARGETS=1` lets
private addresses through.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import typing
from collections.abc import Iterable, Sequence
from functools import cache
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_KEEPALIVE_SECONDS = 60.0

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(httpcore.ConnectError):
    """The address is not one the house may connect to; the message says which and what can be done."""


def public(address: Address) -> bool:
    """Whether the address is on the public internet, an IPv4 address inside an IPv6 one judged by itself."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None and not public(inner):
            return False
    return address.is_global and not address.is_multicast


def check(host: str, addresses: Iterable[Address]) -> None:
    """Raise `Refused` unless every address of `host` may be connected to."""
    if settings.KESHEN_ALLOW_PRIVATE_TARGETS:
        return
    for address in addresses:
        if not public(address):
            raise Refused(
                f"{host} is at {address}, which is not a public address. Give a public one, or start the house with "
                "KESHEN_ALLOW_PRIVATE_TARGETS=1 if its clients are in its own network."
            )


def check_url(url: str) -> None:
    """Raise `Refused` or `ValueError` unless `url` is an http or https address the house may connect to now."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url} is not an http or https address. Write it in full, such as https://example.org/in")
    if parts.username or parts.password:
        raise ValueError("An address may not hold a name and password; requests are signed instead.")
    check(parts.hostname, _resolve(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)))


def check_host(host: str, port: int) -> None:
    """Raise `Refused`, or `httpcore.ConnectError` for an unknown name, unless the house may connect there now."""
    check(host, _resolve(host, port))


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """A socket to a checked address of `host`, for protocols other than HTTP; each wait on it takes at most `seconds`.

    Raises `Refused`, `httpcore.ConnectError` for a name without address, OSError when nobody answers.
    """
    addresses = _resolve(host, port)
    check(host, addresses)
    for address in addresses[:-1]:
        try:
            return socket.create_connection((str(address), port), seconds)
        except OSError:
            continue
    return socket.create_connection((str(addresses[-1]), port), seconds)


async def connect_async(host: str, port: int, seconds: float) -> socket.socket:
    """The same without waiting in the loop's thread; the socket does not block. TimeoutError when nobody answers."""
    addresses = await _resolve_async(host, port)
    check(host, addresses)
    for address in addresses[:-1]:
        try:
            return await _connected(address, port, seconds)
        except OSError:
            continue
    return await _connected(addresses[-1], port, seconds)


async def _connected(address: Address, port: int, seconds: float) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    made.setblocking(False)
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().sock_connect(made, (str(address), port))
    except BaseException:
        made.close()
        raise
    return made


def client(**options: typing.Any) -> httpx.Client:
    """An httpx client that connects only to checked addresses; `options` are httpx's own."""
    transport = httpx.HTTPTransport(limits=options.pop("limits", httpx.Limits()), trust_env=False)
    transport._pool._network_backend = _Backend()
    return httpx.Client(transport=transport, trust_env=False, follow_redirects=False, **options)


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def async_line(connections: int = 2) -> httpcore.AsyncConnectionPool:
    """A few kept connections to one place, by checked addresses only: what one use costs grows with the number of
    connections in the pool, so whoever talks to many places has a pool for each."""
    return httpcore.AsyncConnectionPool(
        ssl_context=_trust(),
        max_connections=connections,
        keepalive_expiry=_KEEPALIVE_SECONDS,
        network_backend=_AsyncBackend(),
    )


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"The name {host} has no address ({error}).") from error
    return _addresses(found)


async def _resolve_async(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"The name {host} has no address ({error}).") from error
    return _addresses(found)


def _addresses(found: Sequence[tuple[typing.Any, ...]]) -> list[Address]:
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: typing.Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _resolve(host, port)
        check(host, addresses)
        for address in addresses[:-1]:
            try:
                return super().connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return super().connect_tcp(str(addresses[-1]), port, timeout, local_address, socket_options)


class _AsyncBackend(httpcore.AnyIOBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's own signature
        local_address: str | None = None,
        socket_options: typing.Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await _resolve_async(host, port)
        check(host, addresses)
        for address in addresses[:-1]:
            try:
                return await super().connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await super().connect_tcp(str(addresses[-1]), port, timeout, local_address, socket_options)
