"""Which addresses are asked at all."""

from __future__ import annotations

import pytest

from corpus.fetching import FetchError
from corpus.fetching.addresses import checked_url, is_public, spelt_address


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104  # refused here
        "0.1.2.3",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:0:1::1",
        "2001:db8::1",
        "100::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0", "0.0.0.0"),  # noqa: S104
        ("127.0.0.1.", "127.0.0.1"),
        ("[::1]", "::1"),
        ("example.org", None),
        ("127.0.0.1.example.org", None),
        ("", None),
    ],
)
def test_hosts_that_spell_an_address(host: str, address: str | None) -> None:
    assert spelt_address(host) == address


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://example.org/feed", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("gopher://example.org", "only http and https"),
        ("example.org/feed", "only http and https"),
        ("", "only http and https"),
        ("http://", "names no host"),
        ("http:///feed", "names no host"),
        ("http://user:secret@example.org/", "name or password"),
        ("http://127.0.0.1@example.org/", "name or password"),
        ("http://example.org:22/", "port 22"),
        ("http://example.org:6667/", "port 6667"),
        ("http://example.org:0/", "port 0"),
        ("http://example.org:99999/", "port 99999"),
        ("http://exa mple.org/", "no name of a host"),
        ("http://exa%00mple.org/", "no name of a host"),
        ("http://[::1/", "no address"),
        ("http://example.org/\r\nHost: other", "no address"),
        ("http://" + "a" * 5000, "longer than"),
        ("http://\ud800.org/", "no address"),
    ],
)
def test_addresses_that_are_refused_as_they_are_written(url: str, problem: str) -> None:
    with pytest.raises(FetchError, match=problem) as caught:
        checked_url(url)
    assert caught.value.kind == "url"


def test_an_address_is_put_in_order() -> None:
    assert str(checked_url(" HTTP://Exämple.org:80/a b?q=é#part ")) == "http://xn--exmple-cua.org/a%20b?q=%C3%A9"
