"""Which redirects between web addresses are followed."""

import pytest
from yarl import URL

from adapters.sources.addresses import host, redirected
from bot.errors import SourceError

DAILY = URL("https://huggingface.co/api/daily_papers")


@pytest.mark.parametrize(
    "location", ["/papers", "https://huggingface.co/x", "https://www.huggingface.co/x", "//HuggingFace.co/x"]
)
def test_the_same_site_is_followed_over_https(location: str) -> None:
    assert redirected(DAILY, location).scheme == "https"


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://huggingface.co/api", "without https"),
        ("https://huggingface.co.evil.example/", "elsewhere: huggingface.co.evil.example"),
        ("https://huggingface.co@evil.example/", "elsewhere: evil.example"),
        ("http://127.0.0.1/", "elsewhere: 127.0.0.1"),
    ],
)
def test_a_public_service_leads_nowhere_else(location: str, why: str) -> None:
    with pytest.raises(SourceError, match=why):
        redirected(DAILY, location)


@pytest.mark.parametrize("base", ["http://127.0.0.1:8080/a", "http://localhost:8080/a", "http://[::1]:8080/a"])
def test_loopback_needs_no_https(base: str) -> None:
    assert redirected(URL(base), "/b").path == "/b"


def test_a_message_never_shows_a_login() -> None:
    assert host(URL("https://alice:secret@huggingface.co:8443/")) == "huggingface.co:8443"
