"""Following feeds: what a round indexes, what it costs, what it survives."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpus.errors import SourceError
from corpus.fetching import Fetcher, FetchOptions
from indexer.build import build
from indexer.encoder import Encoder
from indexer.errors import IndexDamaged
from indexer.facts import Facts
from indexer.generation import Generation, current_name
from indexer.lock import building
from indexer.naming import CURRENT, FOLDER
from indexer.watch import Watch
from tests.website import Page, Website

RSS = {"Content-Type": "application/rss+xml"}
Watcher = Callable[..., Watch]


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as opened:
        yield opened


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(FetchOptions(allow_private=True, attempts=1, pause=0.0))


@pytest.fixture
def watcher(tmp_path: Path, encoder: Encoder, fetcher: Fetcher) -> Watcher:
    def made(*sources: str | Path, follow: bool = False, every: float = 60.0) -> Watch:
        return Watch(sources, tmp_path / "index", encoder=encoder, fetcher=fetcher, follow=follow, every=every)

    return made


def rss(*numbers: int, text: str = "Une nouvelle puce est annoncée.", etag: str = "") -> Page:
    items = "".join(
        f"<item><title>Titre {number}</title><link>/{number}</link><description>{text}</description></item>"
        for number in numbers
    )
    body = f"<rss version='2.0'><channel><title>Journal</title>{items}</channel></rss>"
    return Page(body.encode(), headers=RSS, etag=etag)


def titles(index_dir: Path) -> list[str]:
    generation = Generation.open(index_dir)
    try:
        rows = range(generation.manifest.articles)
        return sorted(article.title for article in generation.facts.articles(list(rows)).values())
    finally:
        generation.close()


def test_only_what_is_new_is_indexed_and_nothing_disappears(site: Website, watcher: Watcher, tmp_path: Path) -> None:
    site.pages["/feed"] = rss(1, 2, etag='"1"')
    watch = watcher(f"{site.url}/feed")
    first = watch.round()
    assert (first.read, first.new, first.changed, first.published) == (1, 2, 0, True)
    second = watch.round()
    assert (second.unchanged, second.new, second.published, second.build) == (1, 0, False, first.build)
    site.pages["/feed"] = rss(2, 3, etag='"2"')
    third = watch.round()
    assert (third.unchanged, third.new, third.changed, third.published) == (0, 1, 0, True)
    assert titles(tmp_path / "index") == ["Titre 1", "Titre 2", "Titre 3"]
    site.pages["/feed"] = rss(3, text="Une nouvelle puce est retirée.", etag='"3"')
    fourth = watch.round()
    assert (fourth.new, fourth.changed) == (0, 1)
    assert titles(tmp_path / "index") == ["Titre 1", "Titre 2", "Titre 3"]


def test_a_feed_without_an_etag_costs_no_build_either(site: Website, watcher: Watcher, tmp_path: Path) -> None:
    site.pages["/feed"] = rss(1)
    watch = watcher(f"{site.url}/feed")
    watch.round()
    with building(tmp_path / "index"):  # a build would find it busy
        done = watch.round()
    assert (done.unchanged, done.trouble) == (1, "")


def test_failing_feeds_are_reported_and_left_alone_for_a_while(site: Website, watcher: Watcher) -> None:
    site.pages |= {
        "/good": rss(1),
        "/bad": Page(status=404),
        "/busy": Page(status=429, headers={"Retry-After": "7200"}),
    }
    watch = watcher(*(site.url + path for path in ("/bad", "/busy", "/good")), "http://10.0.0.1:1/feed", every=60.0)
    first = watch.round()
    failures = {f"{site.url}/bad": "http-404", f"{site.url}/busy": "http-429", "http://10.0.0.1:1/feed": "url"}
    assert (first.failures, first.new, first.resting) == (failures, 1, 0)
    second = watch.round()
    assert (second.read, second.resting) == (3, 1)  # the busy one is left alone for two hours, as it asked
    third = watch.round()
    assert (third.read, third.resting, third.failures) == (1, 3, {})
    assert (site.asked("/bad"), site.asked("/busy"), site.asked("/good")) == (2, 1, 3)


def test_a_feed_that_recovers_counts_as_new(site: Website, watcher: Watcher) -> None:
    site.pages["/feed"] = Page(b"<html>We will be back</html>", 503)
    watch = watcher(f"{site.url}/feed")
    first = watch.round()
    assert (first.build, first.published, first.failures) == (None, False, {f"{site.url}/feed": "http-503"})
    site.pages["/feed"] = rss(1)
    assert watch.round().new == 1


def test_what_could_not_be_indexed_is_read_again(site: Website, watcher: Watcher, tmp_path: Path) -> None:
    site.pages["/feed"] = rss(1, etag='"1"')
    watch = watcher(f"{site.url}/feed")
    watch.round()
    site.pages["/feed"] = rss(1, 2, etag='"2"')
    with building(tmp_path / "index"):
        busy = watch.round()
    assert "is building in it" in busy.trouble
    assert (busy.new, busy.published) == (0, False)
    later = watch.round()
    assert (later.new, later.trouble) == (1, "")


def test_what_another_build_left_out_is_read_again(
    site: Website, watcher: Watcher, tmp_path: Path, encoder: Encoder
) -> None:
    """Rolled back, built afresh or deleted: "304, nothing new" would leave the articles out for good."""
    site.pages["/feed"] = rss(1, etag='"1"')
    watch = watcher(f"{site.url}/feed")
    first = watch.round()
    site.pages["/feed"] = rss(1, 2, etag='"2"')
    watch.round()
    (tmp_path / "index" / CURRENT).write_text(f"{first.build}\n")
    assert watch.round().new == 1
    (tmp_path / "a.txt").write_text("Tout autre chose.")
    build([tmp_path / "a.txt"], tmp_path / "index", encoder=encoder, quiet=True, fresh=True)
    assert watch.round().new == 2
    build([tmp_path / "a.txt"], tmp_path / "index", encoder=encoder, quiet=True)
    assert watch.round().unchanged == 1
    assert site.seen[-1].headers["if-none-match"] == '"2"'


def test_addresses_in_an_ordinary_build(site: Website, fetcher: Fetcher, tmp_path: Path, encoder: Encoder) -> None:
    site.pages["/feed"] = rss(1, 2, etag='"1"')
    (tmp_path / "a.txt").write_text("Tout autre chose.")
    sources = [tmp_path / "a.txt", f"{site.url}/feed"]

    def run(fresh: bool = False) -> tuple[int, int, bool]:
        done = build(sources, tmp_path / "index", encoder=encoder, quiet=True, fetcher=fetcher, fresh=fresh)
        return done.articles, done.embedded, done.published

    assert run() == (3, 3, True)
    assert run() == (3, 0, False)
    assert run(fresh=True) == (3, 0, True)
    alone = build([f"{site.url}/feed"], tmp_path / "index", encoder=encoder, quiet=True, fetcher=fetcher)
    assert (alone.read.read, alone.read.unchanged, alone.published) == (0, 2, False)


def test_an_address_that_fails_stops_a_build_or_is_counted(
    site: Website, fetcher: Fetcher, tmp_path: Path, encoder: Encoder
) -> None:
    site.pages["/feed"] = rss(1)
    sources = [f"{site.url}/feed", f"{site.url}/nothing"]
    with pytest.raises(SourceError, match="answered 404"):
        build(sources, tmp_path / "index", encoder=encoder, quiet=True, fetcher=fetcher)
    done = build(sources, tmp_path / "index", encoder=encoder, quiet=True, fetcher=fetcher, on_error="skip")
    assert (done.articles, done.read.by_kind) == (1, {"http-404": 1})
    with pytest.raises(SourceError, match="no article found in .*nothing .*answered 404"):
        build(sources[1:], tmp_path / "index", encoder=encoder, quiet=True, fetcher=fetcher, on_error="skip")


def test_dates_after_the_time_of_fetching_are_refused(
    site: Website, fetcher: Fetcher, tmp_path: Path, encoder: Encoder
) -> None:
    site.pages["/feed"] = Page(
        b"<rss version='2.0'><channel><title>J</title><item><title>T</title><description>Une puce.</description>"
        b"<pubDate>Fri, 01 Jan 2123 00:00:00 GMT</pubDate></item></channel></rss>",
        headers=RSS,
    )
    done = build([f"{site.url}/feed"], tmp_path / "index", encoder=encoder, quiet=True, fetcher=fetcher)
    assert done.read.warnings == {"future-date": 1}
    with closing(Facts(tmp_path / "index" / FOLDER / done.build / "passages.sqlite")) as facts:
        assert facts.articles([0])[0].published is None


def test_a_damaged_memory_costs_one_reading(site: Website, watcher: Watcher, tmp_path: Path) -> None:
    site.pages["/feed"] = rss(1, etag='"1"')
    watch = watcher(f"{site.url}/feed")
    first = watch.round()
    (tmp_path / "index" / "fetched.json").write_text('{"layout": 1, "basis"')
    second = watch.round()
    assert (second.new, second.published, second.build) == (0, False, first.build)
    assert json.loads((tmp_path / "index" / "fetched.json").read_text())["basis"] == first.build
    assert watch.round().unchanged == 1


def test_lists_are_read_anew_and_a_broken_one_counts_as_it_was(site: Website, watcher: Watcher, tmp_path: Path) -> None:
    site.pages |= {"/a": rss(1), "/b": rss(2)}
    file = tmp_path / "feeds.opml"
    outline = "<opml><body><outline xmlUrl='{0}/a'/>{1}</body></opml>"
    with pytest.raises(SourceError, match="cannot be read"):
        watcher(file)
    file.write_text("<opml><body>")
    with pytest.raises(SourceError, match="as OPML"):
        watcher(file)
    file.write_text(outline.format(site.url, ""))
    watch = watcher(file)
    assert watch.round().read == 1
    file.write_text(outline.format(site.url, f"<outline xmlUrl='{site.url}/b'/>"))
    assert watch.round().new == 1
    file.write_text("<opml><bo")
    broken = watch.round()
    assert (broken.read, broken.failures) == (2, {str(file): "opml"})


def test_files_are_read_when_they_change(watcher: Watcher, site: Website, tmp_path: Path) -> None:
    site.pages["/feed"] = rss(1)
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.txt").write_text("Une note.")
    watch = watcher(f"{site.url}/feed", notes)
    assert watch.round().new == 2
    with building(tmp_path / "index"):
        assert watch.round().trouble == ""
    (notes / "b.txt").write_text("Une autre note.")
    assert watch.round().new == 1
    # A note that is no text keeps nobody from the rest.
    (notes / "c.txt").write_bytes(b"\xff\xff")
    site.pages["/feed"] = rss(2)
    assert watch.round().new == 1


def test_a_damaged_index_ends_it(site: Website, watcher: Watcher, tmp_path: Path) -> None:
    site.pages["/feed"] = rss(1)
    watch = watcher(f"{site.url}/feed")
    watch.round()
    site.pages["/feed"] = rss(2)
    index = tmp_path / "index"
    (index / FOLDER / current_name(index) / "vectors.faiss").write_bytes(b"")
    with pytest.raises(IndexDamaged, match="vectors.faiss"):
        watch.round()


def test_it_runs_until_it_is_told_to_stop(site: Website, watcher: Watcher) -> None:
    site.pages["/feed"] = rss(1, etag='"1"')
    stop = threading.Event()
    rounds = []

    def on_round(done: object) -> None:
        rounds.append(done)
        if len(rounds) == 3:
            stop.set()

    watcher(f"{site.url}/feed", every=0.01).run(on_round, stop)
    assert len(rounds) == 3


def test_many_feeds_of_many_hosts(watcher: Watcher) -> None:
    with Website("127.0.0.2") as one, Website("127.0.0.3") as two:
        for site in (one, two):
            site.pages |= {f"/{n}": rss(n) for n in range(20)}
        addresses = [f"{site.url}/{n}" for n in range(20) for site in (one, two)]
        done = watcher(*addresses).round()
        assert (done.read, done.new, done.failures) == (40, 40, {})
