"""Where a request may go: web addresses, and the redirects between them that are followed."""

import ipaddress
from collections.abc import Mapping

from yarl import URL

from bot import text
from bot.errors import SourceError


def address(url: str, params: Mapping[str, str]) -> URL:
    """Return the address with a query. SourceError where it is no http(s) address."""
    try:
        found = URL(url).update_query(params)
    except ValueError as error:
        raise SourceError(f"{text.shown(url, 100)} is no web address.") from error
    if found.scheme not in ("http", "https") or not found.host:
        raise SourceError(f"{text.shown(url, 100)} is no web address.")
    return found


def host(url: URL) -> str:
    """Return the host as messages name it: with a port that is not the usual one, never with a login."""
    return url.host_port_subcomponent or "nowhere"


def redirected(here: URL, location: str) -> URL:
    """Return where a redirect leads. SourceError unless that is the same site, over https."""
    try:
        there = here.join(URL(location))
    except ValueError as error:
        raise SourceError(f"{host(here)} redirects to what is no web address.") from error
    if not location:
        raise SourceError(f"{host(here)} redirects without saying where to.")
    if site(there) != site(here):
        raise SourceError(f"{host(here)} redirects elsewhere: {text.shown(host(there), 100)}.")
    if there.scheme != "https" and not (there.scheme == "http" and _is_loopback(here)):
        raise SourceError(f"{host(here)} redirects to an address without https.")
    return there


def site(url: URL) -> str:
    """Return the host in lower case, without its `www.` and a full stop at its end."""
    return (url.host or "").lower().removeprefix("www.").removesuffix(".")


def _is_loopback(url: URL) -> bool:
    try:
        return ipaddress.ip_address(url.host or "").is_loopback
    except ValueError:
        return url.host == "localhost"
