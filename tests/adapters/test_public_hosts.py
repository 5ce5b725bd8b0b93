"""An address that a user names leads to public hosts alone, however it is written and whatever its name resolves to."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from adapters.sources.fetcher import Fetcher
from adapters.sources.public_hosts import check_public, is_public, public_socket
from bot.errors import SourceError
from tests.fakes.service import serving

PUBLIC = "93.184.215.14"

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "168.63.129.16", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:5db8:d70e::", "2001:0:1::1",
    "2001:db8::1", "3fff::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254",
    "ff02::1", "100::1", "5f00::1",
]  # fmt: skip

NONE = ["localhost", "", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "93.184.215.14."]


@pytest.mark.parametrize("address", PRIVATE + NONE)
def test_what_is_private_local_or_no_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "1.1.1.1", "172.15.0.1", "172.32.0.1", "2606:4700::6810:85e5", f"::ffff:{PUBLIC}", f"64:ff9b::{PUBLIC}"],
)
def test_what_everybody_reaches_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://127.0.0.1/", "127.0.0.1 is not on the public internet; name an address that anybody can open"),
        ("http://[::1]/", "not on the public internet"),
        ("http://[::ffff:127.0.0.1]/", "not on the public internet"),
        ("http://[::ffff:7f00:1]/", "not on the public internet"),
        ("http://[fe80::1%25eth0]/", "not on the public internet"),
        ("http://169.254.169.254/latest/meta-data/", "not on the public internet"),
        ("https://10.1.2.3/feed", "not on the public internet"),
        ("http://0x7f000001/", "not on the public internet"),
        ("http://0X7F.1/", "not on the public internet"),
        ("http://2130706433/", "not on the public internet"),
        ("http://0177.0.0.1/", "not on the public internet"),
        ("http://127.1/", "not on the public internet"),
        ("http://0/", "not on the public internet"),
        ("http://127.0.0.1./", "not on the public internet"),
        ("http://１２７.０.０.１/", "not on the public internet"),
        ("http://127。0。0。1/", "not on the public internet"),
        ("http://%31%32%37.0.0.1/", "not on the public internet"),
        ("http://localhost/", "not on the public internet"),
        ("http://LocalHost./", "not on the public internet"),
        ("http://intranet/feed", "not on the public internet"),
        ("https://alice:secret@blog.example/feed", "blog.example can't be asked with a login; leave"),
        ("https://alice@blog.example/feed", "leave the name and the password out"),
        ("http://blog.example:8080/feed", "blog.example:8080 has a port of its own; name an address without one"),
        ("http://blog.example:0/feed", "has a port of its own"),
        (f"http://{PUBLIC}:22/", "has a port of its own"),
    ],
)
async def test_an_address_that_leads_inside_is_refused_in_one_line_before_anything_is_asked(
    address: str, why: str
) -> None:
    async with Fetcher(resolver=Names({})) as fetcher:
        with pytest.raises(SourceError) as caught:
            await fetcher.guarded().xml(address, {})
    told = str(caught.value)
    assert why in told
    assert told.endswith(".")
    assert "\n" not in told
    assert "secret" not in told


@pytest.mark.parametrize(
    "address", ["https://blog.example/feed", "http://blog.example:80/", f"https://{PUBLIC}/", "https://größe.example/"]
)
def test_an_address_of_a_public_host_is_fine(address: str) -> None:
    check_public(URL(address))


class Names(AbstractResolver):
    """The names of the test's own internet, each with the addresses that it has from one question to the next."""

    def __init__(self, names: dict[str, list[list[str]]]) -> None:
        self.names = names
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        if host not in self.names:
            raise OSError(f"nobody knows {host}")
        answers = self.names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [self._result(host, port, address) for address in addresses]

    def _result(self, host: str, port: int, address: str) -> ResolveResult:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return {"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}

    async def close(self) -> None:
        pass


class Internet:
    """Connections to public addresses, which all lead to a server of the test's own."""

    def __init__(self) -> None:
        self.connected: list[tuple[str, int]] = []
        self.asked: list[web.Request] = []
        self.location: str | None = None
        self.port = 0
        self.cut_off = False

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if self.location is not None and request.path != "/moved":
            return web.Response(status=302, headers={"Location": self.location})
        return web.Response(body=b"<feed/>", content_type="text/xml")

    async def connect(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        self.connected.append(address[:2])
        if not is_public(address[0]):
            raise AssertionError(f"connected to {address[0]}")
        if self.cut_off:
            raise OSError(errno.ENETUNREACH, "no way there")
        await self.really_connect(sock, ("127.0.0.1", self.port))

    async def really_connect(self, sock: socket.socket, address: tuple[str, int]) -> None:
        """Be replaced by what the event loop does."""
        raise NotImplementedError


@pytest.fixture
async def internet(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Internet]:
    made, loop = Internet(), asyncio.get_running_loop()
    async with serving(made.answer) as url:
        made.port = URL(url).port or 0
        made.really_connect = loop.sock_connect  # type: ignore[method-assign]
        monkeypatch.setattr(loop, "sock_connect", made.connect)
        yield made


async def ask(names: dict[str, list[list[str]]], address: str) -> bytes:
    async with Fetcher(resolver=Names(names)) as fetcher:
        return await fetcher.guarded().xml(address, {})


async def test_a_feed_on_a_public_host_is_read(internet: Internet) -> None:
    assert await ask({"blog.example": [[PUBLIC]]}, "http://blog.example/feed") == b"<feed/>"
    assert internet.connected == [(PUBLIC, 80)]
    assert internet.asked[0].headers["Host"] == "blog.example"


async def test_a_name_that_nobody_knows_and_a_host_that_is_cut_off_are_told(internet: Internet) -> None:
    with pytest.raises(SourceError, match=r"^blog\.example can't be found\.$"):
        await ask({}, "http://blog.example/feed")
    internet.cut_off = True
    with pytest.raises(SourceError, match=r"^blog\.example can't be reached\.$"):
        await ask({"blog.example": [[PUBLIC]]}, "http://blog.example/feed")


async def test_a_public_address_without_a_name_is_read(internet: Internet) -> None:
    assert await ask({}, f"http://{PUBLIC}/feed") == b"<feed/>"
    assert internet.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "addresses",
    [[address] for address in PRIVATE] + [[PUBLIC, "10.0.0.1"], ["2606:4700::1", "::1"]],
    ids=" ".join,
)
async def test_a_name_that_leads_inside_is_refused_and_nothing_is_connected(
    internet: Internet, addresses: list[str]
) -> None:
    with pytest.raises(SourceError) as caught:
        await ask({"blog.example": [addresses]}, "http://blog.example/feed")
    assert str(caught.value) == (
        "blog.example is not on the public internet; name an address that anybody can open in a browser."
    )
    assert internet.connected == []


async def test_a_name_is_looked_up_once_for_each_request_and_what_was_found_is_connected(internet: Internet) -> None:
    names = Names({"blog.example": [[PUBLIC], ["127.0.0.1"]]})
    async with Fetcher(resolver=names) as fetcher:
        assert await fetcher.guarded().xml("http://blog.example/feed", {}) == b"<feed/>"
        assert (names.asked, internet.connected) == (["blog.example"], [(PUBLIC, 80)])
        with pytest.raises(SourceError, match="not on the public internet"):
            await fetcher.guarded().xml("http://blog.example/feed", {})
    assert internet.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://127.0.0.1/", "redirects elsewhere"),
        ("http://169.254.169.254/latest/meta-data/", "redirects elsewhere"),
        ("//[::1]/", "redirects elsewhere"),
        ("https://0x7f000001/", "redirects elsewhere"),
        ("https://other.example/", "redirects elsewhere: other.example"),
        ("http://blog.example/moved", "redirects to an address without https"),
        ("https://blog.example:8443/moved", "has a port of its own"),
        ("https://alice@blog.example/moved", "can't be asked with a login"),
        ("file:///etc/passwd", "redirects elsewhere"),
    ],
)
async def test_a_redirect_leads_nowhere_that_could_not_be_named(internet: Internet, location: str, why: str) -> None:
    internet.location = location
    with pytest.raises(SourceError, match=why):
        await ask({"blog.example": [[PUBLIC]]}, "http://blog.example/feed")
    assert len(internet.asked) == 1


@pytest.mark.parametrize("there", ["blog.example", "www.blog.example"])
async def test_a_name_that_leads_inside_after_a_redirect_is_refused(internet: Internet, there: str) -> None:
    internet.location = f"https://{there}/moved"
    names = {"blog.example": [[PUBLIC], ["10.0.0.7"]], "www.blog.example": [["10.0.0.7"]]}
    with pytest.raises(SourceError, match=f"^{there} is not on the public internet"):
        await ask(names, "http://blog.example/feed")
    assert internet.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_no_socket_is_made_for_an_address_inside_wherever_it_came_from(
    family: socket.AddressFamily, address: str
) -> None:
    with pytest.raises(PermissionError):
        public_socket((family, socket.SOCK_STREAM, 0, "", (address, 80)))


async def test_the_operator_may_name_any_host() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(["here"])

    async with serving(answer) as url, Fetcher() as fetcher:
        assert await fetcher.json(url, {}) == ["here"]
        with pytest.raises(SourceError, match="has a port of its own"):
            await fetcher.guarded().json(url, {})
