"""The fetcher against a real server: which addresses it goes to, whatever they are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.fetching import Fetcher, FetchOptions
from tests.corpus.fetchers import error_of, patient
from tests.website import Page, TurnedClock, Website, self_signed


class Names:
    """A resolver with a table; counts what it is asked."""

    def __init__(self, **addresses: str) -> None:
        self.table = {name.replace("_", "."): found.split() for name, found in addresses.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.table[host]


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1", "http://inside.example", "http://2130706433", "http://[::ffff:7f00:1]"]
)
def test_a_redirect_into_a_private_network_is_refused(site: Website, clock: TurnedClock, place: str) -> None:
    site.pages["/feed"] = Page(status=302, headers={"Location": f"{place}:{site.port}/secret"})
    site.pages["/secret"] = Page(b"secret")
    names = Names(news_example="127.0.0.1", inside_example="127.0.0.1")
    options = FetchOptions(private_hosts=frozenset({"news.example"}))
    error = error_of(Fetcher(options, resolve=names, clock=clock), f"http://news.example:{site.port}/feed")
    assert error.kind == "private-address"
    assert site.asked("/feed") == 1
    assert site.asked("/secret") == 0


@pytest.mark.parametrize("addresses", ["127.0.0.1", "8.8.8.8 10.0.0.1", "2606:4700::1111 ::1", "169.254.169.254"])
def test_a_name_with_any_private_address_is_refused_before_connecting(clock: TurnedClock, addresses: str) -> None:
    names = Names(news_example=addresses)
    error = error_of(Fetcher(FetchOptions(), resolve=names, clock=clock), "https://news.example/feed")
    assert error.kind == "private-address"
    assert "news.example" in error.problem
    assert names.asked == ["news.example"]


def test_the_connection_goes_to_the_very_address_that_was_checked(clock: TurnedClock) -> None:
    with Website("127.0.0.2") as site:
        site.pages["/"] = Page(b"here")

        def turns(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return ["127.0.0.2"] if len(asked) % 2 else ["127.0.0.1"]

        asked: list[str] = []
        fetcher = Fetcher(FetchOptions(allow_private=True, attempts=1), resolve=turns, clock=clock)
        error = error_of(fetcher, f"http://news.example:{site.port}/")
        # The request for robots.txt went to the first answer, that for the page to the second, where nobody listens.
        assert error.kind == "connection"
        assert asked == ["news.example"] * 2
        (robots,) = site.seen
        assert (robots.path, robots.address) == ("/robots.txt", "127.0.0.2")
        assert robots.headers["host"] == f"news.example:{site.port}"


def test_the_next_address_is_tried_where_one_does_not_answer(clock: TurnedClock) -> None:
    with Website("127.0.0.2") as site:
        site.pages["/"] = Page(b"here")
        names = Names(news_example="127.0.0.3 127.0.0.2")
        fetcher = Fetcher(FetchOptions(allow_private=True), resolve=names, clock=clock)
        assert fetcher.fetch(f"http://news.example:{site.port}/").content == b"here"


def test_this_machine_is_refused_by_all_its_names(site: Website, clock: TurnedClock) -> None:
    site.pages["/"] = Page(b"secret")
    fetcher = Fetcher(FetchOptions(), clock=clock)
    for host in (
        "127.0.0.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "0",
        "0.0.0.0",  # noqa: S104  # refused here
        "127.1",
        "0x7f000001",
        "2130706433",
        "[::ffff:127.0.0.1]",
    ):
        assert error_of(fetcher, f"http://{host}:{site.port}/").kind == "private-address"
    assert site.seen == []


def test_a_certificate_is_checked_for_the_name_not_the_address(
    site: Website, clock: TurnedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = self_signed(tmp_path, "DNS:news.example")
    site.encrypt(certificate, key)
    site.pages["/"] = Page(b"encrypted")
    names = Names(news_example="127.0.0.1", other_example="127.0.0.1")

    def fetcher() -> Fetcher:
        return Fetcher(FetchOptions(allow_private=True, attempts=3), resolve=names, clock=clock)

    untrusted = error_of(fetcher(), f"https://news.example:{site.port}/")
    assert (untrusted.kind, untrusted.temporary, names.asked) == ("tls", False, ["news.example"])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetcher().fetch(f"https://news.example:{site.port}/").content == b"encrypted"
    assert error_of(fetcher(), f"https://other.example:{site.port}/").kind == "tls"
    assert error_of(fetcher(), f"https://127.0.0.1:{site.port}/").kind == "tls"
    assert error_of(fetcher(), f"http://news.example:{site.port}/").kind in {"protocol", "connection"}


def test_a_name_that_does_not_exist(clock: TurnedClock) -> None:
    assert error_of(patient(clock), "http://nothing.invalid/").kind == "name"


def test_a_port_that_nobody_listens_on(clock: TurnedClock) -> None:
    with Website() as gone:
        pass
    assert error_of(patient(clock, attempts=1), gone.url).kind == "connection"


def test_a_proxy_that_is_asked_for(site: Website, clock: TurnedClock) -> None:
    site.pages["http://news.example/feed"] = Page(b"through the proxy")
    fetcher = Fetcher(FetchOptions(proxy=site.url), clock=clock)
    assert fetcher.fetch("http://news.example/feed").content == b"through the proxy"
    for host in ("127.0.0.1", "localhost", "169.254.169.254", "0x7f.1"):
        assert error_of(fetcher, f"http://{host}/").kind == "private-address"


def test_proxies_of_the_environment_are_not_used(
    site: Website, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    site.pages["/"] = Page(b"direct")
    assert patient(clock).fetch(site.url).content == b"direct"
