"""Connections to the services: to wherever the settings say, or to public hosts alone."""

import aiohttp
from aiohttp.abc import AbstractResolver

from adapters.sources.public_hosts import PublicResolver, public_socket


class Connections:
    """Opens sessions when they are first needed; close it after use. `resolver` finds public hosts' addresses."""

    def __init__(self, user_agent: str, resolver: AbstractResolver | None = None) -> None:
        self._user_agent = user_agent
        self._resolver = resolver
        self._anywhere: aiohttp.ClientSession | None = None
        self._public: aiohttp.ClientSession | None = None

    def to_anywhere(self) -> aiohttp.ClientSession:
        """Return the session for addresses of the operator's choice."""
        # Each request has a connection of its own: where a kept one turns out to be closed, aiohttp asks again at
        # once, without the gate.
        self._anywhere = self._anywhere or self._opened(aiohttp.TCPConnector(force_close=True))
        return self._anywhere

    def to_public_hosts(self) -> aiohttp.ClientSession:
        """Return the session for addresses of users' choice."""
        self._public = self._public or self._opened(
            aiohttp.TCPConnector(
                force_close=True,
                use_dns_cache=False,
                resolver=PublicResolver(self._resolver or aiohttp.ThreadedResolver()),
                socket_factory=public_socket,
            )
        )
        return self._public

    async def close(self) -> None:
        """Close what was opened."""
        for session in (self._anywhere, self._public):
            if session:
                await session.close()

    def _opened(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._user_agent},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # each try has its own limit
            trust_env=False,  # a proxy would look names up by itself
        )
