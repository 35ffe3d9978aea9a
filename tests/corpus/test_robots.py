"""robots.txt: what is allowed when it is there, is not, or cannot be had."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from corpus.fetching import Fetcher, FetchError, FetchOptions
from corpus.fetching.addresses import checked_url
from corpus.fetching.exchange import Answer
from corpus.fetching.robots import MOST_BYTES, MOST_HOSTS, Robots, Rules, parsed
from tests.website import Page, TurnedClock, Website


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as opened:
        opened.pages |= {"/news": Page(b"news"), "/private/a": Page(b"a")}
        yield opened


def fetcher(clock: TurnedClock) -> Fetcher:
    return Fetcher(FetchOptions(allow_private=True, attempts=1, pause=0.0), clock=clock)


def kind_of(opened: Fetcher, url: str) -> str:
    try:
        opened.fetch(url)
    except FetchError as error:
        return error.kind
    return "read"


def test_what_it_disallows_is_not_read(site: Website) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /private/\n")
    opened = fetcher(TurnedClock())
    assert [kind_of(opened, site.url + path) for path in ("/news", "/private/a")] == ["read", "robots"]
    assert site.asked("/robots.txt") == 1
    assert site.asked("/private/a") == 0


def test_a_redirect_is_held_to_the_rules_of_its_target(site: Website) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: Veille\nDisallow: /private/\n")
    site.pages["/out"] = Page(status=302, headers={"Location": "/private/a"})
    assert kind_of(fetcher(TurnedClock()), f"{site.url}/out") == "robots"
    assert site.asked("/private/a") == 0


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        (Page(status=404), "read"),
        (Page(status=403), "read"),
        (Page(status=500), "robots"),
        (Page(status=503), "robots"),
        (Page(status=429), "robots"),
        (Page(status=302, headers={"Location": "/robots.txt"}), "read"),
        (Page(status=302, headers={"Location": "/other"}), "robots"),
        (Page(b"\x00\xff\xfe<html>Disallow: /"), "read"),
        (Page(b""), "read"),
        (Page(b"User-agent: *\nDisallow: /news\n" + b"#" * MOST_BYTES), "robots"),
    ],
)
def test_what_it_may_be(site: Website, page: Page, outcome: str) -> None:
    site.pages |= {"/robots.txt": page, "/other": Page(b"User-agent: *\nDisallow: /\n")}
    assert kind_of(fetcher(TurnedClock()), f"{site.url}/news") == outcome


def test_it_is_remembered_for_a_day_and_a_failure_for_minutes(site: Website) -> None:
    clock = TurnedClock()
    opened = fetcher(clock)
    site.pages["/robots.txt"] = Page(status=500)
    assert kind_of(opened, f"{site.url}/news") == "robots"
    site.pages["/robots.txt"] = Page(b"")
    assert kind_of(opened, f"{site.url}/news") == "robots"
    clock.sleep(301)
    assert kind_of(opened, f"{site.url}/news") == "read"
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /\n")
    clock.sleep(23 * 3600)
    assert kind_of(opened, f"{site.url}/news") == "read"
    clock.sleep(2 * 3600)
    assert kind_of(opened, f"{site.url}/news") == "robots"


def test_hosts_without_end_are_not_all_remembered() -> None:
    asked: list[str] = []

    def get(place: httpx2.URL) -> Answer:
        asked.append(place.host)
        return Answer(place, 200, httpx2.Headers(), b"User-agent: *\nDisallow: /private")

    robots = Robots(get, TurnedClock())
    hosts = [f"a{number}.example" for number in range(MOST_HOSTS + 1)]
    for host in [*hosts, hosts[-1], hosts[0]]:
        assert not robots.of(checked_url(f"http://{host}/private")).allow(checked_url(f"http://{host}/private"))
    assert asked == [*hosts, hosts[0]]


def test_the_rules_for_veille_come_before_those_for_all() -> None:
    rules = Rules(
        parsed(
            b"User-agent: GoogleBot\r\nDisallow: /\r\n\r\n"
            b"User-Agent: veille # us\r\nUser-agent: other\r\nDisallow: /no*.html$\r\nCrawl-delay: 4\r\n\r\n"
            b"User-agent: *\r\nDisallow: /yes\r\n"
        )
    )
    allowed = [rules.allow(checked_url(f"http://x.org{path}")) for path in ("/yes", "/no/a.html", "/no/a.html5", "/")]
    assert allowed == [True, False, True, True]
    assert rules.delay == 4


def test_thousands_of_names_and_rules_take_no_time() -> None:
    names = b"".join(b"User-agent: a%d\n" % number for number in range(15000))
    rules = Rules(parsed(names + b"User-agent: *\n" + b"".join(b"Disallow: /%d\n" % number for number in range(15000))))
    assert not rules.allow(checked_url("http://x.org/14999/a"))
    assert rules.allow(checked_url("http://x.org/a"))
