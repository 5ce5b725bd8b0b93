"""Public hosts: where an address that a user named may lead, and what keeps a connection from going elsewhere.

An address is checked as it is written, then what its name resolves to, and last, when a socket is made, the very
address that it is to connect to: nothing can change in between.
"""

import errno
import ipaddress
import re
import socket
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from adapters.sources.addresses import host
from bot import text
from bot.errors import SourceError

_PORTS = frozenset({80, 443})
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\.?", re.IGNORECASE)
# What ends in a number is an address to the C library, in whatever form: 127.1, 0x7f000001, 0177.0.0.1, 2130706433.
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE)

_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the address that is meant
# Older Pythons (3.11.7) call some of them global. The last but one answers Azure's machines, whoever asks.
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(block)
    for block in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; what is none is not."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            found = found.ipv4_mapped
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        elif found.scope_id or found not in _UNICAST:
            return False
    return found.is_global and not any(found in block for block in _NOT_PUBLIC if block.version == found.version)


def check_public(url: URL) -> None:
    """Raise SourceError, in one line that says what to do, where an address does not lead to a public host as it
    is written; what its name resolves to is looked at when it is connected."""
    there, name = text.shown(host(url), 100), url.raw_host or ""
    if url.raw_user is not None or url.raw_password is not None:
        raise SourceError(f"{there} can't be asked with a login; leave the name and the password out of the address.")
    if url.port not in _PORTS:
        raise SourceError(f"{there} has a port of its own; name an address without one.")
    if ":" in name or _ENDS_IN_A_NUMBER.fullmatch(name):
        if not is_public(name):
            raise _refused(there)
    elif not _HOST.fullmatch(name):
        raise _refused(there)


def _refused(there: str) -> SourceError:
    return SourceError(f"{there} is not on the public internet; name an address that anybody can open in a browser.")


class PublicResolver(AbstractResolver):
    """Finds the addresses of names, all of which must be public. SourceError where one is not."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host."""
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(each["host"]) for each in found):
            raise _refused(text.shown(host, 100))
        return found

    async def close(self) -> None:
        """Release the resolver within."""
        await self._inner.close()


def public_socket(address_info: tuple[Any, ...]) -> socket.socket:
    """Return a socket for an address that it is to connect to (`socket.getaddrinfo`). OSError unless it is public."""
    family, kind, protocol, _, address = address_info
    if not is_public(address[0]):
        raise PermissionError(errno.EACCES, "not a public address", address[0])
    return socket.socket(family, kind, protocol)
